// The data of the page, and the walks over a tree.

const data = JSON.parse(byId("data").textContent);
const state = { query: "", listed: data.trees, tree: null };

const runName = (tree) => data.runs[tree.run].name;
const idOf = (key) => key.slice(0, 8);
const treeId = (key) => key.slice(0, 10);

for (const tree of data.trees) tree.person = data.personas[tree.persona];

// Children by parent and seat, made when a tree is first looked at.
function below(tree, key, seat) {
  if (!tree.children) {
    tree.children = new Map();
    tree.byKey = new Map();
    for (const node of tree.nodes) {
      tree.byKey.set(node.key, node);
      const place = `${node.parent} ${node.seat}`;
      if (!tree.children.has(place)) tree.children.set(place, []);
      tree.children.get(place).push(node);
    }
  }
  return tree.children.get(`${key} ${seat}`) || [];
}

function nodeOf(tree, key) {
  below(tree, tree.key, "user");
  return tree.byKey.get(key);
}

// The messages that lead to a node; what an inducer or a judge left leads to what it is about.
function pathTo(tree, key) {
  const path = [];
  for (let node = nodeOf(tree, key); node; node = nodeOf(tree, node.parent)) {
    if (node.seat === "user" || node.seat === "assistant") path.unshift(node);
  }
  return path;
}

// The turn a node stands in: the user's message it is, or lies below.
function turnOf(tree, key) {
  const node = nodeOf(tree, key);
  return node && (node.seat === "user" ? node : nodeOf(tree, node.parent));
}

const wentOn = (tree, reply) => below(tree, reply.key, "user").length > 0;

// Where the dialogue goes on after a turn: pairs of a reply and the user's next message.
function onward(tree, user) {
  const pairs = [];
  for (const reply of below(tree, user.key, "assistant")) {
    for (const next of below(tree, reply.key, "user")) pairs.push([reply, next]);
  }
  return pairs;
}

// The last message of the way that the dialogue first took.
function firstEnd(tree) {
  let [user] = below(tree, tree.key, "user");
  let last = user;
  while (user) {
    const [step] = onward(tree, user);
    last = step ? step[1] : below(tree, user.key, "assistant")[0] || user;
    user = step && step[1];
  }
  return last;
}

// All that was said in a tree, in small letters, to be searched.
function textOf(tree) {
  if (tree.text === undefined) {
    const { profile, personality } = tree.person;
    const said = tree.nodes.map((node) => {
      const reasons = node.verdict ? Object.values(node.verdict.reasons || {}) : [];
      const failure = node.failure ? [node.failure.type, node.failure.message] : [];
      return [node.key, node.spec, node.text, ...reasons, ...failure].filter(Boolean).join("\n");
    });
    tree.text = [tree.key, profile, personality, ...said].join("\n").toLowerCase();
  }
  return tree.text;
}
