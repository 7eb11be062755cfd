"""The models of a run: opened by spec, sharing permits and connections, closed together."""

import asyncio
import importlib
from typing import TYPE_CHECKING

from agents.casting import MODEL_KINDS
from agents.models.line import Line
from agents.models.model import Model
from agents.models.rehearsed import Rehearsed
from agents.models.remote import Remote
from agents.models.settings import DEFAULT, Endpoint, ModelSettings, Sampling, WriterSampling
from dialogues.errors import UsageError
from dialogues.spec import Spec

if TYPE_CHECKING:
    from agents.models.local import Local

_UNKNOWN = Endpoint(base_url="http://localhost")


class Models:
    """Opens models; all to one endpoint share its permits, all to one folder its weights."""

    def __init__(
        self,
        settings: ModelSettings | None = None,
        concurrency: int = 64,
        share: int = 1,
        rehearsal: bool = False,
    ) -> None:
        """Open nothing yet.

        Args:
            settings: endpoints and sampling.
            concurrency: calls in flight per endpoint that does not say it itself.
            share: the number of workers among whom calls in flight are divided.
            rehearsal: open stand-ins that answer at once and only count; needs no key.
        """
        self.settings = settings or ModelSettings()
        self.concurrency, self.share, self.rehearsal = concurrency, share, rehearsal
        self._lines: dict[str, Line] = {}
        self._remote: list[Remote] = []
        self._local: dict[str, Local] = {}

    def open(self, spec: str | Spec, seat: str = "assistant") -> Model:
        """Return the model a spec names, sampled as its seat is.

        Raises:
            UsageError: no such kind, endpoint or folder; the key is not set.
        """
        spec = Spec.parse(spec) if isinstance(spec, str) else spec
        sampling: Sampling = getattr(self.settings.sampling, seat, WriterSampling())
        if spec.kind not in MODEL_KINDS:
            raise UsageError(f"{spec.model} is no model; write openai:MODEL or hf:FOLDER")
        if not spec.variant:
            raise UsageError(f"{spec.model}: name the model after a colon, as in {spec.kind}:MODEL")
        if spec.kind == "hf":
            return self._open_local(spec, sampling, seat)
        endpoint = self.settings.endpoint(spec.endpoint)
        if self.rehearsal:
            return Rehearsed(spec.variant, seat)
        line = self._line(spec.endpoint)
        self._remote.append(Remote(spec.variant, endpoint, sampling, line, seat))
        return self._remote[-1]

    def permits(self, endpoint: str) -> asyncio.Semaphore:
        """Return the permits for calls in flight to an endpoint, this worker's share of them."""
        return self._line(endpoint).permits

    @property
    def remote(self) -> list[Remote]:
        """All models on servers that were opened."""
        return self._remote

    def prepare(self) -> None:
        """Load the libraries behind the models, so that no call has to wait for them."""
        if self._remote:
            importlib.import_module("agents.models.chat")
            importlib.import_module("agents.models.client")

    async def close(self) -> None:
        """Close all connections."""
        for line in self._lines.values():
            await line.close()
        for local in self._local.values():
            local.close()

    def _open_local(self, spec: Spec, sampling: Sampling, seat: str) -> Model:
        from agents.models.local import Local, LocalModel

        if spec.endpoint:
            raise UsageError(f"{spec.model} runs in this process and takes no @{spec.endpoint}")
        if self.rehearsal:
            return Rehearsed(spec.variant, seat)
        if spec.variant not in self._local:
            self._local[spec.variant] = Local(spec.variant)
        return LocalModel(self._local[spec.variant], sampling)

    def _line(self, name: str) -> Line:
        # Agents of one's own may name an endpoint that only they know.
        name = name or DEFAULT
        known = self.settings.endpoints.get(name, _UNKNOWN)
        calls = max(1, (known.concurrency or self.concurrency) // self.share)
        return self._lines.setdefault(name, Line(calls, known.timeout))
