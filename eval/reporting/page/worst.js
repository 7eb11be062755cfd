// The worst turns of all runs, each with the way to its place.

const KINDS = { failure: "failed", score: "score", regret: "regret" };
const worstFilters = byId("worst-filters");

function startWorst() {
  addRuns(worstFilters.elements.run);
  worstFilters.addEventListener("input", refreshWorst);
  refreshWorst();
}

function refreshWorst() {
  const { run, kind } = worstFilters.elements;
  const found = data.worst.filter(
    (bad) =>
      (run.value === "" || bad.run === Number(run.value)) &&
      (kind.value === "" || bad.kind === kind.value),
  );
  const rows = kind.value ? sorted(found, (bad) => bad.rank) : mixed(found);
  const told = "None: nothing failed, and no judge compared or scored what was said.";
  const none = el("li", { class: "dim" }, told);
  byId("worst-list").replaceChildren(...(rows.length ? rows.map(badItem) : [none]));
}

// All failures, then scores and regrets in turn, so that the worst of each stands near the top.
function mixed(found) {
  const of = (kind) => sorted(found.filter((bad) => bad.kind === kind), (bad) => bad.rank);
  const [scores, regrets] = [of("score"), of("regret")];
  const length = Math.max(scores.length, regrets.length);
  const pairs = Array.from({ length }, (_, at) => [scores[at], regrets[at]]).flat();
  return [...of("failure"), ...pairs.filter(Boolean)];
}

function badItem(bad) {
  const tree = data.trees.find((one) => one.run === bad.run && one.key === bad.tree);
  const scale = bad.scale ? ` of ${bad.scale[1]}` : "";
  const parts = [
    chip(`${KINDS[bad.kind]} ${bad.told}${scale}`, bad.kind === "regret" ? "warn" : "bad"),
    el(
      "span",
      { class: "where" },
      `turn ${bad.turn}, `,
      bdi(bad.seat === "assistant" ? bad.spec : `${bad.seat} ${bad.spec}`),
      data.runs.length > 1 ? el("div", { class: "dim run" }, bdi(data.runs[bad.run].name)) : null,
    ),
    el("span", { class: "said-short" }, bdi(bad.text)),
    el("code", { class: "dim" }, `${treeId(bad.tree)} ${idOf(bad.node)}`),
  ];
  const inside = tree
    ? el("a", { class: "item bad-item", href: linkTo("tree", tree, bad.node) }, ...parts)
    : el("span", { class: "item bad-item" }, ...parts, " (not in this page)");
  return el("li", {}, inside);
}
