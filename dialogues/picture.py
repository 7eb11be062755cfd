"""Pictures of trees in the terminal: a whole tree with its branches, or one path as a chat."""

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.text import Text
from rich.tree import Tree as Branches

from dialogues.choice import Chooser
from dialogues.node import Belief, Node
from dialogues.persona import Persona
from dialogues.plain import plain
from dialogues.tree import Tree
from dialogues.verdict import Verdict


def picture(tree: Tree, choose: Chooser) -> RenderableType:
    """Draw a whole tree: every turn, all candidates, verdicts and beliefs.

    The trunk runs down on one level; where the dialogue goes on from several candidates, each
    branch is drawn below its own heading.
    """
    trunk = Branches(_heading(tree), guide_style="dim")
    for first in tree.children(tree.key, "user"):
        _Drawing(tree, choose).follow(trunk, first)
    return Group(portrait(tree.persona), trunk, _legend())


def chat(tree: Tree, key: str) -> RenderableType:
    """Draw the path from the root to a node as a plain conversation."""
    return Group(*(_bubble(node) for node in tree.path(key)))


class _Drawing:
    """Draws the branches of one tree."""

    def __init__(self, tree: Tree, choose: Chooser) -> None:
        self.tree = tree
        self.choose = choose

    def follow(self, trunk: Branches, user: Node) -> None:
        """Draw a branch turn by turn, and what forks off it below."""
        while True:
            turn = trunk.add(_user_line(user))
            self._add_candidates(turn, user)
            continued = [
                (reply, following)
                for reply in self.tree.candidates(user.key)
                for following in self.tree.children(reply.key, "user")
            ]
            if len(continued) != 1:
                break
            user = continued[0][1]
        for reply, following in continued:
            heading = Text.assemble(("after ", "dim"), _name(reply), (f" {reply.key[:8]}", "dim"))
            self.follow(trunk.add(heading), following)

    def _add_candidates(self, turn: Branches, user: Node) -> None:
        for believed in self.tree.children(user.key, "inducer"):
            turn.add(_failure(believed) or self._belief_line(believed, user))
        verdict = self.choose(self.tree, user.key)
        for reply in self.tree.children(user.key, "assistant"):
            turn.add(_failure(reply) or self._reply_line(reply, verdict))
        for judged in self.tree.children(user.key, "judge"):
            turn.add(_failure(judged) or _verdict_line(judged))

    def _belief_line(self, believed: Node, user: Node) -> Text:
        belief = believed.belief or Belief()
        before = self._belief_before(user)
        new = [fact for fact in (*belief.facts, *belief.traits) if fact not in before]
        line = Text("believes ", style="dim magenta")
        told = " ".join(f"+ {fact}" for fact in new) if new else "nothing new"
        return line.append_text(plain(told, "bright_magenta"))

    def _belief_before(self, user: Node) -> tuple[str, ...]:
        path = self.tree.path(user.key)
        belief = self.tree.belief(path[-3].key) if len(path) > 2 else None
        return (*belief.facts, *belief.traits) if belief else ()

    def _reply_line(self, reply: Node, verdict: Verdict | None) -> Text:
        style, mark = "", "  "
        if verdict and verdict.preferred and any(reply.key in tier for tier in verdict.ranking):
            preferred = reply.key in verdict.preferred
            style, mark = ("green", "✓ ") if preferred else ("red", "✗ ")
        onward = "▸" if self.tree.continued(reply.key) else " "
        line = Text.assemble(
            (f"{onward}{mark}", style), (f"{reply.key[:8]} ", "dim"), _name(reply), ": "
        )
        return line.append_text(plain(reply.text, style))


def _heading(tree: Tree) -> Text:
    return Text.assemble(("tree ", "dim"), (tree.key, "bold"), (f"  {len(tree)} nodes", "dim"))


def portrait(persona: Persona) -> RenderableType:
    """Draw who the user is."""
    title = f"persona {persona.id} · {persona.split}"
    texts = plain(persona.profile.text), Text(), plain(persona.personality.text, "italic")
    return Panel(Group(*texts), title=title, border_style="cyan", title_align="left")


def _legend() -> Text:
    return Text("✓ preferred  ✗ rejected  ▸ the dialogue went on from here", style="dim")


def _user_line(user: Node) -> Text:
    line = Text.assemble((f"{user.turn:>2} ", "bold cyan"), (f"{user.key[:8]} ", "dim"))
    return line.append_text(_failure(user) or plain(user.text, "cyan"))


def _name(node: Node) -> Text:
    return plain(node.spec, "bold")


def _verdict_line(judged: Node) -> Text:
    verdict = judged.verdict
    if verdict is None:
        return Text()
    line = Text.assemble(_name(judged), f": margin {verdict.margin:.2f}, ", style="dim")
    line.append(f"confidence {verdict.confidence:.2f}")
    if not verdict.preferred:
        line.append(", a tie")
    return line


def _failure(node: Node) -> Text | None:
    if node.failure is None:
        return None
    what = f"{node.seat} failed: {node.failure.type}: {node.failure.message}"
    return plain(what, "bold red")


def _bubble(node: Node) -> Panel:
    colour = "cyan" if node.seat == "user" else "green"
    title = Text.assemble(f"{node.turn} ", plain(f"{node.seat} {node.spec}"))
    body = _failure(node) or plain(node.text)
    return Panel(body, title=title, title_align="left", border_style=colour)
