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
  const { margin, confidence, reasons = {}, orders = [] } = node.verdict || {};
  return el(
    "div",
    { class: "verdict", "data-node": node.key, tabindex: "-1" },
    el(
      "div",
      { class: "head" },
      el("b", {}, "judge ", bdi(node.spec)),
      node.protocol ? el("span", { class: "dim" }, "protocol ", bdi(node.protocol)) : null,
      ...(node.verdict && names.size > 1
        ? [
            el("b", { class: "ranking" }, ranking(node.verdict, names)),
            el("span", { class: "dim" }, `margin ${margin.toFixed(2)}`),
            el("span", { class: "dim" }, `confidence ${confidence.toFixed(2)}`),
          ]
        : []),
      el("span", { class: "space" }),
      idLink(tree, node),
    ),
    node.verdict && node.verdict.scores ? scoreTable(node.verdict, names) : null,
    ...Object.entries(reasons).map(([key, why]) =>
      el(
        "div",
        { class: "reason" },
        el("b", { class: "letter" }, names.get(key) || idOf(key)),
        prose(why),
      ),
    ),
    orders.length > 0
      ? el("p", { class: "dim" }, "shown in order ", orders.map((one) => one.map((key) => names.get(key) || idOf(key)).join(" ")).join(", then "))
      : null,
    node.text
      ? el("details", {}, el("summary", {}, "what the judge wrote"), prose(node.text, "raw"))
      : null,
    thoughts(node),
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
  const rows = nodes.map((node) => {
    const person = data.personas[node.against];
    const means = node.verdict && node.verdict.means ? Object.entries(node.verdict.means) : [];
    const scores = means.map(([key, mean]) =>
      names.size > 1 ? `${names.get(key)} ${mean.toFixed(2)}` : mean.toFixed(2),
    );
    return el(
      "tr",
      { "data-node": node.key, tabindex: "-1" },
      el("td", {}, bdi(node.spec)),
      el("td", { class: "long" }, el("code", {}, node.against), " ", bdi(person ? shortened(person.profile, 90) : "")),
      el("td", {}, node.failure ? failed(node) : scores.join(", ")),
      el("td", {}, idLink(tree, node)),
    );
  });
  const known = nodes.flatMap((node) => Object.values((node.verdict || {}).means || {}));
  const mean = known.reduce((sum, each) => sum + each, 0) / known.length;
  const told = `judged for ${nodes.length} other people${known.length ? `: mean ${mean.toFixed(2)}` : ""}`;
  return el(
    "details",
    { class: "swaps" },
    el("summary", {}, told),
    el("table", {}, el("tbody", {}, ...rows)),
  );
}
