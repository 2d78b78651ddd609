// Begins here: puts the parts of the page together, and shows on the phones what happens in the call.

import { Announcer } from "./announcer.js";
import { Call } from "./call.js";
import { Clock } from "./clock.js";
import { by, write } from "./dom.js";
import { EventList } from "./event_list.js";
import { Example } from "./example.js";
import { Flow } from "./flow.js";
import { golden } from "./golden.js";
import { keypad } from "./keypad.js";
import { watchMaking } from "./making.js";
import { OtherEnd } from "./other_end.js";
import { Pace } from "./pace.js";
import { Pause } from "./pause.js";
import { watchRooms } from "./rooms.js";
import { Speaker, Tones } from "./sound.js";
import { clock, contact, say } from "./words.js";

/** Milliseconds from one look at the call to the next. */
const LOOKS = 100;
/** Seconds without anything, after which the page says that a voice is being made. */
const LONG = 1.5;

const pace = new Pace();
const tones = new Tones();
const speakers = { caller: new Speaker(by("caller-sound"), pace), contact: new Speaker(by("contact-sound"), pace) };
const before = new Clock();
const events = new EventList();
const flow = new Flow();
const otherEnd = new OtherEnd(decide, () => call?.pass());
const announcer = new Announcer();
const pause = new Pause(pace, tones, () => Boolean(call?.open));

/** @type {Call | null} */
let call = null;
/** The example call that plays by itself. @type {Example | null} */
let example = null;
let firstRing = false;
/** Whether the line has told how the call ended. */
let told = false;

keypad(press, hangUp, () => Boolean(call?.open));
golden(() => call?.path ?? "");
by("call").addEventListener("click", () => {
  if (before.valid()) begin(before.at, before.dials, before.waiting);
});
by("before").addEventListener("click", ({ target }) => {
  const { example: at, digit } = target.closest("[data-example]")?.dataset ?? {};
  if (!at) return;
  before.at = at;
  if (begin(at, null, false)) playExample(target.lang, digit);
});
by("hangup").addEventListener("click", hangUp);
by("volume").addEventListener("input", turn);
by("speed").addEventListener("change", turn);
addEventListener("pagehide", hangUp);
turn();
lock(false);
by("copy").disabled = true;
setInterval(look, LOOKS);
watchRooms(() => trouble("trouble_unreachable"));
watchMaking((offer) => (before.offer = offer)).catch(() => trouble("trouble_unreachable"));

/**
 * @param {string | null} at
 * @param {string | null} dials
 * @param {boolean} waiting
 * @returns {boolean} whether a call has begun
 */
function begin(at, dials, waiting) {
  if (call?.open) return false;
  tones.open();
  speakers.caller.open();
  speakers.contact.open();
  events.clear();
  flow.clear();
  by("trouble").hidden = true;
  by("copied").textContent = "";
  by("golden").hidden = true;
  by("copy").disabled = true;
  firstRing = told = false;
  write(by("first-ring"), "–");
  endExample();
  pause.end();
  announcer.clear();
  call = new Call({ pace, ...speakers, tell, end });
  show("speaking", say("status_dialling"));
  lock(true);
  call.begin(at, dials, waiting);
  return true;
}

/** A call that plays by itself, until it is over or somebody presses a key. */
function playExample(language, digit) {
  const click = (id) => () => by(id).click();
  const act = { press: (key) => call.press(key), answer: click("answer"), endTalk: click("end-talk") };
  example = new Example(pace, act, language, digit.split("-"));
  write(by("example-note"), say("example_note"));
  by("hangup").focus(); // on a small screen the phone is far from the list of examples
}

function endExample() {
  example?.stop();
  example = null;
  write(by("example-note"), "");
}

function hangUp() {
  if (!call?.open) return;
  silence();
  otherEnd.leave();
  events.quiet();
  show("over", say("ended_caller"));
  call.hangUp();
}

/** @param {string} key */
function press(key) {
  tones.key(key);
  endExample();
  call?.press(key);
}

/** What whoever is rung does. A phone that nobody answers rings on. */
function decide(what) {
  if (what !== "no answer") tones.silence("contact");
  call?.decide(what);
}

