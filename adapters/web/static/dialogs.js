// Where the clerk's answers go: the conversation, a card's place, a form or details in a dialog.
// `origin` is {card, dialog}: the card whose button led to the answer, and the dialog it was in; {typed: true}
// when it was typed.

import {drawn, refresh} from "./feed.js";
import {add, addCards, all, announce, elements, find, main, make, post, uuid, view} from "./page.js";

const log = find(".log"), formDialog = find("#form"), detailsDialog = find("#details"), leaveDialog = find("#leave");

export function show(answer, origin) {
  if (answer.target === "file") return announce(answer.say);  // what is open stays open
  const nodes = answer.target === "card" ? elements(answer.html) : [];
  if (origin.typed && formDialog.open) late(answer);
  else if (answer.target === "form") openForm(answer.html, origin);
  else if (answer.target === "errors") wrongForm(answer.html);
  else if (origin.dialog === formDialog && answer.target !== "card") openDetails(answer.html, origin);  // the form stays
  else if (answer.target === "details") {
    closeForm();
    openDetails(answer.html, origin);
  } else {
    closeForm();
    detailsDialog.close();
    if (answer.target === "card") redraw(nodes[0], origin);
    else {
      view("chat");
      addCards(answer.html);
    }
    refresh({own: true});
  }
  if (answer.say) announce(answer.say);
}

// An answer to what was typed before the form was opened: the form stays, with what stands in it.
function late(answer) {
  if (answer.target === "form") return announce("That form waits: finish or leave this one first, then ask for it again.");
  addCards(answer.html);
  if (find(".safety", log.lastElementChild)) openDetails(answer.html, {});
  else announce("The answer to your question stands in the conversation, behind this form.");
}

function redraw(card, origin) {
  const old = origin.card?.isConnected ? origin.card : drawn(origin.card?.dataset.key);
  if (!old) return addCards(card.outerHTML);
  old.replaceWith(card);
  card.focus();
}

async function press(button) {
  if (button.getAttribute("aria-disabled") === "true") return;
  if (button.dataset.action === "register_export") {  // a file, which the browser saves: the page stays
    location.assign(`${main.dataset.base}/register/${encodeURIComponent(button.dataset.target)}.csv`);
    return;
  }
  const dialog = button.closest("dialog"), card = button.closest(".card");
  const origin = dialog === detailsDialog ? {...detailsOrigin} : {card, dialog};
  button.setAttribute("aria-disabled", "true");
  find(":scope > .trouble", button.parentElement)?.remove();
  const {action, target, version} = button.dataset;
  const event = {kind: "pressed", id: uuid(), action, target, version: Number(version)};
  const answer = await post(event).catch((error) => {
    const words = make("p", "trouble", error.message);
    words.setAttribute("role", "alert");
    button.parentElement.append(words);
  });
  button.removeAttribute("aria-disabled");
  if (!answer) return;
  if (answer.target === "form" && dialog === formDialog) {  // one form leads to another
    if (touched && !await mayLeave()) return;
    closeForm();
    Object.assign(origin, {card: formOrigin.card, dialog: null});
  }
  if (answer.target === "form" && dialog === detailsDialog) detailsDialog.close();
  if (answer.target === "log" && log.contains(button)) add(make("p", "did", `You chose “${button.textContent}”`));
  show(answer, origin);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.action) press(button);
  else if (button.dataset.show) view(button.dataset.show);
  else if ("close" in button.dataset && button.closest("dialog") === formDialog) leaveForm();
  else if ("close" in button.dataset) button.closest("dialog").close();
});

/* Details */

let detailsOrigin = {};
function openDetails(html, origin) {
  if (!detailsDialog.open) detailsOrigin = origin;
  const sheet = find(".sheet", detailsDialog);
  sheet.replaceChildren(...elements(html));
  detailsDialog.setAttribute("aria-label", find("h3", sheet)?.textContent || "Details");
  if (!detailsDialog.open) detailsDialog.showModal();
  find(".card", sheet)?.focus({preventScroll: true});  // a card taller than the window begins at its title
  detailsDialog.scrollTop = 0;
}

/* Forms. One id from opening to closing; what was typed survives every redrawing. */

let formId = "", formOrigin = {}, touched = false, sending = false, changes = Promise.resolve(), changeCount = 0;
const sheet = find(".sheet", formDialog);
const openedForm = () => find("form", sheet);

const ticked = (input) => input.type === "radio" || input.type === "checkbox";

// What is filled in: input id to a list of strings. A detail whose option is not chosen does not count.
function values(form) {
  const found = {};
  for (const input of all("[name^='v:']", form)) {
    const detail = input.closest(".detail");
    if ((ticked(input) && !input.checked) || (detail && !find("input", detail.parentElement).checked)) continue;
    const entries = input.dataset.lines ? input.value.split("\n").map((line) => line.trim()) : [input.value];
    (found[input.name.slice(2)] ??= []).push(...entries.filter((entry) => entry.trim()));
  }
  return found;
}

