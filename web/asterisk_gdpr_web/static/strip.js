// A field whose words are kept is empty again, and still has the focus; what was typed since stays.
"use strict";
(() => {
  const sent = new WeakMap();
  document.addEventListener("htmx:beforeRequest", (event) => {
    const form = event.target.closest("form");
    for (const field of form?.elements ?? []) sent.set(field, field.value);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const field = event.target.closest("form")?.elements[event.detail.xhr.getResponseHeader("X-Kept") || " "];
    if (field && field.value === sent.get(field)) field.value = "";
  });
})();
