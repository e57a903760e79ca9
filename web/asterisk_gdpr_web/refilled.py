"""A form that is refused, as it was sent: what was typed stays, and what is wrong is said beside it.

A page is drawn as it always is. Then the form that was sent is found in it, by its address, its hidden fields
and its button; its fields are given back what they held (never passwords, codes and files), the one that is
wrong is marked, explained and focused, and the message at the top leads to it. So no page has to think of it,
and none can forget a field (`tests/web/test_typed.py` goes through all of them).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

from markupsafe import Markup
from werkzeug.datastructures import MultiDict

SUMMARY = "faults"
"""The id of the message at the top of a page (`bits.notice`)."""

_WORDS, _FIELD = "fault", "fault-at"
"""The ids of what is said beside a field, and of a field that has none of its own."""

_BESIDE = Markup('<small id="{}" class="fault">{}</small>')
_ATTRIBUTE, _BARE = Markup(' {}="{}"'), Markup(" {}")
_LINK = Markup('<a href="#{}">{}</a>')

_UNTYPED = frozenset({"hidden", "submit", "button", "reset", "image"})
_SECRET = frozenset({"password", "file"})
_TICKED = frozenset({"radio", "checkbox"})

_WORDY = ("text", "comment", "reference", "why", "asked", "contact")
"""Fields into which people write sentences."""

Changes = dict[str, str | None]
"""Attributes as they are to be; None: gone."""


@dataclass
class _Tag:
    """A start tag where it stands in the page."""

    name: str
    start: int
    end: int
    attributes: dict[str, str]

    def changed(self, more: Changes) -> Markup:
        """How it is written then."""
        shown = {**self.attributes, **more}.items()
        there = [(name, value) for name, value in shown if value is not None]
        kept = [(_ATTRIBUTE if value else _BARE).format(name, value) for name, value in there]
        return Markup("<{}{}>").format(self.name, Markup("").join(kept))


@dataclass
class _Field:
    """A field of a form: its tag, what it holds, and where something may stand beside it."""

    tag: _Tag
    beside: int
    within: tuple[int, int] = (0, 0)
    options: list[tuple[_Tag, str]] = field(default_factory=list)

    @property
    def name(self) -> str:
        """What it is called."""
        return self.tag.attributes.get("name") or ""

    @property
    def kind(self) -> str:
        """Its type, or what it is."""
        return self.tag.attributes.get("type") or ("text" if self.tag.name == "input" else self.tag.name)

    @property
    def typed(self) -> bool:
        """Whether a person fills it in."""
        return bool(self.name) and self.kind not in _UNTYPED

    @property
    def kept(self) -> bool:
        """Whether it is given back what was typed: no password and no code is sent out again."""
        code = self.tag.attributes.get("autocomplete") == "one-time-code"
        return self.typed and self.kind not in _SECRET and not code


@dataclass
class _Form:
    """A form: where it goes, what unfolds to it, its fields, and what its buttons say."""

    action: str
    around: list[_Tag]
    fields: list[_Field] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def sent(self, action: str, said: MultiDict[str, str]) -> bool:
        """Whether it is the one that was sent: what a person cannot change in it is as it was."""
        fixed = [each.tag.attributes for each in self.fields if each.kind == "hidden"]
        named = [(each.get("name") or "", each.get("value") or "") for each in fixed]
        pressed = {name for name, _ in self.buttons if name in said}
        return (
            self.action == action
            and all(said.get(name) == value for name, value in named if name != "csrf_token")
            and all((name, said[name]) in self.buttons for name in pressed)
        )


class _Reader(HTMLParser):
    """Reads a page of ours into its forms, each tag with its place."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self._page, self._lines = page, [0]
        for line in page.split("\n"):  # as the parser counts them
            self._lines.append(self._lines[-1] + len(line) + 1)
        self._details: list[_Tag] = []
        self._open: _Field | None = None
        self._legend: list[int] = []
        self._in_form = False
        self._in_summary: _Tag | None = None
        self.forms: list[_Form] = []
        self.summary: tuple[_Tag, int] | None = None
        self.focused: list[_Tag] = []
        self.feed(page)

    def _here(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        start = self._here()
        found = _Tag(tag, start, start + len(self.get_starttag_text() or ""), {})
        found.attributes.update((name, value or "") for name, value in attrs)
        if "autofocus" in found.attributes:
            self.focused.append(found)
        if tag == "details":
            self._details.append(found)
        elif tag == "form":
            self.forms.append(_Form(found.attributes.get("action") or "", list(self._details)))
            self._in_form = True
        elif found.attributes.get("id") == SUMMARY:
            self._in_summary = found
        elif self._in_form:
            self._part_of_form(found)

    def _part_of_form(self, tag: _Tag) -> None:
        form = self.forms[-1]
        if tag.name in ("input", "select", "textarea"):
            made = _Field(tag, tag.end, (tag.end, tag.end))
            form.fields.append(made)
            if made.kind in _TICKED and self._legend:
                made.beside = self._legend[-1]
            self._open = made if tag.name != "input" else None
        elif tag.name == "option" and self._open:
            self._open.options.append((tag, ""))
        elif tag.name == "button":
            form.buttons.append((tag.attributes.get("name") or "", tag.attributes.get("value") or ""))
        elif tag.name == "fieldset":
            self._legend.append(tag.end)

    def handle_data(self, data: str) -> None:
        if self._open and self._open.options:
            option, words = self._open.options[-1]
            self._open.options[-1] = (option, words + data)

    def handle_endtag(self, tag: str) -> None:
        start = self._here()
        end = self._page.index(">", start) + 1
        if tag == "details" and self._details:
            self._details.pop()
        elif tag == "form":
            self._in_form = False
        elif tag == "legend" and self._legend:
            self._legend[-1] = end
        elif tag == "fieldset" and self._legend:
            self._legend.pop()
        elif tag in ("select", "textarea") and self._open:
            self._open.within, self._open.beside = (self._open.tag.end, start), end
            self._open = None
        elif self._in_summary and tag == self._in_summary.name:
            self.summary, self._in_summary = (self._in_summary, start), None


def refilled(
    page: str, action: str, said: MultiDict[str, str], message: str = "", about: Collection[str] = ()
) -> str:
    """Return the page with the form that was sent as it was, and the message beside what it is about.

    `about` names the fields that may be wrong: the first of them that the form has is the one, and focused;
    `points.*` is the first of these that nothing was said to. Without one the message at the top is focused.
    """
    read = _Reader(page)
    form = next((each for each in read.forms if each.sent(action, said)), None)
    if form is None:
        return _with(page, _apart(read, said))
    wrong = _wrong(form, said, about)
    changes = {(tag.start, tag.end): tag.changed({"open": ""}) for tag in form.around}
    for tag in read.focused:
        if tag.attributes.get("id") != SUMMARY:
            changes[tag.start, tag.end] = tag.changed({"autofocus": None})
    seen: dict[str, int] = {}
    for each in form.fields:
        more = _given_back(each, said, seen, changes) if each.kept else {}
        if each is wrong:
            more |= _marked(each)
            changes[each.beside, each.beside] = _BESIDE.format(_WORDS, message)
        elif "autofocus" in each.tag.attributes:
            more["autofocus"] = None
        if more:
            changes[each.tag.start, each.tag.end] = each.tag.changed(more)
    if wrong is not None and read.summary is not None:
        tag, end = read.summary
        to = wrong.tag.attributes.get("id") or _FIELD
        changes[tag.start, end] = tag.changed({"autofocus": None}) + _LINK.format(to, message)
    return _with(page, changes)


def _apart(read: _Reader, said: MultiDict[str, str]) -> dict[tuple[int, int], Markup]:
    """The words of a form that is not on the page any more: a call has ended, a recording is restricted."""
    words = [said[name] for name in _WORDY if said.get(name)]
    if read.summary is None or not words:
        return {}
    _, end = read.summary
    quoted = Markup(" · ").join(Markup("<q>{}</q>").format(each) for each in words)
    return {(end, end): Markup("<br>") + quoted}


def _wrong(form: _Form, said: MultiDict[str, str], about: Collection[str]) -> _Field | None:
    for name in about:
        for each in form.fields:
            unsaid = name == "points.*" and each.name.startswith("points.") and not said.get(each.name)
            if each.typed and (each.name == name or unsaid):
                return each
    return None


def _given_back(
    each: _Field, said: MultiDict[str, str], seen: dict[str, int], changes: dict[tuple[int, int], Markup]
) -> Changes:
    """What of its tag changes; what stands inside it goes to `changes`."""
    values = said.getlist(each.name)
    if each.kind in _TICKED:
        return {"checked": "" if (each.tag.attributes.get("value") or "on") in values else None}
    nth = seen.get(each.name, 0)
    seen[each.name] = nth + 1
    if nth >= len(values):
        return {}
    if each.tag.name == "select":
        for option, words in each.options:
            value = option.attributes.get("value")
            chosen = (words.strip() if value is None else value) == values[nth]
            changes[option.start, option.end] = option.changed({"selected": "" if chosen else None})
        return {}
    if each.tag.name == "textarea":
        changes[each.within] = Markup("\n") + values[nth]  # a browser takes one line break after the tag away
        return {}
    return {"value": values[nth]}


def _marked(each: _Field) -> Changes:
    attributes = each.tag.attributes
    described = f"{attributes.get('aria-describedby', '')} {_WORDS}".strip()
    more: Changes = {"aria-invalid": "true", "aria-describedby": described, "autofocus": ""}
    return {"id": _FIELD, **more, **({"id": attributes["id"]} if "id" in attributes else {})}


def _with(page: str, changes: Mapping[tuple[int, int], Markup]) -> str:
    pieces, at = [], 0
    for (start, end), words in sorted(changes.items()):
        pieces += [page[at:start], str(words)]
        at = end
    return "".join([*pieces, page[at:]])
