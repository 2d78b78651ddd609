// Opens the listening room of a language, by an invitation that is made for this computer.

import { ask } from "./server.js";

/** @param {() => void} failed called where the room cannot be opened */
export function watchRooms(failed) {
  document.getElementById("rooms")?.addEventListener("click", async ({ target }) => {
    const { room: language } = target.closest("[data-room]")?.dataset ?? {};
    if (!language) return;
    try {
      const { token } = await (await ask("room/here", { language })).json();
      location.assign(`room/#${token}`);
    } catch {
      failed();
    }
  });
}
