"""What a person sees: replies as they are written, with what is believed beside them.

In a terminal panels and markdown, elsewhere plain lines. All that models and personas say is shown
as text: it can neither style the console nor control the terminal.
"""

from collections.abc import Sequence
from typing import Any

from markdown_it import MarkdownIt
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.live import Live
from rich.markdown import Markdown
from rich.panel import Panel
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from dialogues.node import Belief, Node
from dialogues.plain import plain, visible

_NARROWEST = 34


class Screen:
    """Prints a conversation."""

    def __init__(self, console: Console) -> None:
        """Print on `console`."""
        self.console = console
        self._live: Live | None = None

    @property
    def is_terminal(self) -> bool:
        """Whether there are colours and panels."""
        return self.console.is_terminal

    def say(self, line: str, style: str = "dim") -> None:
        """Print a line about the conversation."""
        self.console.print(plain(line, style), soft_wrap=not self.is_terminal)

    def show(self, what: RenderableType) -> None:
        """Print what is drawn elsewhere."""
        self.console.print(what)

    def user(self, node: Node) -> None:
        """Print a message of a simulated user."""
        self._print(f"user {node.turn}", plain(node.text), node.text, "cyan")

    def failed(self, node: Node) -> None:
        """Print what went wrong in an agent."""
        failure = node.failure
        if failure:
            self.say(f"{node.seat} {node.spec} failed: {failure.type}: {failure.message}", "red")

    def writing(self, texts: Sequence[str], titles: Sequence[str], belief: Belief | None) -> None:
        """Show replies as far as they are written, in place of what was shown of them before."""
        if not self.is_terminal:
            return
        if self._live is None:
            self._live = Live(console=self.console, transient=True, refresh_per_second=8)
            self._live.start()
        self._live.update(self._side_by_side(texts, titles, belief))

    def replies(self, texts: Sequence[str], titles: Sequence[str], belief: Belief | None) -> None:
        """Print replies that are complete, with what is believed of the user beside them."""
        self.stop()
        if self.is_terminal:
            self.console.print(self._side_by_side(texts, titles, belief))
            return
        for title, text in zip(titles, texts, strict=True):
            self.console.print(plain(f"{title}: {text}"), soft_wrap=True)

    def belief(self, belief: Belief | None) -> None:
        """Print what is believed of the user."""
        lines = _lines(belief) or ["nothing yet"]
        self._print("believed of the user", _listed(belief), "\n".join(lines), "magenta")

    def stop(self) -> None:
        """End what is being shown as it is written."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _side_by_side(
        self, texts: Sequence[str], titles: Sequence[str], belief: Belief | None
    ) -> RenderableType:
        panels: list[RenderableType] = [
            Panel(_Reply(text), title=plain(title), title_align="left", border_style="green")
            for title, text in zip(titles, texts, strict=True)
        ]
        if belief is not None:
            title = "believed of you"
            panels.append(Panel(_listed(belief), title=title, border_style="magenta"))
        if self.console.width < _NARROWEST * len(panels) and len(texts) > 1:
            return Group(*panels)
        grid = Table.grid(expand=True)
        for number in range(len(panels)):
            grid.add_column(ratio=1 if number >= len(texts) else 2)
        grid.add_row(*panels)
        return grid

    def _print(self, title: str, drawn: Text, said: str, colour: str) -> None:
        if self.is_terminal:
            self.console.print(Panel(drawn, title=title, title_align="left", border_style=colour))
        else:
            self.console.print(Text(f"{title}: ") + plain(said), soft_wrap=True)


def _listed(belief: Belief | None) -> Text:
    lines = [plain(f"• {line}") for line in _lines(belief)]
    return Text("\n").join(lines) if lines else Text("nothing yet", style="dim")


def _lines(belief: Belief | None) -> list[str]:
    return [*belief.facts, *belief.traits] if belief else []


class _Reply:
    """Draws markdown, in which HTML is text like any other and a link shows where it leads."""

    def __init__(self, text: str) -> None:
        self._drawn: Any = Markdown("", hyperlinks=False)
        parser = MarkdownIt("commonmark", {"html": False}).enable(["strikethrough", "table"])
        self._drawn.markup = visible(text)
        self._drawn.parsed = parser.parse(self._drawn.markup)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for segment in console.render(self._drawn, options):
            # Markdown knows names and numbers of all characters, those of bidi too.
            yield segment if segment.control else Segment(visible(segment.text), segment.style)
