// What every part of the page uses: finding and making elements, speaking to the clerk, announcing.
// HTML comes from render.py alone, escaped there; what a person typed is only ever set as text.

export const find = (selector, root = document) => root.querySelector(selector);
export const all = (selector, root = document) => [...root.querySelectorAll(selector)];
export const main = find("main");

const log = find(".log");
const EMERGENCY = "If a child is in danger, do not wait for this page: call 999, then find your safeguarding lead.";
const UNREACHABLE = `The clerk cannot be reached. Nothing you typed is lost: try again in a moment. ${EMERGENCY}`;

// Once a message or form, so that sending it twice is noticed. A browser has no randomUUID on a
// plain-http address that is not this machine's own.
export function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = bytes[6] & 0x0f | 0x40;
  bytes[8] = bytes[8] & 0x3f | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

export function make(tag, className, text = "") {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

export function elements(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  return [...holder.content.children];
}

// Read these words out, politely, and show them for a moment; `unseen`: the page shows it otherwise.
const hush = {};
export function announce(words, {unseen = false} = {}) {
  const place = unseen ? ".news" : ".toast", line = make("p", "", words);
  line.dir = "auto";
  find(place).replaceChildren(line);
  clearTimeout(hush[place]);
  hush[place] = setTimeout(() => find(place).replaceChildren(), 8000);
}

// What happened -> the clerk's answer {target, html, say} (Drawn in render.py); a file is saved. Throws an Error to show.
export async function post(event) {
  let response;
  try {
    response = await fetch(`${main.dataset.base}/event`, {
      method: "POST",
      headers: {"Content-Type": "application/json"},
      body: JSON.stringify(event),
      signal: AbortSignal.timeout(30000),
    });
  } catch {
    throw new Error(UNREACHABLE);
  }
  const type = response.headers.get("Content-Type") || "";
  if (response.ok && type.startsWith("application/pdf")) return save(response);
  if (response.status === 401) ended();
  const answer = await response.json().catch(() => ({error: UNREACHABLE}));
  if (!response.ok) throw new Error(answer.error || UNREACHABLE);
  return answer;
}

// Whoever was signed in is not any more: nothing of theirs stays, and the way back leads nowhere.
export function ended() {
  document.body.replaceChildren();
  document.title = "Policy Clerk";
  location.replace("/sign-in#signed-out");
}

// A record to keep: it comes in the answer to a press, so that no address leads to it.
async function save(response) {
  const [, name] = response.headers.get("Content-Disposition").match(/filename="([^"]+)"/);
  const link = make("a", "");
  link.href = URL.createObjectURL(await response.blob());
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  return {target: "file", html: "", say: `${name} has been saved.`};
}

// On a phone one part is shown at a time: "chat" or "requests".
export function view(name) {
  main.dataset.view = name;
  for (const button of all(".switch button")) {
    button.setAttribute("aria-pressed", String(button.dataset.show === name));
  }
  document.dispatchEvent(new Event("viewed"));
}

// Add to the conversation, and bring it into view.
export function add(element) {
  log.append(element);
  element.scrollIntoView({block: "nearest"});
}

// Add the clerk's words; of an answer longer than the window, the question and the beginning are shown.
export function addCards(html) {
  const turn = make("div", "turn");
  turn.append(...elements(html));
  const asked = log.lastElementChild.matches(".mine, .did") ? log.lastElementChild : turn;
  log.append(turn);
  const tall = turn.getBoundingClientRect().bottom - asked.getBoundingClientRect().top > log.clientHeight;
  (tall ? asked : turn).scrollIntoView({block: tall ? "start" : "nearest"});
}
