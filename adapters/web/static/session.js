// Being signed in: it ends by itself where nobody is at the keyboard, and here or everywhere at a press. Once it
// has ended, nothing of anybody's stays on the screen.

import {all, announce, ended, find, main} from "./page.js";

const idle = Number(main.dataset.idle) * 1000, warned = Math.min(90000, idle / 3), still = find("#still");
let active = Date.now(), told = active;

const tell = (path, body) => fetch(`/me/${path}`, {
  method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(body),
  signal: AbortSignal.timeout(30000),
});

async function here() {
  active = told = Date.now();
  const response = await tell("here", {}).catch(() => null);
  if (response?.status === 401) ended();
}

// Whoever types or points is there, and the server is told once in a while.
function alive() {
  if (still.open) return;
  active = Date.now();
  if (active - told > Math.min(30000, idle / 4)) here();
}
for (const kind of ["keydown", "pointerdown", "wheel"]) addEventListener(kind, alive, {passive: true});

function look() {
  const quiet = Date.now() - active;
  if (quiet >= idle) ended();
  else if (quiet >= idle - warned && !still.open) still.showModal();
}
setInterval(look, 1000);
addEventListener("focus", look);  // a computer that slept has missed its seconds
addEventListener("pageshow", (event) => event.persisted && location.reload());

still.addEventListener("close", here);
find("[data-still]", still).addEventListener("click", () => still.close());
for (const button of all("[data-sign-out]")) {
  button.addEventListener("click", async () => {
    const everywhere = button.dataset.signOut === "everywhere";
    const response = await tell("sign-out", {everywhere}).catch(() => null);
    if (response?.ok) ended();
    else announce("You could not be signed out, because the clerk cannot be reached. Try again, or close the browser.");
  });
}
