"""Patience: a store whose server went away is waited for, and what was under way begun again.

Only work that may be begun again is: whatever is written lies in slots that take the first write,
or says the same a second time.
"""

import threading
import time
import warnings
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception_type, sleep_using_event
from tenacity.stop import stop_after_delay, stop_any, stop_when_event_set
from tenacity.wait import wait_random_exponential

from dialogues.errors import ConnectionLost, StoreWarning

PATIENCE_SECONDS = 300.0
_LONGEST_WAIT = 5.0

P = ParamSpec("P")
T = TypeVar("T")


class Patience:
    """How long the readers and writers of one store wait for its server: until it is ended."""

    def __init__(self, location: str) -> None:
        """Be patient with the store at `location`, as it may be printed."""
        self._location = location
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._lost_at: float | None = None

    def end(self) -> None:
        """Wait no more, now and later: whoever is stopped does not wait for a server."""
        self._over.set()

    def keep(self, work: Callable[[], T]) -> T:
        """Do `work` and return what it does; as long as the connection is lost, once more.

        Raises:
            ConnectionLost: the server did not come back in time, or patience is ended.
        """
        waiting = Retrying(
            retry=retry_if_exception_type(ConnectionLost),
            wait=wait_random_exponential(multiplier=0.2, max=_LONGEST_WAIT),
            stop=stop_any(stop_after_delay(PATIENCE_SECONDS), stop_when_event_set(self._over)),
            sleep=sleep_using_event(self._over),
            before_sleep=self._tell_lost,
            reraise=True,
        )
        done = waiting(work)
        if self._lost_at is not None:
            self._tell_back()
        return done

    def _tell_lost(self, state: RetryCallState) -> None:
        with self._lock:
            if self._lost_at is not None:
                return
            self._lost_at = time.monotonic()
        cause = state.outcome and state.outcome.exception()
        _warn(f"{cause}; waiting for it to come back, at most {PATIENCE_SECONDS:.0f} s")

    def _tell_back(self) -> None:
        with self._lock:
            since, self._lost_at = self._lost_at, None
        if since is not None:
            gone = time.monotonic() - since
            _warn(f"store {self._location} answers again after {gone:.1f} s")


def _warn(told: str) -> None:
    warnings.warn(told, StoreWarning, stacklevel=3)


class Patient(Protocol):
    """Whose methods wait."""

    @property
    def patience(self) -> Patience:
        """With the store they read and write."""


S = TypeVar("S", bound=Patient)


def surviving(method: Callable[Concatenate[S, P], T]) -> Callable[Concatenate[S, P], T]:
    """Let a method that may be begun again survive a lost connection."""

    @wraps(method)
    def patiently(self: S, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self.patience.keep(lambda: method(self, *args, **kwargs))

    return patiently
