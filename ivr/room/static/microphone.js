// The microphone, as it hears: without what browsers do to make talks pleasant, which would be heard in every clip.

/** @type {MediaTrackConstraints} */
const UNTOUCHED = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };

/** There is no microphone, or this page may not use it. */
export class NoMicrophone extends Error {}

/** Milliseconds after which a sound system that does not begin is given up: there is none. */
const BEGINS = 8000;

/** The one context of the page, and whether what runs in it is there: it must be there before the network may go. */
let context = null;
/** @type {Promise<void> | null} */
let ready = null;

/** Get ready to record, as long as there is a network. It asks for nothing yet. */
export function prepare() {
  if (ready || !navigator.mediaDevices?.getUserMedia || !window.AudioWorkletNode) return;
  context = new AudioContext();
  ready = context.audioWorklet.addModule(new URL("capture.js", import.meta.url));
  ready.catch(() => (ready = null)); // it is tried again
}

/** An open microphone. Its "block" events carry samples as they come; "lost": it is there no more. */
export class Microphone extends EventTarget {
  #stream;
  #source;
  #capture;

  /** @param {MediaStream} stream */
  constructor(stream) {
    super();
    this.#stream = stream;
    // Somebody pulls the plug, or takes the permission away.
    stream.getAudioTracks()[0].addEventListener("ended", () => this.dispatchEvent(new Event("lost")));
    this.#source = context.createMediaStreamSource(stream);
    this.#capture = new AudioWorkletNode(context, "capture", { numberOfOutputs: 1 });
    this.#capture.port.onmessage = ({ data }) => this.dispatchEvent(new CustomEvent("block", { detail: data }));
    // It says nothing, but is run only if it leads somewhere.
    this.#source.connect(this.#capture).connect(context.destination);
  }

  /** Open it, inside a click. Raises NoMicrophone. */
  static async open() {
    prepare();
    if (!ready) throw new NoMicrophone();
    const running = context.resume(); // before anything is waited for: some browsers let it run only inside a click
    let stream = null;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: UNTOUCHED });
      await soon(Promise.all([running, ready]));
      return new Microphone(stream);
    } catch (fault) {
      stream?.getTracks().forEach((track) => track.stop());
      throw new NoMicrophone(String(fault));
    }
  }

  /** Samples a second. */
  get rate() {
    return context.sampleRate;
  }

  /** What the browser does to the sound although it was asked not to. */
  get processed() {
    const settings = this.#stream.getAudioTracks()[0].getSettings();
    return Object.keys(UNTOUCHED).filter((name) => settings[name]);
  }

  close() {
    this.#stream.getTracks().forEach((track) => track.stop());
    this.#source.disconnect();
    this.#capture.disconnect();
    this.#capture.port.onmessage = null;
    this.#capture.port.postMessage("over");
    context.suspend().catch(() => {});
  }
}

/** @param {Promise<any>} wanted */
function soon(wanted) {
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error("it does not begin")), BEGINS));
  return Promise.race([wanted, late]);
}
