// Links: what stands after the "#" says what is shown, so that every place can be linked to.

const linkTo = (kind, tree, key) =>
  `#${[kind, runName(tree), treeId(tree.key), ...(key ? [idOf(key)] : [])]
    .map(encodeURIComponent)
    .join("/")}`;

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function treeAt(run, prefix) {
  return data.trees.find((tree) => runName(tree) === run && tree.key.startsWith(prefix));
}

function route() {
  const [kind, ...rest] = location.hash.slice(1).split("/").map(decoded);
  if (kind === "tree" || kind === "chat") {
    showView("dialogues");
    const tree = prefixed(rest[1]) && treeAt(rest[0], rest[1]);
    if (tree) return showPlace(kind, tree, rest[2] || "");
    return showMissing();
  }
  if (kind === "dialogues" || kind === "worst") {
    showView(kind);
    return window.scrollTo(0, 0);
  }
  showView("report");
  const part = kind === "report" && rest[0] ? byId(`part-${rest[0]}`) : null;
  return part ? part.scrollIntoView() : window.scrollTo(0, 0);
}

const prefixed = (prefix) => /^[0-9a-f]{4,}$/.test(prefix || "");

function showPlace(kind, tree, prefix) {
  const node = prefixed(prefix) ? tree.nodes.find((one) => one.key.startsWith(prefix)) : null;
  if (prefix && !node) return showMissing();
  if (kind === "chat") return showChat(tree, node || firstEnd(tree));
  return showTree(tree, node);
}

function showMissing() {
  const told = "This page holds no such dialogue or message. It may hold a part of the run only.";
  byId("reader").replaceChildren(el("p", { class: "alert" }, told));
  document.body.classList.add("reading");
}

function showView(name) {
  document.body.classList.toggle("reading", false);
  for (const view of document.querySelectorAll(".view")) view.hidden = view.id !== name;
  for (const link of document.querySelectorAll("nav [data-view]")) {
    if (link.dataset.view === name) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

// Takes note of the place without another entry in the browser's history.
const noteLink = (link) => history.replaceState(null, "", link);

// Goes to a place at once: a change of location.hash alone is told of later.
function visit(link) {
  history.pushState(null, "", link);
  route();
}
