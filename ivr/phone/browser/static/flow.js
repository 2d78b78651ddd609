// The drawing of the flow: where the call is, and the way it came.

import { by, calm, element } from "./dom.js";
import { node as nodeName, say } from "./words.js";

export class Flow {
  #box = by("flow-box");
  #drawing = by("flow");
  #last = "";

  /** Forget the way. */
  clear() {
    this.#last = "";
    for (const part of this.#drawing.querySelectorAll(".walked, .current")) part.classList.remove("walked", "current");
    by("here").replaceChildren();
  }

  /** @param {string[]} path nodes that the call has come to, the last of which it is at */
  walk(path) {
    for (const name of path) this.#step(name);
    if (!path.length) return;
    const node = this.#node(this.#last);
    if (!node) return;
    by("here").replaceChildren(`${say("here")} `, element("strong", {}, nodeName(this.#last)));
    this.#drawing.querySelector(".current")?.classList.remove("current");
    node.classList.add("current");
    this.#scrollTo(node);
  }

  #step(name) {
    const way = this.#drawing.querySelector(`[data-from="${this.#last}"][data-to="${name}"]`);
    if (way) {
      way.classList.add("walked");
      way.parentNode.append(way); // above those not walked
    }
    this.#node(name)?.classList.add("walked");
    this.#last = name;
  }

  #node(name) {
    return this.#drawing.querySelector(`[data-node="${name}"]`);
  }

  /** Scrolls the box of the drawing only, never the page. */
  #scrollTo(node) {
    const [box, at] = [this.#box.getBoundingClientRect(), node.getBoundingClientRect()];
    this.#box.scrollBy({
      left: at.left + at.width / 2 - box.left - box.width / 2,
      top: at.top + at.height / 2 - box.top - box.height / 2,
      behavior: calm() ? "instant" : "smooth",
    });
  }
}
