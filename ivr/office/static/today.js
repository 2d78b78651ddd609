// An open page that is no longer kept up to date says so: it would show what held before as what holds now.
document.addEventListener("htmx:afterRequest", (event) => {
  document.getElementById("stale").hidden = event.detail.successful === true;
});
