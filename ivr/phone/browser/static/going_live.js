// The page "Going live": the sum of the costs, kept while its language is changed, and the button that prints.

const form = document.getElementById("fields");
const KEPT = "going-live";
const THOUSANDS = /^[1-9]\d{0,2}[.,]\d{3}$/; // in some countries a thousand and more, in others a fraction

// A number of a field; null where it is empty, NaN where it is none.
function read(field) {
  const text = field.value.replace(/\s/g, "");
  if (!text) return null;
  const isNumber = /^(\d+([.,]\d*)?|[.,]\d+)$/.test(text) && !THOUSANDS.test(text);
  const value = isNumber ? Number(text.replace(",", ".")) : NaN;
  return "share" in field.dataset && value > 100 ? NaN : value;
}

// Both know nothing where a part is unknown; but nothing times whatever is nothing.
const product = (...parts) => (parts.includes(0) ? 0 : parts.includes(null) ? null : parts.reduce((a, b) => a * b));
const sum = (...parts) => (parts.includes(null) ? null : parts.reduce((a, b) => a + b));

function costs(of) {
  const share = product(of("share"), 0.01);
  const mobile = product(of("mobile-share"), 0.01);
  const landline = mobile === null ? null : 1 - mobile;
  const characters = of("characters");
  const hundreds = characters === null ? null : Math.ceil(characters / 100);
  const minute = sum(product(mobile, of("price-mobile")), product(landline, of("price-landline")));
  return {
    numbers: product(of("numbers"), of("price-number")),
    incoming: product(of("calls"), sum(of("machine"), product(share, of("talk"))), of("price-incoming")),
    outgoing: product(of("calls"), share, sum(of("talk"), of("picked-up")), minute),
    speech: product(of("calls"), hundreds, of("price-speech")),
    hosting: of("price-hosting"),
  };
}

function show() {
  const values = {};
  for (const field of form.querySelectorAll("input")) {
    const value = read(field);
    const isWrong = Number.isNaN(value);
    values[field.id] = isWrong ? null : value;
    field.setAttribute("aria-invalid", isWrong);
    document.getElementById(`${field.id}-fault`).hidden = !isWrong;
  }
  const shape = { minimumFractionDigits: 2, maximumFractionDigits: 2 };
  const written = new Intl.NumberFormat(document.documentElement.lang, shape);
  const lines = Object.entries(costs((name) => values[name]));
  for (const [name, cost] of lines) {
    document.getElementById(`line-${name}`).textContent = cost === null ? "–" : written.format(cost);
  }
  const known = lines.map(([, cost]) => cost).filter((cost) => cost !== null);
  const total = known.length ? written.format(sum(...known)) : "–";
  const state = document.getElementById("sum-state");
  const some = state.dataset.some.replace("{count}", known.length).replace("{all}", lines.length);
  const told = known.length === 0 ? state.dataset.none : known.length < lines.length ? some : "";
  if (state.textContent !== told) state.textContent = told; // else it would be read out at every key
  document.getElementById("line-sum").textContent = total;
}

// What was typed stays in this tab, also when the language of the page is changed. A browser may refuse to keep it.
function keep() {
  const typed = [...form.querySelectorAll("input")].filter((field) => field.value !== field.defaultValue);
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(typed.map((field) => [field.id, field.value])));
  } catch {
    return;
  }
}

function fill() {
  try {
    for (const [id, value] of JSON.parse(sessionStorage.getItem(KEPT) ?? "[]")) document.getElementById(id).value = value;
  } catch {
    return;
  }
}

// Proving the rules takes a while: the page does not wait for it.
async function tellRules() {
  const places = document.querySelectorAll("[data-slow]");
  let found = {};
  try {
    const answer = await fetch(`/going-live/rules?lang=${document.documentElement.lang}`);
    if (answer.ok) found = await answer.json();
  } finally {
    for (const place of places) place.textContent = found[place.dataset.slow] ?? "–";
  }
}

const print = document.getElementById("print");
print.hidden = false;
print.addEventListener("click", () => window.print());

if (form) {
  tellRules();
  fill();
  show();
  form.addEventListener("input", () => {
    show();
    keep();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
}
