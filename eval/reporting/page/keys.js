// The keyboard. Every key here stands in the help of page.html.

const help = byId("help");

const KEYS = {
  r: () => visit("#report"),
  w: () => visit("#worst"),
  d: () => visit("#dialogues"),
  "/": () => toSearch(),
  n: () => step(1),
  p: () => step(-1),
  j: () => moveTurn(1),
  k: () => moveTurn(-1),
  h: () => moveCandidate(-1),
  l: () => moveCandidate(1),
  o: () => fold(),
  a: () => foldAll(),
  c: () => swapConversation(),
  t: () => switchTheme(),
  "?": () => help.showModal(),
};

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
  if (event.target.closest("input, select, textarea")) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const does = Object.hasOwn(KEYS, event.key) && KEYS[event.key];
  if (!does) return;
  event.preventDefault();
  does();
}

function toSearch() {
  visit("#dialogues");
  filters.elements.text.focus();
  filters.elements.text.select();
}

// The node that has the focus, or that a link has led to.
function currentNode() {
  const focused = document.activeElement.closest("[data-node]");
  return focused || reader.querySelector(".target");
}

function go(box) {
  if (!box || !state.tree) return;
  const node = nodeOf(state.tree, box.dataset.node);
  noteLink(linkTo(reader.dataset.drawn ? "tree" : "chat", state.tree, node.key));
  for (const old of reader.querySelectorAll(".target")) old.classList.remove("target");
  box.classList.add("target");
  box.focus({ preventScroll: true });
  box.scrollIntoView({ block: "center" });
}

const isShown = (box) => box.getClientRects().length > 0;

function moveTurn(by) {
  const boxes = [...reader.querySelectorAll(".turn > .turn-body > [data-node]:first-child, .bubble")];
  const shown = boxes.filter(isShown);
  const current = currentNode();
  const holder = current && current.closest(".turn, .bubble");
  const at = holder ? shown.findIndex((box) => holder.contains(box)) : -1;
  go(shown[at < 0 ? 0 : at + by]);
}

function moveCandidate(by) {
  const current = currentNode();
  const holder = current && current.closest(".turn");
  if (!holder) return;
  const replies = [...holder.querySelectorAll(".reply")];
  const at = replies.indexOf(current);
  go(replies[at < 0 ? 0 : at + by]);
}

function fold() {
  const inside = document.activeElement.closest("section") || currentNode()?.closest("section");
  const button = inside?.querySelector(":scope > .fold");
  if (!button) return;
  button.click();
  button.focus({ preventScroll: true });
}

function swapConversation() {
  if (!state.tree) return;
  const inTree = Boolean(reader.dataset.drawn);
  const box = currentNode();
  const key = box ? box.dataset.node : location.hash.split("/")[3] || firstEnd(state.tree)?.key;
  if (key) visit(linkTo(inTree ? "chat" : "tree", state.tree, key));
}
