// The clerk's page: the conversation and the commands. It decides nothing: it sends what a person
// does, and `dialogs.js` puts the clerk's answer where it belongs.

import "./feed.js";
import {show} from "./dialogs.js";
import {add, all, find, make, post, uuid, view} from "./page.js";

const say = find("#say"), commands = find("#commands"), forms = find("#forms"), menu = find("#menu");

/* The conversation */

async function speak(event, bubble) {
  const waits = make("p", "turn waits", "The clerk is looking …");
  const late = setTimeout(() => add(waits), 400);
  const answer = await post(event).catch((error) => notSent(event, bubble, error.message));
  clearTimeout(late);
  waits.remove();
  if (answer) show(answer, {typed: true});
}

function notSent(event, bubble, words) {
  const trouble = make("div", "trouble"), buttons = make("div", "buttons");
  const again = make("button", "button primary", "Try again"), edit = make("button", "button plain", "Change it");
  const said = make("p", "", `Not sent. ${words}`);
  again.type = edit.type = "button";
  again.onclick = () => {
    trouble.remove();
    say.focus();
    speak(event, bubble);
  };
  edit.onclick = () => {
    say.value = [event.text, say.value].filter(Boolean).join("\n");
    bubble.remove();
    say.focus();
  };
  buttons.append(again, edit);
  trouble.append(said, buttons);
  bubble.append(trouble);
  trouble.scrollIntoView({block: "nearest"});
}

function send(text, shown = text) {
  if (!text.trim() || text.trim() === "/") return;
  const bubble = make("div", "mine"), words = make("p", "", shown);
  words.dir = "auto";
  bubble.append(words);
  say.value = "";
  offer();
  view("chat");
  add(bubble);
  speak({kind: "said", id: uuid(), text}, bubble);
}

/* Commands: a list while a slash is typed, and a menu for those who need no slash */

const expanded = (control, list, open) => {
  control.setAttribute("aria-expanded", String(open));
  list.hidden = !open;
};
const offered = () => all(".choice", commands).filter((choice) => !choice.hidden);
const current = () => find("[aria-selected='true']", commands);

function point(choice) {
  for (const other of all(".choice", commands)) other.setAttribute("aria-selected", String(other === choice));
  if (choice) {
    say.setAttribute("aria-activedescendant", choice.id);
    choice.scrollIntoView({block: "nearest"});
  } else say.removeAttribute("aria-activedescendant");
}

function offer() {
  const typed = /^\/(\S*)$/.exec(say.value)?.[1].toLowerCase();
  for (const choice of all(".choice", commands)) {
    const words = `${choice.dataset.command} ${find("b", choice).textContent}`.toLowerCase();
    const starts = [words, ...words.split(/[\s-]+/)].some((word) => word.startsWith(typed));
    choice.hidden = typed === undefined || !starts;
  }
  const starts = offered().find((choice) => choice.dataset.command.startsWith(typed));
  expanded(say, commands, offered().length > 0);
  if (!commands.hidden) expanded(menu, forms, false);
  point(typed ? starts || offered()[0] : null);
}

say.addEventListener("input", offer);
say.addEventListener("blur", () => expanded(say, commands, false));
say.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  const list = commands.hidden ? [] : offered();
  if (list.length && ["ArrowDown", "ArrowUp"].includes(event.key)) {
    const step = event.key === "ArrowDown" ? 1 : -1, at = list.indexOf(current());
    point(list[at < 0 && step < 0 ? list.length - 1 : (at + step + list.length) % list.length]);
  } else if (list.length && event.key === "Escape") {
    expanded(say, commands, false);
    point(null);
  } else if (list.length && event.key === "Tab" && !event.shiftKey && current()) {
    say.value = `/${current().dataset.command} `;
    offer();
  } else if (event.key === "Enter" && !event.shiftKey) {
    send(list.length && current() ? `/${current().dataset.command}` : say.value);
  } else return;
  event.preventDefault();
});
commands.addEventListener("mousedown", (event) => {
  event.preventDefault();  // the composer keeps its focus
  const choice = event.target.closest(".choice");
  if (choice) send(`/${choice.dataset.command}`);
});
find(".composer").addEventListener("submit", (event) => {
  event.preventDefault();
  send(say.value);
  say.focus();
});
menu.addEventListener("click", () => {
  expanded(menu, forms, forms.hidden);
  if (!forms.hidden) find("button", forms)?.focus();
});
forms.addEventListener("click", (event) => {
  const choice = event.target.closest(".choice");
  if (!choice) return;
  const draft = say.value;
  expanded(menu, forms, false);
  menu.focus();
  send(`/${choice.dataset.command}`, find("b", choice).textContent);
  say.value = draft;
});
forms.addEventListener("keydown", (event) => {
  const list = all(".choice", forms), at = list.indexOf(document.activeElement);
  const to = {ArrowDown: at + 1, ArrowUp: at - 1 + list.length, Home: 0, End: list.length - 1}[event.key];
  if (event.key === "Escape") {
    expanded(menu, forms, false);
    menu.focus();
  } else if (to === undefined) return;
  else list[to % list.length].focus();
  event.preventDefault();
});
document.addEventListener("click", (event) => {
  if (!event.target.closest("#menu, #forms")) expanded(menu, forms, false);
});
