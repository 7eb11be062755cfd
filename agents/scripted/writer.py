"""The scripted writer: makes up people from banks of phrases, without a model.

It is able to tell thousands of lives and characters apart; its prose has the evenness of all prose
that is composed, which a language model's has not.
"""

from agents.scripted.draws import Draws
from agents.scripted.life import draw_life
from agents.scripted.telling import told_life, told_manner
from agents.seats import WriterBrief, Written
from dialogues.errors import UsageError


class ScriptedWriter:
    """Composes profiles and personalities; it needs no examples."""

    async def write(self, brief: WriterBrief) -> Written:
        """Write as many texts as asked for.

        Raises:
            UsageError: in another language than English.
        """
        if brief.language != "en":
            raise UsageError(
                f"--language {brief.language}: the scripted writer knows only English (en); take a "
                "model, as in --writer openai:MODEL"
            )
        draw = Draws(brief.seed)
        tell = self._life if brief.kind == "profile" else told_manner
        return Written(texts=tuple(tell(draw) for _ in range(brief.count)))

    def _life(self, draw: Draws) -> str:
        return told_life(draw_life(draw), draw)