/** The volume and the speed as they are set. */
function turn() {
  const volume = Number(by("volume").value) / 100;
  for (const part of [tones, speakers.caller, speakers.contact]) part.volume = volume;
  pace.set(Number(by("speed").value));
}

/** Show what the line tells. */
function tell(message) {
  events.add(message);
  announcer.tell(message);
  example?.hears(message);
  by("copy").disabled = false; // now there is a call to copy
  if (message.kind === "requested") flow.walk(message.path);
  if (message.kind === "ended" || message.kind === "fault") told = true;
  if (call.open) follow(message);
}

/** Show it on the phones, as long as the caller holds one. */
function follow(message) {
  const who = message.contact && contact(message.contact);
  switch (message.kind) {
    case "said":
      if (message.where === "whisper") {
        otherEnd.hear(message);
      } else {
        silence();
        show("speaking", say("status_speaks"));
      }
      break;
    case "moment":
      if (message.moment === "waiting") listens(message.seconds);
      break;
    case "rings":
      rings(message.contact, message.seconds);
      show("ringing", say("status_rings", { contact: who }));
      break;
    case "picked up":
      tones.silence("contact");
      otherEnd.pickUp(message.how);
      show("ringing", say("status_picked_up"));
      break;
    case "talk":
      silence();
      otherEnd.talk();
      show("talk", say("status_talk", { contact: who }));
      break;
    case "talk ended":
    case "not reached":
      silence();
      otherEnd.leave();
      break;
    case "ended":
      show("over", say(`ended_${message.by}`));
      break;
    case "fault":
      trouble("fault", { words: message.words });
      show("over", say("status_over"));
      break;
  }
}

function listens(seconds) {
  show("waiting", say("status_listens"));
  by("countdown").querySelector("progress").max = seconds;
  look();
}

function rings(name, seconds) {
  if (!firstRing) {
    firstRing = true;
    write(by("first-ring"), say("seconds", { seconds: Math.round(call.at) }));
  }
  tones.ringBack();
  tones.bell();
  otherEnd.ring(name, seconds);
}

/** The call is over; `status` tells what went wrong, if anything did. */
function end(status) {
  silence();
  endExample();
  pause.end();
  otherEnd.leave();
  events.quiet();
  if (status !== undefined) trouble(status === 0 ? "trouble_unreachable" : "trouble_gone");
  else if (!told) trouble("trouble_broke_off");
  look();
  show("over", told ? by("status").textContent : say("status_over"));
  lock(false);
}

/** The phone's face: a state for the style, and words that are read aloud when they change. */
function show(state, words) {
  document.documentElement.dataset.state = state;
  by("countdown").hidden = state !== "waiting";
  write(by("status"), words);
}

function trouble(key, values) {
  write(by("trouble"), say(key, { command: document.documentElement.dataset.typed, ...values }));
  by("trouble").hidden = false;
  by("trouble").scrollIntoView({ block: "nearest" });
}

function silence() {
  tones.silence("caller");
  tones.silence("contact");
}

/** @param {boolean} inCall what belongs before a call is locked during it, and the other way round */
function lock(inCall) {
  const focused = document.activeElement;
  by("call").disabled = inCall;
  by("hangup").disabled = !inCall;
  by("pause").disabled = !inCall;
  document.documentElement.dataset.call = inCall;
  before.locked = inCall;
  if (inCall && focused === by("call")) by("phone").focus({ preventScroll: true });
  if (!inCall && (focused === by("hangup") || focused === by("pause"))) by("call").focus({ preventScroll: true });
}

/** Everything that changes with time. */
function look() {
  if (!call) return;
  const { at, left, idle } = call;
  by("elapsed").dataset.seconds = at.toFixed(1);
  write(by("elapsed"), clock(at));
  if (left !== null && !by("countdown").hidden) countDown(left);
  if (left !== null && otherEnd.rings) otherEnd.countDown(left);
  if (idle > LONG && !pace.paused) write(by("status"), say("status_making"));
}

function countDown(left) {
  by("countdown").querySelector("progress").value = left;
  write(by("countdown-words"), say("countdown", { seconds: Math.ceil(left) }));
}