// Draw the form anew around what is typed in it, and where. Returns a card above it that is new.
function redrawForm(html) {
  const cards = all(".before .card", sheet).map((card) => card.dataset.key), typed = new Map(), groups = new Set();
  const {id, selectionStart, selectionEnd} = document.activeElement, scrolled = formDialog.scrollTop;
  for (const input of all("[name^='v:']", sheet)) {
    typed.set(input.id, ticked(input) ? input.checked : input.value);
    groups.add(input.name);
  }
  sheet.replaceChildren(...elements(html));
  for (const input of all("[name^='v:']", sheet)) {
    if (!groups.has(input.name)) continue;  // it was not there before: as the clerk filled it
    if (ticked(input)) input.checked = typed.get(input.id) ?? false;
    else input.value = typed.get(input.id) ?? input.value;
  }
  formDialog.setAttribute("aria-label", find("h2", sheet).textContent);
  formDialog.scrollTop = scrolled;
  const news = all(".before .card", sheet).find((card) => !cards.includes(card.dataset.key));
  const focused = news || (id && document.getElementById(id));  // what is urgent is seen and read first
  if (focused) focused.focus();
  if (focused && !news && selectionStart != null) focused.setSelectionRange(selectionStart, selectionEnd);
  return news;
}

function openForm(html, origin) {
  if (formDialog.open) {  // what lies over it stays: an urgent card that has just come
    const news = redrawForm(html);
    if (sending) startOf(news);  // the next step of it
    return;
  }
  detailsDialog.close();
  formId = uuid();
  formOrigin = {card: origin.card, dialog: origin.dialog};
  touched = false;
  sheet.replaceChildren();
  formDialog.showModal();
  redrawForm(html);
  startOf(find(".before .card", sheet));
}

function startOf(card) {
  const quick = matchMedia("(pointer: fine)").matches && !find(".intro", sheet);
  const first = quick && find("[name^='v:']:not([type='radio'], [type='checkbox'])", sheet);
  formDialog.scrollTop = 0;
  (card || find(".summary", sheet) || (first === find("[name^='v:']", sheet) && first) || find("h2", sheet)).focus();
}

function wrongForm(html) {
  redrawForm(html);
  find(".summary", sheet)?.focus();
}

function closeForm() {
  touched = false;
  if (formDialog.open) formDialog.close();
}

// Ask before what was typed is lost. `close` comes late, perhaps when it is being asked again.
let decide = null;
function mayLeave() {
  if (leaveDialog.open) return Promise.resolve(false);
  leaveDialog.showModal();
  return new Promise((decided) => { decide = decided; });
}

function decided(leave) {
  leaveDialog.close();
  decide?.(leave);
  decide = null;
}

leaveDialog.addEventListener("click", (event) => {
  if (event.target.closest("[data-stay], [data-leave]")) decided(Boolean(event.target.closest("[data-leave]")));
});
leaveDialog.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  event.preventDefault();
  decided(false);
});
leaveDialog.addEventListener("close", () => {
  if (!leaveDialog.open) decided(false);
});

async function leaveForm() {
  if (!sending && (!touched || await mayLeave())) closeForm();
}

async function changed(form) {
  const mine = ++changeCount, {form: name, state} = form.dataset;
  const event = {kind: "changed", id: uuid(), form: name, state, values: values(form)};
  const answer = await post(event).catch((error) => trouble(error.message));
  if (answer && mine === changeCount && formDialog.open) show(answer, formOrigin);
}

async function submit() {
  if (sending) return;
  sending = true;
  find("[type='submit']", sheet).setAttribute("aria-disabled", "true");
  await changes;
  if (formDialog.open) {  // else what was changed ended it
    const {form: name, state} = openedForm().dataset;
    const event = {kind: "submitted", id: formId, form: name, state, values: values(openedForm())};
    const answer = await post(event).catch((error) => trouble(error.message));
    if (answer) show(answer, formOrigin);
  }
  sending = false;
  find("[type='submit']", sheet)?.removeAttribute("aria-disabled");
}

function trouble(words) {
  const line = find("form > .trouble", sheet);
  if (!line) return;
  line.textContent = words;
  line.hidden = false;
  line.scrollIntoView({block: "nearest"});
}

sheet.addEventListener("input", (event) => {
  touched = true;
  const most = Number(event.target.dataset.most), {length} = event.target.value;
  if (!most) return;
  const field = event.target.closest(".field"), [now, limit] = [length, most].map((n) => n.toLocaleString("en-GB"));
  find(".count", field)?.remove();
  if (length > most * 0.9) field.append(make("p", "hint count", `${now} of at most ${limit} characters`));
});
sheet.addEventListener("change", (event) => {
  if (event.target.dataset.refreshes) changes = changed(openedForm());
});
sheet.addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
});
sheet.addEventListener("click", (event) => {
  const link = event.target.closest(".summary a");
  if (!link) return;
  event.preventDefault();
  const field = document.getElementById(link.hash.slice(1));
  (field?.tagName === "FIELDSET" ? find("input:checked", field) || find("input", field) : field)?.focus();
});
formDialog.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.isComposing) return;
  event.preventDefault();  // or the browser closes it
  leaveForm();
});
formDialog.addEventListener("close", () => {
  if (formDialog.open) return;  // opened again since
  if (touched) {  // closed by the browser, a phone's back gesture for one: nothing is lost unasked
    formDialog.showModal();
    leaveForm();
  } else goBack(formOrigin);
});
detailsDialog.addEventListener("close", () => goBack(detailsOrigin));

// The browser returns focus to what opened a dialog, unless that has been drawn anew meanwhile.
function goBack({card}) {
  if (card && !card.isConnected) (drawn(card.dataset.key) || find("#say")).focus();
}

addEventListener("beforeunload", (event) => {
  if (touched || find(".mine .trouble")) event.preventDefault();
});
