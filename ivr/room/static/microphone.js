// The microphone, as it hears: without what browsers do to make talks pleasant, which would be heard in every clip.

/** @type {MediaTrackConstraints} */
const UNTOUCHED = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };

/** There is no microphone, or this page may not use it. */
export class NoMicrophone extends Error {}

/** An open microphone. Its "block" events carry samples as they come. */
export class Microphone extends EventTarget {
  #context;
  #stream;

  /**
   * @param {AudioContext} context
   * @param {MediaStream} stream
   */
  constructor(context, stream) {
    super();
    this.#context = context;
    this.#stream = stream;
    // Somebody pulls the plug, or takes the permission away.
    stream.getAudioTracks()[0].addEventListener("ended", () => this.dispatchEvent(new Event("lost")));
  }

  /** Open it, inside a click. Raises NoMicrophone. */
  static async open() {
    if (!navigator.mediaDevices?.getUserMedia || !window.AudioWorkletNode) throw new NoMicrophone();
    const context = new AudioContext(); // before anything is waited for: some browsers let it run only inside a click
    let stream = null;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: UNTOUCHED });
      await context.resume();
      await context.audioWorklet.addModule(new URL("capture.js", import.meta.url));
      const found = new Microphone(context, stream);
      found.#listen();
      return found;
    } catch (fault) {
      stream?.getTracks().forEach((track) => track.stop());
      context.close().catch(() => {});
      throw new NoMicrophone(String(fault));
    }
  }

  /** Samples a second. */
  get rate() {
    return this.#context.sampleRate;
  }

  /** What the browser does to the sound although it was asked not to. */
  get processed() {
    const settings = this.#stream.getAudioTracks()[0].getSettings();
    return Object.keys(UNTOUCHED).filter((name) => settings[name]);
  }

  close() {
    this.#stream.getTracks().forEach((track) => track.stop());
    this.#context.close().catch(() => {});
  }

  #listen() {
    const source = this.#context.createMediaStreamSource(this.#stream);
    const capture = new AudioWorkletNode(this.#context, "capture", { numberOfOutputs: 1 });
    capture.port.onmessage = ({ data }) => this.dispatchEvent(new CustomEvent("block", { detail: data }));
    source.connect(capture).connect(this.#context.destination); // it says nothing, but is run only if it leads somewhere
  }
}
