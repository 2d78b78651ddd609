// A visit: lets somebody in by their invitation, and shows what it is for.

import { consentView } from "./consent.js";
import { button, element, lead, sign } from "./dom.js";
import { suggestions } from "./editor.js";
import { Known } from "./known.js";
import { takeBack } from "./leave.js";
import { Outbox } from "./outbox.js";
import { Reader } from "./reader.js";
import { Sentences } from "./sentences.js";
import { Trouble, ask } from "./server.js";
import { choose, chosen, forgetChosen } from "./settings.js";
import { Store } from "./store.js";
import { both, inBoth, learn, remark } from "./words.js";

/** Milliseconds from one try to reach the program to the next. */
const AGAIN = 3000;
const place = document.getElementById("room");
const known = new Known();
/** @type {Outbox} */
let outbox;
/** What is worked with now. @type {Sentences | Reader | null} */
let work = null;
let ended = false;

/** Somebody comes: by a link, whose token is exchanged, or again. */
export async function visit() {
  const store = Store.open();
  const token = chosen("token", "sessionStorage");
  try {
    if (token) await reached(() => ask("enter", { token }));
    forgetChosen("sessionStorage");
    await reached(() => known.load());
  } catch (trouble) {
    forgetChosen("sessionStorage");
    return end(trouble.told);
  }
  const { me, words } = known.state;
  learn(words, me);
  outbox = new Outbox(await store, owner());
  outbox.addEventListener("told", ({ detail }) => learnNews(detail));
  known.addEventListener("change", ({ detail }) => work?.refresh(detail));
  known.addEventListener("ended", ({ detail }) => end(detail));
  window.addEventListener("beforeunload", (event) => outbox.atRisk && event.preventDefault());
  greet();
  return outbox.send();
}

/** Whoever has entered: sounds of others who use this phone wait for them. */
function owner() {
  const { language, kind, name } = known.state.me;
  return `${language}/${kind}/${name}`;
}

/** Do something as soon as the program can be reached. Raises Trouble if it refuses. */
async function reached(act) {
  for (;;) {
    try {
      return await act();
    } catch (trouble) {
      if (!(trouble instanceof Trouble) || trouble.status === 401 || trouble.status === 410) throw trouble;
      await new Promise((resolve) => setTimeout(resolve, AGAIN));
    }
  }
}

async function learnNews(news) {
  if (news.what === "gone") return gone();
  if (news.what === "ended") return end(news.answer);
  if (news.what === "consent") {
    await known.load().catch(() => {});
    return askForConsent();
  }
  return known.learn(news);
}

/** Somebody who comes by a link that is open elsewhere too is told, and says who they are. */
function greet() {
  const { devices } = known.state.me;
  const kept = `devices.${owner()}`;
  if (devices <= Number(chosen(kept) ?? 1)) return welcome();
  const am = button({ class: "main", id: "i-am" }, () => {
    choose(kept, String(devices));
    welcome();
  }, both("i_am"));
  return show(element("section", { class: "card" }, element("h1", {}, sign("!"), both("forwarded")), am));
}

function welcome() {
  if (known.agreed || known.state.me.kind === "reader") go();
  else askForConsent();
}

/** Whether something may be recorded; if not, the consent is asked for. */
function asked() {
  if (known.agreed) return true;
  askForConsent();
  return false;
}

function askForConsent() {
  const agree = async (named) => {
    const { version } = known.state.consent;
    try {
      await ask("consent", { version, adult: true, named });
    } catch ({ status, told }) {
      if (status === 401) return end(told);
      if (status === 409) await known.load().catch(() => {}); // its words are others by now
      return askForConsent();
    }
    Object.assign(known.state.consent, { agreed: true, named });
    go();
    return outbox.send();
  };
  show(consentView(known.state.consent, agree, go));
}

/** To the work that the invitation is for. */
function go() {
  const { kind } = known.state.me;
  const Work = kind === "reader" ? Reader : Sentences;
  work?.close();
  work = new Work(known, outbox, asked);
  const remarks = outbox.safe ? [] : [element("p", { class: "note", id: "unkept" }, remark("unkept"))];
  const open = kind === "editor" ? [tabs()] : [];
  show(element("div", {}, ...remarks, ...open, work.element, takeBack(outbox, () => work?.close(), end)), true);
}

/** An editor's two pages: the sentences, and what others would say. */
function tabs() {
  const count = element("span", {}, ` ${known.state.suggestions.length}`);
  const summary = element("summary", {}, both("i_would_say"), count);
  const others = element("details", { class: "contents", id: "suggestions" }, summary);
  others.addEventListener("toggle", () => {
    if (others.open) others.append(suggestions(known));
    else others.querySelector("ul")?.remove();
  });
  known.addEventListener("change", () => (count.textContent = ` ${known.state.suggestions.length}`));
  return others;
}

/** Nobody is let in, or not any more. What waits on this phone stays there for the next link. */
function end(told) {
  if (ended) return;
  ended = true;
  work?.close();
  const all = Object.entries(told?.words ?? {});
  const texts = all.map(([language, pair]) => element("p", { lang: language, dir: "auto" }, inBoth(pair)));
  place.dataset.state = "ended";
  show(element("section", { class: "card", id: "ended" }, ...texts));
  outbox?.waiting().then((count) => {
    const many = element("span", { class: "number" }, `${count} · `);
    if (count) place.firstChild.append(element("p", { class: "told" }, sign("…"), many, both("waiting")));
  });
}

/** The voice is taken back, here or in another page. */
function gone() {
  if (ended) return;
  ended = true;
  work?.close();
  forgetChosen("localStorage");
  show(element("section", { class: "card", id: "gone" }, element("h1", {}, sign("✓"), both("deleted"))));
}

function show(view, working = false) {
  if (!working) {
    work?.close();
    work = null;
  }
  place.replaceChildren(view);
  place.setAttribute("aria-busy", "false");
  const heading = view.querySelector("h1");
  if (heading) lead(heading);
}
