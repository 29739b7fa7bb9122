// Signing in, by the link that brought somebody here or by a code. A link's token stands after the #, so it
// has reached no server and no log; it is taken off the address at once, and spent when the button is pressed.

const find = (selector) => document.querySelector(selector);
const TOKEN = /^#[\w-]{20,100}$/, token = TOKEN.test(location.hash) ? location.hash.slice(1) : "";
const form = find(".signing"), trouble = find(".trouble"), button = find(".signing [type='submit']");
const EMERGENCY = "If a child is in danger, do not wait for this page: call 999, then find your safeguarding lead.";

find(".left").hidden = location.hash !== "#signed-out";
if (token || location.hash === "#signed-out") history.replaceState(null, "", location.pathname);
if (token) {
  for (const part of document.querySelectorAll("[data-by]")) part.hidden = part.dataset.by !== "link";
  find("#signing-in").scrollIntoView({block: "nearest"});
  button.focus();
}

function say(words) {
  trouble.hidden = false;
  trouble.textContent = words;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (button.getAttribute("aria-disabled") === "true") return;
  const own = find("#own").checked, email = find("#email").value.trim(), code = find("#code").value.trim();
  if (!token && !(email && code)) return say("Please give your e-mail address and the code.");
  button.setAttribute("aria-disabled", "true");
  trouble.hidden = true;
  try {
    const response = await fetch("/sign-in", {
      method: "POST",
      headers: {"Content-Type": "application/json"},
      body: JSON.stringify(token ? {token, own} : {email, code, own}),
      signal: AbortSignal.timeout(30000),
    });
    const answer = await response.json();
    if (response.ok) return location.replace(answer.to);
    say(answer.error);
  } catch {
    say(`The clerk cannot be reached. ${EMERGENCY}`);
  }
  button.removeAttribute("aria-disabled");
});

// Another link was followed in this window, or the page came out of the browser's memory.
addEventListener("hashchange", () => TOKEN.test(location.hash) && location.reload());
addEventListener("pageshow", (event) => event.persisted && location.reload());
