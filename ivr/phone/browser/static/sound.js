// What is heard: clips by an audio element for each phone; keys and ringing by Web Audio.

/** Seconds without any progress after which a sound is given up: the call goes on by its time. */
const STUCK = 5;

/** One clip that is being heard. `begun` and `over` are kept promises; `over` tells how it ended. */
class Sound {
  /** @param {HTMLAudioElement} audio */
  constructor(audio) {
    this.audio = audio;
    this.heard = false;
    this.at = 0;
    this.begun = new Promise((resolve) => (this.begin = resolve));
    /** @type {Promise<"ended" | "failed" | "stopped">} */
    this.over = new Promise((resolve) => (this.end = resolve));
  }

  /** Seconds of the clip that have been heard. */
  get position() {
    return this.heard ? this.audio.currentTime : this.at;
  }
}

/** The loudspeaker of one phone: it plays one clip at a time. */
export class Speaker {
  #audio;
  #pace;
  /** @type {Sound | null} */
  #sound = null;
  #watch = 0;

  /**
   * @param {HTMLAudioElement} audio
   * @param {import("./pace.js").Pace} pace
   */
  constructor(audio, pace) {
    this.#audio = audio;
    this.#pace = pace;
    pace.addEventListener("change", () => this.#hasten());
    audio.addEventListener("playing", () => this.#begins());
    audio.addEventListener("ended", () => audio.ended && this.#ends("ended"));
    audio.addEventListener("error", () => audio.error && this.#ends("failed"));
  }

  /** Inside a click: later sounds may then begin by themselves. */
  open() {
    if (!this.#audio.src) this.#audio.play().catch(() => {});
  }

  /** @param {number} volume 0 to 1 */
  set volume(volume) {
    this.#audio.volume = volume;
  }

  /**
   * @param {string} url
   * @returns {Sound}
   */
  play(url) {
    this.stop();
    const sound = new Sound(this.#audio);
    this.#sound = sound;
    this.#audio.src = url;
    this.#hasten();
    this.#watchOver(sound);
    return sound;
  }

  /** Silence, at once. */
  stop() {
    this.#audio.pause();
    this.#ends("stopped");
  }

  /** Go on at the speed of now, or stand still. */
  #hasten() {
    const sound = this.#sound;
    if (!this.#pace.speed) {
      this.#audio.pause();
      return;
    }
    this.#audio.defaultPlaybackRate = this.#audio.playbackRate = this.#pace.speed;
    if (!sound || !this.#audio.paused) return;
    this.#audio.play().catch((fault) => {
      if (this.#sound === sound && fault.name !== "AbortError") this.#ends("failed");
    });
  }

  #begins() {
    if (!this.#sound) return;
    this.#sound.heard = true;
    this.#sound.begin();
  }

  /** @param {"ended" | "failed" | "stopped"} how */
  #ends(how) {
    clearInterval(this.#watch);
    const sound = this.#sound;
    this.#sound = null;
    if (!sound) return;
    sound.at = sound.position;
    sound.heard = false;
    sound.begin();
    sound.end(how);
  }

  /** @param {Sound} sound */
  #watchOver(sound) {
    let [last, still] = [-1, 0];
    this.#watch = setInterval(() => {
      still = sound.position === last && this.#pace.speed ? still + 1 : 0;
      last = sound.position;
      if (still >= STUCK) this.#ends("failed");
    }, 1000);
  }
}

/** The two frequencies of each key (ITU-T Q.23). */
const ROWS = [697, 770, 852, 941];
const COLUMNS = [1209, 1336, 1477];
const KEYS = ["123", "456", "789", "*0#"];
/** The Finnish ringing tone: 425 Hz, one second of every five. */
const RINGING = { frequency: 425, on: 1, off: 4 };
/** How a phone rings at the other end: notes, in Hz, and seconds from one to the next. */
const MELODY = { notes: [659, 784, 988, 784], step: 0.22, every: 3 };
const LONGEST = 120;

/** Tones of keys and of ringing. A machine without sound is no fault: it stays silent. */
export class Tones {
  /** @type {AudioContext | null} */
  #context = null;
  /** @type {GainNode | null} */
  #out = null;
  #volume = 0.7;
  #paused = false;
  /** @type {Map<string, OscillatorNode>} */
  #ringing = new Map();

  /** Inside a click or a key: browsers ask for it. */
  open() {
    try {
      if (!this.#context) {
        this.#context = new AudioContext();
        this.#out = this.#context.createGain();
        this.#out.connect(this.#context.destination);
        this.volume = this.#volume;
      }
      if (!this.#paused) this.#context.resume().catch(() => {});
    } catch {
      this.#context = null;
    }
  }

  /** @param {number} volume 0 to 1 */
  set volume(volume) {
    this.#volume = volume;
    if (this.#out) this.#out.gain.value = volume;
  }

  /** @param {boolean} paused phones that ring fall silent, and ring on afterwards */
  set paused(paused) {
    this.#paused = paused;
    if (paused) this.#context?.suspend().catch(() => {});
    else this.#context?.resume().catch(() => {});
  }

  /** @param {string} key */
  key(key) {
    this.open();
    if (!this.#context) return;
    const row = KEYS.findIndex((keys) => keys.includes(key));
    const begins = this.#context.currentTime;
    for (const frequency of [ROWS[row], COLUMNS[KEYS[row].indexOf(key)]]) {
      const { tone, level } = this.#tone(frequency);
      swell(level.gain, begins, begins + 0.14, 0.11);
      tone.stop(begins + 0.2);
    }
  }

  /** What the caller hears while somebody is rung. */
  ringBack() {
    this.#repeat("caller", RINGING.on + RINGING.off, (tone, level, from) => {
      tone.frequency.setValueAtTime(RINGING.frequency, from);
      swell(level, from, from + RINGING.on, 0.09);
    });
  }

  /** The phone at the other end. */
  bell() {
    this.#repeat("contact", MELODY.every, (tone, level, from) => {
      MELODY.notes.forEach((frequency, number) => {
        const begins = from + number * MELODY.step;
        tone.frequency.setValueAtTime(frequency, begins);
        level.setValueAtTime(0.0001, begins);
        level.exponentialRampToValueAtTime(0.12, begins + 0.015);
        level.exponentialRampToValueAtTime(0.0001, begins + MELODY.step * 0.95);
      });
    });
  }

  /** @param {"caller" | "contact"} phone */
  silence(phone) {
    this.#ringing.get(phone)?.stop();
    this.#ringing.delete(phone);
  }

  /**
   * @param {"caller" | "contact"} phone
   * @param {number} every
   * @param {(tone: OscillatorNode, level: AudioParam, from: number) => void} once
   */
  #repeat(phone, every, once) {
    this.silence(phone);
    if (!this.#context) return;
    const { tone, level } = this.#tone(RINGING.frequency);
    const now = this.#context.currentTime + 0.05;
    for (let from = 0; from < LONGEST; from += every) once(tone, level.gain, now + from);
    this.#ringing.set(phone, tone);
  }

  /** @param {number} frequency */
  #tone(frequency) {
    const tone = this.#context.createOscillator();
    const level = this.#context.createGain();
    tone.frequency.value = frequency;
    level.gain.value = 0;
    tone.connect(level).connect(this.#out);
    tone.start();
    return { tone, level };
  }
}

/**
 * A tone from one moment to another, without a click at either end.
 * @param {AudioParam} level
 */
function swell(level, from, to, height) {
  level.setValueAtTime(0, from);
  level.linearRampToValueAtTime(height, from + 0.01);
  level.setValueAtTime(height, to);
  level.linearRampToValueAtTime(0, to + 0.02);
}
