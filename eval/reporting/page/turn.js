// One turn: the user's message, what it revealed, what was believed, the candidates, the verdicts.

const letter = (at) => (at < 26 ? String.fromCharCode(65 + at) : `#${at + 1}`);

function turnParts(tree, user) {
  const all = below(tree, user.key, "assistant");
  return [
    message(tree, user),
    ...notesOf(tree, user),
    all.length
      ? el("div", { class: "candidates" }, ...all.map((one, at) => candidate(tree, user, one, at)))
      : null,
    ...verdictsOf(tree, user, all),
  ].filter(Boolean);
}

function idLink(tree, node) {
  const link = linkTo("tree", tree, node.key);
  return el("a", { class: "id", href: link, title: "link to this place" }, idOf(node.key));
}

function chatLink(tree, node) {
  const title = "the way to here as a plain conversation";
  return el("a", { class: "quiet", href: linkTo("chat", tree, node.key), title }, "chat");
}

const links = (tree, node) =>
  el("span", { class: "links" }, chatLink(tree, node), " ", idLink(tree, node));

function failed(node) {
  const { type, message: said, where } = node.failure;
  return el(
    "div",
    { class: "failure", "data-node": node.key, tabindex: "-1" },
    el("b", {}, `${node.seat} failed: `, bdi(type)),
    el("span", { class: "dim" }, " ", bdi(node.spec), where ? " · " : "", where ? bdi(where) : ""),
    prose(said),
  );
}

function thoughts(node) {
  if (!node.reasoning) return null;
  return el("details", {}, el("summary", {}, "reasoning"), prose(node.reasoning, "raw"));
}

function message(tree, user) {
  if (user.failure) return failed(user);
  return el(
    "div",
    { class: "said user", "data-node": user.key, tabindex: "-1" },
    el(
      "div",
      { class: "head" },
      el("b", {}, "user"),
      el("span", { class: "dim" }, bdi(user.spec)),
      user.attempt ? chip(`attempt ${user.attempt + 1}`) : null,
      user.ends ? chip("leaves") : null,
      el("span", { class: "space" }),
      links(tree, user),
    ),
    prose(user.text || ""),
    thoughts(user),
  );
}

// What was revealed, by the user's own gold notes, and what the inducer then believed.
function notesOf(tree, user) {
  const rows = user.gold ? goldRows(tree, user.gold) : [];
  for (const node of below(tree, user.key, "inducer")) {
    rows.push(node.failure ? ["inducer", failed(node)] : beliefRow(tree, user, node));
  }
  if (!rows.length) return [];
  const parts = rows.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]);
  return [el("dl", { class: "notes" }, ...parts)];
}

function goldRows(tree, gold) {
  const facts = (ids) =>
    el("ul", {}, ...ids.map((id) => el("li", { dir: "auto" }, tree.person.facts[id] || id)));
  const rows = [];
  if (gold.reveals) rows.push(["revealed", facts(gold.reveals)]);
  if (gold.speaks_of) rows.push(["came back to", facts(gold.speaks_of)]);
  const shown = [...(gold.acts || []), ...(gold.traits || [])];
  if (shown.length) rows.push(["acts, traits", el("span", {}, ...shown.map((one) => chip(one)))]);
  return rows;
}

function beliefRow(tree, user, node) {
  const held = node.belief || [];
  if (node.probe) return [`${node.spec} believes`, statements(held, [])];
  const earlier = pathTo(tree, user.parent).filter((one) => one.seat === "user").pop();
  const before = earlier
    ? below(tree, earlier.key, "inducer").flatMap((one) => (one.probe ? [] : one.belief || []))
    : [];
  return ["believed", statements(held, before)];
}

function statements(held, before) {
  const fresh = held.filter((one) => !before.includes(one));
  const kept = held.filter((one) => before.includes(one));
  const item = (text, className) => el("li", { class: className, dir: "auto" }, ...marked(text));
  return el(
    "div",
    {},
    fresh.length
      ? el("ul", {}, ...fresh.map((one) => item(one, "fresh")))
      : el("span", { class: "dim" }, held.length ? "nothing new" : "nothing"),
    kept.length
      ? el(
          "details",
          {},
          el("summary", {}, `and ${plural(kept.length, "earlier statement")}`),
          el("ul", {}, ...kept.map((one) => item(one, ""))),
        )
      : null,
  );
}

function candidate(tree, user, reply, at) {
  if (reply.failure) return failed(reply);
  const best = user.judged?.preferred.includes(reply.key);
  return el(
    "div",
    {
      class: `said reply${best ? " best" : ""}${wentOn(tree, reply) ? " chosen" : ""}`,
      "data-node": reply.key,
      tabindex: "-1",
    },
    el(
      "div",
      { class: "head" },
      el("b", { class: "letter" }, letter(at)),
      el("b", {}, bdi(reply.spec)),
      ...marks(tree, user, reply),
      el("span", { class: "space" }),
      links(tree, reply),
    ),
    prose(reply.text || ""),
    thoughts(reply),
  );
}

// What the verdict that counts says of a reply, and whether the dialogue went on from it.
function marks(tree, user, reply) {
  const { preferred = [], means = {}, regrets = {} } = user.judged || {};
  const best = preferred.includes(reply.key);
  const mark = best ? "✓ preferred" : preferred.length ? "✗" : "";
  const score = means[reply.key];
  const regret = regrets[reply.key];
  return [
    mark ? chip(mark, best ? "good" : "") : null,
    wentOn(tree, reply) ? chip("▸ went on", "on") : null,
    score === undefined ? null : chip(score.toFixed(2), "score", "mean score"),
    regret ? chip(`regret ${regret.toFixed(2)}`, "warn", "how far behind the best") : null,
  ];
}
