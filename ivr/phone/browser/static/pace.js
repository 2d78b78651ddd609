// Call time: in one real second as many seconds of the call pass as the speed says.

/** The speed of everything; tells ("change") when it changes. */
export class Pace extends EventTarget {
  #chosen = 1;
  #paused = false;

  /** Seconds of the call in a real second; 0 while it is paused. */
  get speed() {
    return this.#paused ? 0 : this.#chosen;
  }

  get paused() {
    return this.#paused;
  }

  /** @param {boolean} paused nothing is heard and no time passes */
  set paused(paused) {
    this.#paused = paused;
    this.dispatchEvent(new Event("change"));
  }

  /** @param {number} speed */
  set(speed) {
    this.#chosen = speed;
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
    if (this.#speed) this.#timer = setTimeout(() => this.#end(), (this.left / this.#speed) * 1000);
  }

  #end() {
    this.#counted = this.seconds;
    this.stop();
    this.#over();
  }
}
