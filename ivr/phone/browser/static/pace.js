// Call time: in one real second as many seconds of the call pass as the speed says.

/** The speed of everything; tells ("change") when it changes. */
export class Pace extends EventTarget {
  speed = 1;

  /** @param {number} speed */
  set(speed) {
    this.speed = speed;
    this.dispatchEvent(new Event("change"));
  }
}

/** A stretch of call time that begins now, and says once when it is over. */
export class Wait {
  #pace;
  #over;
  #counted = 0;
  #since = performance.now();
  #speed;
  #timer = 0;
  #changes = () => this.#retime();

  /**
   * @param {Pace} pace
   * @param {number} seconds of the call
   * @param {() => void} over
   */
  constructor(pace, seconds, over) {
    this.#pace = pace;
    this.seconds = Math.max(0, seconds);
    this.#over = over;
    this.#speed = pace.speed;
    pace.addEventListener("change", this.#changes);
    this.#retime();
  }

  /** Seconds of the call that have passed. */
  get passed() {
    return Math.min(this.seconds, this.#counted + this.#running());
  }

  /** Seconds of the call that are left. */
  get left() {
    return this.seconds - this.passed;
  }

  /** Forget it: it is never over. */
  stop() {
    this.#counted = this.passed;
    this.#speed = 0;
    clearTimeout(this.#timer);
    this.#pace.removeEventListener("change", this.#changes);
  }

  #running() {
    return ((performance.now() - this.#since) / 1000) * this.#speed;
  }

  #retime() {
    this.#counted = this.passed;
    this.#since = performance.now();
    this.#speed = this.#pace.speed;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#end(), (this.left / this.#speed) * 1000);
  }

  #end() {
    this.#counted = this.seconds;
    this.stop();
    this.#over();
  }
}
