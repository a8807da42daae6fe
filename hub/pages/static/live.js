// Renews the texts and states of a page every two seconds; says so when that fails, and goes to the log-in when it is over.
"use strict";
const area = document.getElementById("live");
const notice = document.getElementById("notice");
const PAUSE = 2000;

function say(text, failed) {
  if (notice.textContent !== text) notice.textContent = text;
  notice.classList.toggle("failed", failed);
}

function show(told) {
  for (const place of area.querySelectorAll("[data-live]")) {
    const text = told.texts[place.dataset.live];
    if (text !== undefined && place.textContent !== text) place.textContent = text;
    const state = told.states[place.dataset.live];
    if (state !== undefined) place.setAttribute("class", (place.ownerSVGElement ? "state " : "mark ") + state);
  }
  for (const place of area.querySelectorAll("[data-state]")) place.dataset.is = told.states[place.dataset.state];
}

async function renew() {
  try {
    const answer = await fetch(area.dataset.from, { cache: "no-store" });
    if (answer.status === 401) return location.assign("/login?ended");
    if (!answer.ok) throw new Error();
    const told = await answer.json();
    say(told.notice.text, told.notice.failed);
    if (told.shape !== undefined && told.shape !== area.dataset.shape) return location.reload();
    if (told.texts) show(told);
    document.dispatchEvent(new Event("renewed"));
  } catch {
    say(notice.dataset.unreachable, true);
  }
  setTimeout(renew, PAUSE);
}

setTimeout(renew, PAUSE);
