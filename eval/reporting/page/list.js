// The list of dialogues: search, order, filters.

const filters = byId("filters");
const ORDERS = {
  lowest: (tree) => tree.lowest,
  mean: (tree) => tree.mean,
  margin: (tree) => tree.margin,
  regret: (tree) => (tree.regret == null ? null : -tree.regret),
  failures: (tree) => -(tree.failures || 0),
};
const STATES = {
  failed: (tree) => tree.failures > 0,
  sound: (tree) => !tree.failures,
  open: (tree) => tree.status === "open",
};

function startList() {
  addRuns(filters.elements.run);
  filters.addEventListener("input", refreshList);
  filters.addEventListener("submit", (event) => event.preventDefault());
  refreshList();
}

function addRuns(select) {
  select.append(el("option", { value: "" }, "all"));
  data.runs.forEach((run, at) => select.append(el("option", { value: at }, run.name)));
  select.closest("label").hidden = data.runs.length < 2;
}

function refreshList() {
  const { text, run, order, state: kind, margin } = filters.elements;
  state.query = text.value.trim();
  const wanted = state.query.toLowerCase();
  const most = margin.value === "" ? null : Number(margin.value);
  const found = data.trees.filter(
    (tree) =>
      (run.value === "" || tree.run === Number(run.value)) &&
      (kind.value === "" || STATES[kind.value](tree)) &&
      (most === null || (tree.margin != null && tree.margin <= most)) &&
      (!wanted || textOf(tree).includes(wanted)),
  );
  state.listed = order.value ? sorted(found, ORDERS[order.value]) : found;
  byId("list").replaceChildren(...state.listed.map(item));
  byId("count").textContent = told(found.length, run.value);
  markCurrent();
}

// Those without a figure come last.
function sorted(trees, figure) {
  const worth = (tree) => figure(tree) ?? Infinity;
  return [...trees].sort((one, other) => worth(one) - worth(other) || 0);
}

function told(count, run) {
  const runs = run === "" ? data.runs : [data.runs[Number(run)]];
  const total = runs.reduce((sum, each) => sum + each.total, 0);
  const shown = runs.reduce((sum, each) => sum + each.shown, 0);
  const all = shown < total ? ` (of ${total.toLocaleString("en")} in the store)` : "";
  return `${count.toLocaleString("en")} of ${plural(shown, "dialogue")}${all}`;
}

function item(tree) {
  const link = { href: linkTo("tree", tree), class: "item", "data-tree": `${tree.run} ${tree.key}` };
  return el(
    "li",
    {},
    el(
      "a",
      link,
      el(
        "span",
        { class: "top" },
        el("code", {}, treeId(tree.key)),
        tree.failures ? chip(`${tree.failures} failed`, "bad") : null,
        tree.status === "open" ? chip("not finished", "warn") : null,
        el("span", { class: "dim" }, plural(tree.turns || 0, "turn")),
      ),
      el("span", { class: "who" }, bdi(shortened(about(tree), 110))),
      figuresOf(tree),
      data.runs.length > 1 ? el("span", { class: "dim run" }, bdi(runName(tree))) : null,
    ),
  );
}

function figuresOf(tree) {
  const known = [
    ["mean", tree.mean],
    ["low", tree.lowest],
    ["regret", tree.regret],
    ["margin", tree.margin],
  ].filter(([, value]) => value != null);
  const shown = ([name, value]) => el("span", {}, `${name} `, el("b", {}, value.toFixed(2)));
  return el("span", { class: "figures" }, ...known.map(shown));
}

// Whom a dialogue is with; where that is not known, how it begins.
const about = (tree) =>
  tree.person.profile || tree.nodes.find((node) => node.seat === "user")?.text || "";

function markCurrent() {
  const current = state.tree ? `${state.tree.run} ${state.tree.key}` : "";
  for (const link of byId("list").querySelectorAll("a")) {
    if (link.dataset.tree !== current) link.removeAttribute("aria-current");
    else if (!link.hasAttribute("aria-current")) {
      link.setAttribute("aria-current", "true");
      const box = byId("list").closest("aside");
      if (box.scrollHeight > box.clientHeight) link.scrollIntoView({ block: "nearest" });
    }
  }
}

// Goes to the next or previous dialogue of the list.
function step(by) {
  const at = state.listed.indexOf(state.tree);
  const next = state.listed[at < 0 ? 0 : at + by];
  if (next) visit(linkTo("tree", next));
}
