// Copies a call as a file for the tests; where the browser does not let us, it is shown to be copied by hand.

import { by } from "./dom.js";
import { ask } from "./server.js";
import { say } from "./words.js";

/** @param {() => string} path of the call */
export function golden(path) {
  const [button, told, area] = [by("copy"), by("copied"), by("golden")];
  button.addEventListener("click", async () => {
    area.hidden = true;
    try {
      area.value = await (await ask(`${path()}/golden`)).text();
    } catch {
      told.textContent = say("copy_gone");
      return;
    }
    try {
      await navigator.clipboard.writeText(area.value);
      told.textContent = say("copied");
    } catch {
      told.textContent = say("copy_by_hand");
      area.hidden = false;
      area.select();
    }
  });
}
