// Verdicts: what each judge said of a turn's candidates, for the user and for somebody else.

function verdictsOf(tree, user, candidates) {
  const names = new Map(candidates.map((reply, at) => [reply.key, letter(at)]));
  const judges = below(tree, user.key, "judge");
  const own = judges.filter((node) => !node.against);
  const swapped = judges.filter((node) => node.against);
  const parts = own.map((node) => verdict(tree, node, names));
  if (swapped.length) parts.push(swaps(tree, swapped, names));
  return parts.length ? [el("div", { class: "verdicts" }, ...parts)] : [];
}

function verdict(tree, node, names) {
  if (node.failure) return failed(node);
  const { reasons = {}, orders = [], scores } = node.verdict || {};
  const named = (key) => names.get(key) || idOf(key);
  const shown = orders.map((one) => one.map(named).join(" ")).join(", then ");
  return el(
    "div",
    { class: "verdict", "data-node": node.key, tabindex: "-1" },
    verdictHead(tree, node, names),
    scores ? scoreTable(node.verdict, names) : null,
    ...Object.entries(reasons).map(([key, why]) =>
      el("div", { class: "reason" }, el("b", { class: "letter" }, named(key)), prose(why)),
    ),
    shown ? el("p", { class: "dim" }, `shown in order ${shown}`) : null,
    node.text
      ? el("details", {}, el("summary", {}, "what the judge wrote"), prose(node.text, "raw"))
      : null,
    thoughts(node),
  );
}

function verdictHead(tree, node, names) {
  const compared = node.verdict && names.size > 1;
  const said = compared
    ? [
        el("b", { class: "ranking" }, ranking(node.verdict, names)),
        el("span", { class: "dim" }, `margin ${node.verdict.margin.toFixed(2)}`),
        el("span", { class: "dim" }, `confidence ${node.verdict.confidence.toFixed(2)}`),
      ]
    : [];
  return el(
    "div",
    { class: "head" },
    el("b", {}, "judge ", bdi(node.spec)),
    node.protocol ? el("span", { class: "dim" }, "protocol ", bdi(node.protocol)) : null,
    ...said,
    el("span", { class: "space" }),
    idLink(tree, node),
  );
}

// "A > B = C": tiers from the best.
const ranking = (one, names) =>
  one.ranking.map((tier) => tier.map((key) => names.get(key) || idOf(key)).join(" = ")).join(" > ");

function scoreTable(one, names) {
  const keys = [...names.keys()].filter((key) => key in one.scores);
  const criteria = [...new Set(keys.flatMap((key) => Object.keys(one.scores[key])))];
  const cell = (value) => el("td", {}, value === undefined ? "" : value.toFixed(2));
  const head = ["", ...criteria, ...(criteria.length > 1 ? ["mean"] : [])];
  return el(
    "table",
    { class: "scores", title: `scale ${one.scale.join(" to ")}` },
    el("thead", {}, el("tr", {}, ...head.map((name) => el("th", { scope: "col" }, bdi(name))))),
    el(
      "tbody",
      {},
      ...keys.map((key) =>
        el(
          "tr",
          {},
          el("th", { scope: "row" }, names.get(key)),
          ...criteria.map((name) => cell(one.scores[key][name])),
          criteria.length > 1 ? cell(one.means[key]) : null,
        ),
      ),
    ),
  );
}

// The same replies judged for other people: a pleasant tone scores as high there.
function swaps(tree, nodes, names) {
  const known = nodes.flatMap((node) => Object.values(node.verdict?.means || {}));
  const mean = known.reduce((sum, each) => sum + each, 0) / known.length;
  const scored = known.length ? `: mean ${mean.toFixed(2)}` : "";
  const told = `judged for somebody else, ${plural(nodes.length, "verdict")}${scored}`;
  const rows = nodes.map((node) => swapRow(tree, node, names));
  return el(
    "details",
    { class: "swaps" },
    el("summary", {}, told),
    el("table", {}, el("tbody", {}, ...rows)),
  );
}

function swapRow(tree, node, names) {
  const profile = data.personas[node.against]?.profile || "";
  const scores = Object.entries(node.verdict?.means || {}).map(([key, mean]) =>
    names.size > 1 ? `${names.get(key)} ${mean.toFixed(2)}` : mean.toFixed(2),
  );
  const who = [el("code", {}, node.against), " ", bdi(shortened(profile, 90))];
  return el(
    "tr",
    { "data-node": node.key, tabindex: "-1" },
    el("td", {}, bdi(node.spec)),
    el("td", { class: "long" }, ...who),
    el("td", {}, node.failure ? failed(node) : scores.join(", ")),
    el("td", {}, idLink(tree, node)),
  );
}
