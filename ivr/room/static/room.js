// Begins here. First of all the token leaves the address: nothing that is loaded or copied from here on carries it.

import { choose } from "./settings.js";

const token = location.hash.slice(1);
if (token) {
  choose("token", token, "sessionStorage"); // a page may be loaded again before it has been exchanged
  history.replaceState(null, "", location.pathname + location.search);
}
// Another link, opened in the same page: a browser would only go to another place in it.
window.addEventListener("hashchange", () => location.reload());

const { visit } = await import("./visit.js");
await visit();
