// The reader: one tree with branches that open and close, or one path as a plain conversation.

const reader = byId("reader");

function showTree(tree, node) {
  // The words that are marked may be others than when this was drawn.
  const drawn = reader.dataset.drawn === drawnAs(tree);
  state.tree = tree;
  document.body.classList.add("reading");
  if (!drawn) {
    const open = new Set(node ? pathTo(tree, node.key).map((one) => one.key) : []);
    reader.replaceChildren(heading(tree), persona(tree), trunk(tree, open));
    reader.dataset.drawn = drawnAs(tree);
  }
  markCurrent();
  if (node) reveal(tree, node);
  else toTop();
}

const drawnAs = (tree) => `${tree.run} ${tree.key} ${state.query}`;

function toTop() {
  reader.scrollTop = 0;
  window.scrollTo(0, 0);
  reader.focus({ preventScroll: true });
}

function heading(tree) {
  const button = (told, does) =>
    el("button", { type: "button", class: "quiet", on: { click: does } }, told);
  const end = firstEnd(tree);
  const chat = { class: "quiet", href: end && linkTo("chat", tree, end.key) };
  const repeat = tree.repeat ? ` · repeat ${tree.repeat}` : "";
  return el(
    "header",
    { class: "tree-head" },
    el("a", { class: "back all", href: "#dialogues" }, "← all dialogues"),
    el("h1", {}, "Tree ", el("code", {}, treeId(tree.key))),
    el("p", { class: "dim" }, bdi(runName(tree)), `${repeat} · ${plural(tree.turns || 0, "turn")}`),
    tree.status === "open" ? el("p", { class: "alert" }, "This dialogue is not finished.") : null,
    el(
      "p",
      { class: "tools" },
      button("open or close all", foldAll),
      end ? el("a", chat, "as a conversation") : null,
      button("previous", () => step(-1)),
      button("next", () => step(1)),
    ),
  );
}

function persona(tree) {
  const { profile, personality, split } = tree.person;
  const none = el("p", { class: "dim" }, "Nothing is known of this user.");
  return el(
    "section",
    { class: "persona" },
    el("h2", {}, "Persona ", el("code", {}, tree.persona), " ", chip(split)),
    profile || personality ? prose(profile) : none,
    personality ? prose(personality, "manner") : null,
  );
}

function trunk(tree, open) {
  const top = el("div", { class: "trunk" });
  for (const user of below(tree, tree.key, "user")) top.append(...branch(tree, user, open));
  return top;
}

// Turns one below the other, down to where the dialogue forks; branches fold, and are drawn when
// they are first opened.
function branch(tree, user, open) {
  const made = [];
  for (let next = user; next; ) {
    made.push(turn(tree, next));
    const ways = onward(tree, next);
    if (ways.length === 1) [[, next]] = ways;
    else {
      const asked = ways.some(([reply]) => open.has(reply.key));
      made.push(...ways.map(([reply, following], at) =>
        fork(tree, reply, following, open, asked ? open.has(reply.key) : at === 0)));
      next = null;
    }
  }
  return made;
}

function turn(tree, user) {
  const body = el("div", { class: "turn-body" });
  const excerpt = el("span", { class: "excerpt" }, bdi(shortened(user.text || "", 90)));
  const label = el("span", {}, el("b", {}, `Turn ${user.turn}`), " ", excerpt);
  const made = el("section", { class: "turn", "data-turn": user.key });
  made.append(folding(label, body, true, () => turnParts(tree, user)), body);
  return made;
}

function fork(tree, reply, user, open, isOpened) {
  const body = el("div", { class: "branch-body" });
  const label = el("span", {}, "after ", el("b", {}, bdi(reply.spec)), " ", el("code", {}, idOf(reply.key)));
  const made = el("section", { class: "branch", "data-branch": reply.key });
  made.append(folding(label, body, isOpened, () => branch(tree, user, open)), body);
  return made;
}

const inReader = (name, key) => reader.querySelector(`[data-${name}="${key}"]`);

// Opens everything above a node, and goes there.
function reveal(tree, node) {
  for (const above of pathTo(tree, node.key)) openFold(inReader("branch", above.key));
  const user = turnOf(tree, node.key);
  openFold(user && inReader("turn", user.key));
  const found = inReader("node", node.key) || (user && inReader("node", user.key));
  if (!found) return;
  for (let box = found.parentElement; box; box = box.parentElement) {
    if (box.tagName === "DETAILS") box.open = true;
  }
  for (const old of reader.querySelectorAll(".target")) old.classList.remove("target");
  found.classList.add("target");
  found.focus({ preventScroll: true });
  found.scrollIntoView({ block: node.seat === "user" ? "start" : "center" });
}

function openFold(section) {
  const button = section && section.querySelector(":scope > .fold");
  if (button && !isOpen(button)) button.click();
}

function foldAll() {
  const folds = () => [...reader.querySelectorAll(".fold")];
  const opening = folds().some((button) => !isOpen(button));
  // What is opened may hold further branches.
  for (let waiting = folds(); waiting.length; ) {
    for (const button of waiting) if (isOpen(button) !== opening) button.click();
    waiting = opening ? folds().filter((button) => !isOpen(button)) : [];
  }
}

function showChat(tree, node) {
  state.tree = tree;
  document.body.classList.add("reading");
  const back = { class: "back", href: linkTo("tree", tree, node.key) };
  const head = el(
    "header",
    { class: "tree-head" },
    el("a", back, "← the tree"),
    el("h1", {}, "Conversation to ", el("code", {}, idOf(node.key))),
    el("p", { class: "dim" }, bdi(runName(tree)), " · tree ", el("code", {}, treeId(tree.key))),
  );
  const said = pathTo(tree, node.key).map((one) => (one.failure ? failed(one) : bubble(tree, one)));
  reader.replaceChildren(head, el("div", { class: "chat" }, ...said));
  reader.dataset.drawn = "";
  markCurrent();
  toTop();
}

function bubble(tree, node) {
  return el(
    "div",
    { class: `bubble ${node.seat}`, "data-node": node.key, tabindex: "-1" },
    el(
      "div",
      { class: "head" },
      el("b", {}, node.seat),
      el("span", { class: "dim" }, bdi(node.spec)),
      el("span", { class: "space" }),
      idLink(tree, node),
    ),
    prose(node.text || ""),
  );
}
