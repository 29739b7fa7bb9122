// A person's requests, live. The server says when they have changed; the page fetches them and
// swaps what differs, so that focus stays where it was.

import {all, announce, elements, ended, find, main, make} from "./page.js";

const feed = find(".feed");

let fresh = 0, mark = main.dataset.mark, refreshing = false, next = null;
const title = document.title;

function countFresh(count) {
  const badge = find(".badge");
  fresh = count;
  document.title = fresh ? `(${fresh}) ${title}` : title;
  badge.hidden = !fresh;
  badge.textContent = fresh ? `${fresh} new` : "";
}

// Whether the person can see the requests now; if so, nothing in them is new for much longer.
function lookedAt() {
  const beside = getComputedStyle(find(".switch")).display === "none";
  const seen = document.hasFocus() && (beside || main.dataset.view === "requests");
  if (seen) {
    countFresh(0);
    for (const word of all(".fresh")) setTimeout(() => word.classList.add("read"), 20000);
  }
  return seen;
}
addEventListener("focus", lookedAt);
document.addEventListener("viewed", lookedAt);

// The drawing of this card that is on show now, if there is one.
export const drawn = (key) => all(".card", feed).find((card) => card.dataset.key === key);

const keyed = (cards) => {
  const times = {};
  return new Map(cards.map((card) => {
    const key = card.dataset.key;
    times[key] = (times[key] || 0) + 1;
    return [`${key} ${times[key]}`, card];
  }));
};

// Put the cards in `html` in place of those shown; a card that has not changed stays the element it
// is, and focus stays on what it was on. Returns the cards with something new to read.
function swap(html) {
  const before = keyed([...feed.children]), after = keyed(elements(html)), news = [];
  const focused = document.activeElement, holder = focused?.closest(".feed > .card"), action = focused?.dataset.action;
  const held = [...before.keys()].find((key) => before.get(key) === holder);
  const shown = new Map();
  for (const [key, card] of after) {
    const old = before.get(key);
    shown.set(key, old?.dataset.digest === card.dataset.digest ? old : card);
    if (old?.dataset.news !== card.dataset.news) news.push([old ? "Updated" : "New", card]);
  }
  if ([...shown.values()].some((card, at) => card !== feed.children[at]) || shown.size !== feed.children.length) {
    feed.replaceChildren(...shown.values());
  }
  if (holder && document.activeElement === document.body) {
    const card = shown.get(held);
    const same = card && all("button", card).find((button) => button.dataset.action === action);
    (same || card || find("#requests-title")).focus({preventScroll: true});
  }
  return news;
}

async function fetched() {
  const given = await fetch(`${main.dataset.base}/feed`, {signal: AbortSignal.timeout(30000)})
    .then((response) => response.status === 401 ? ended() : response.ok ? response.json() : null, () => null);
  offline(!given);
  return given;
}

// Fetch the requests and show what has changed. `own`: it follows from what this person just did,
// and needs no telling.
export async function refresh({own = false} = {}) {
  if (refreshing) {
    next = {own};
    return;
  }
  refreshing = true;
  const given = await fetched();
  if (given) {
    mark = given.mark;
    const news = swap(given.html);
    if (!own) tell(news);
  } else setTimeout(refresh, 10000);
  refreshing = false;
  if (next) {
    const again = next;
    next = null;
    refresh(again);
  }
}

function tell(news) {
  if (!news.length) return;
  for (const [word, card] of news) find("h3", card).append(make("span", "fresh", word));
  const words = news.slice(0, 3).map(([word, card]) => `${word}: ${card.getAttribute("aria-label")}`);
  announce(words.join(". "), {unseen: true});
  if (!lookedAt()) countFresh(fresh + news.length);
}

function offline(is) {
  find(".offline").hidden = !is;
}

function listen() {
  const source = new EventSource(`${main.dataset.base}/live`);
  source.addEventListener("open", () => offline(false));
  source.addEventListener("feed", (event) => {
    if (JSON.parse(event.data) !== mark) refresh();
  });
  source.addEventListener("ended", ended);
  source.addEventListener("error", () => {
    offline(true);
    if (source.readyState !== EventSource.CLOSED) return;  // the browser itself tries again
    setTimeout(() => {
      refresh();
      listen();
    }, 15000);
  });
}

// It keeps its place: a button that moves between pressing and letting go is not pressed.
feed.addEventListener("focusin", (event) => find(".fresh", event.target.closest(".card"))?.classList.add("read"));
listen();
