// The waveform over the player: both sides, a click leads there, keys and speeds. Without it the browser's
// own player does the same, less comfortably.
"use strict";
(() => {
  const sound = document.getElementById("sound");
  const wave = document.getElementById("wave");
  const moment = document.getElementById("moment");
  if (!sound || !wave) return;

  const shade = (name) => {
    const probe = document.createElement("i");
    probe.className = name;
    wave.append(probe);
    const found = getComputedStyle(probe).color;
    probe.remove();
    return found;
  };
  const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
  const seek = (seconds) => { sound.currentTime = Math.max(0, seconds); };

  fetch(wave.dataset.peaks, { headers: { Accept: "application/json" } })
    .then((answer) => (answer.ok ? answer.json() : Promise.reject(answer.status)))
    .then(({ seconds, left, right }) => {
      wave.hidden = false;
      const drawn = WaveSurfer.create({
        container: wave,
        media: sound,
        peaks: [left.map((part) => part / 100), right.map((part) => part / 100)],
        duration: seconds,
        splitChannels: [
          { waveColor: shade("wave-left"), progressColor: shade("wave-left-played") },
          { waveColor: shade("wave-right"), progressColor: shade("wave-right-played") },
        ],
        cursorColor: shade("wave-cursor"),
        height: 56,
        barWidth: 2,
        barGap: 1,
        barRadius: 2,
        normalize: true,
        dragToSeek: true,
        cspNonce: wave.dataset.nonce,
      });
      const heard = (side) => Math.round((100 * side.filter((part) => part > 3).length) / Math.max(1, side.length));
      wave.setAttribute("role", "img");
      wave.setAttribute("aria-label", `${wave.dataset.label} ${wave.dataset.left} ${heard(left)} %, ${wave.dataset.right} ${heard(right)} %`);
      for (const at of wave.dataset.marks.split(" ").filter(Boolean)) {
        const flag = document.createElement("span");
        flag.className = "flag";
        wave.append(flag);
        flag.style.left = `${(100 * Number(at)) / 1000 / seconds}%`;
      }
      drawn.on("interaction", () => { if (sound.paused) sound.play().catch(() => {}); });
    })
    .catch(() => { wave.hidden = true; });

  const speeds = document.querySelector(".speeds");
  speeds.hidden = false;
  document.querySelector(".keys").hidden = false;
  speeds.addEventListener("click", (event) => {
    const chosen = event.target.closest("[data-speed]");
    if (!chosen) return;
    sound.playbackRate = Number(chosen.dataset.speed);
    for (const button of speeds.children) button.setAttribute("aria-pressed", String(button === chosen));
  });

  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-seek]");
    if (!link) return;
    event.preventDefault();
    seek(Number(link.dataset.seek));
    sound.play().catch(() => {});
  });

  let typed = false;
  moment?.addEventListener("input", () => { typed = true; });
  sound.addEventListener("timeupdate", () => { if (moment && !typed) moment.value = clock(sound.currentTime); });

  document.addEventListener("keydown", (event) => {
    if (event.target.closest("input, textarea, select, button, a, summary, audio") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === " ") { event.preventDefault(); if (sound.paused) sound.play().catch(() => {}); else sound.pause(); }
    else if (event.key === "ArrowLeft") seek(sound.currentTime - 5);
    else if (event.key === "ArrowRight") seek(sound.currentTime + 5);
    else if (event.key === "m" && moment) { event.preventDefault(); document.querySelector(".note [name=text]").focus(); }
  });
})();
