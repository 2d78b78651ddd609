// Runs beside the page, where sound arrives: mixes the channels, and hands on blocks of samples.

const BLOCK = 1024;

class Capture extends AudioWorkletProcessor {
  #block = new Float32Array(BLOCK);
  #filled = 0;
  #open = true;

  constructor() {
    super();
    this.port.onmessage = () => (this.#open = false); // whatever is said to it: that it is needed no more
  }

  process([channels]) {
    if (!channels.length) return this.#open;
    for (let at = 0; at < channels[0].length; at += 1) {
      let sum = 0;
      for (const channel of channels) sum += channel[at];
      this.#block[this.#filled] = sum / channels.length;
      this.#filled += 1;
      if (this.#filled === BLOCK) this.#hand();
    }
    return this.#open;
  }

  #hand() {
    this.port.postMessage(this.#block, [this.#block.buffer]);
    this.#block = new Float32Array(BLOCK);
    this.#filled = 0;
  }
}

registerProcessor("capture", Capture);
