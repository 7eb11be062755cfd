// Making elements. Texts are other people's: they go in as text, in an element that isolates them.

const byId = (id) => document.getElementById(id);

function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") {
      for (const [kind, handler] of Object.entries(value)) made.addEventListener(kind, handler);
    } else if (value !== false && value != null) {
      made.setAttribute(name, value === true ? "" : value);
    }
  }
  made.append(...children.filter((child) => child != null && child !== ""));
  return made;
}

// A short foreign text within a line: a name, an id, a message's beginning.
const bdi = (text) => el("bdi", {}, String(text));

// A foreign text of its own, with what was searched for marked.
function prose(text, className = "") {
  const made = el("p", { class: `prose ${className}`, dir: "auto" });
  made.append(...marked(text));
  return made;
}

function marked(text) {
  const wanted = state.query.toLowerCase();
  const lower = text.toLowerCase();
  // Where lower case has another length, places in it are none in the text.
  if (!wanted || lower.length !== text.length) return [text];
  const parts = [];
  let from = 0;
  for (let at = lower.indexOf(wanted); at >= 0; at = lower.indexOf(wanted, from)) {
    parts.push(text.slice(from, at), el("mark", {}, text.slice(at, at + wanted.length)));
    from = at + wanted.length;
  }
  parts.push(text.slice(from));
  return parts.filter((part) => part !== "");
}

const shortened = (text, length) =>
  text.length > length ? `${text.slice(0, length - 1)}…` : text;

const chip = (text, className = "", title = "") =>
  el("span", { class: `chip ${className}`, title: title || false }, bdi(text));

const plural = (count, one) => `${count.toLocaleString("en")} ${one}${count === 1 ? "" : "s"}`;

// A button that opens and closes what follows; `fill` makes that when it is first opened.
function folding(label, body, open, fill) {
  const button = el("button", { type: "button", class: "fold", "aria-expanded": "false" }, label);
  const set = (wanted) => {
    if (wanted && fill) {
      body.append(...fill());
      fill = null;
    }
    body.hidden = !wanted;
    button.setAttribute("aria-expanded", String(wanted));
  };
  button.addEventListener("click", () => set(body.hidden));
  set(open);
  return button;
}

const isOpen = (button) => button.getAttribute("aria-expanded") === "true";
