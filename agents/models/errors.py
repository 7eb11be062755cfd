"""What can go wrong with a call to a model, as types that are stored with the failed node."""

from typing import Any

from langchain_core.exceptions import (
    ContextOverflowError,
    ModelAPIError,
    ModelAuthenticationError,
    ModelConnectionError,
    ModelError,
    ModelNotFoundError,
    ModelPermissionDeniedError,
    ModelRateLimitError,
    ModelTimeoutError,
)
from pydantic import ValidationError

from agents.seats import AgentError
from dialogues.errors import GroveError, UsageError


class ServerGone(GroveError):
    """So many calls in a row found no server that the run should wait for it, not fail."""


class QuotaSpent(GroveError):
    """The account's quota is used up: no tree could grow on, so the run waits for a new one."""


class RateLimited(AgentError):
    """The server kept answering 429."""


class ServerFailed(AgentError):
    """The server kept answering 5xx."""


class Unreachable(AgentError):
    """No connection, or one that broke, again and again."""


class TimedOut(AgentError):
    """No answer in time, again and again."""


class BrokenResponse(AgentError):
    """The server's answer was no chat completion: empty, cut off, or of another form."""


class Rejected(AgentError):
    """The server did not accept the request (4xx)."""


class ContextOverflow(AgentError):
    """The prompt is longer than the model's context."""


class Refused(AgentError):
    """The model or the server's filter declined to answer."""


class TruncatedReasoning(AgentError):
    """The length limit fell before the answer began."""


class Unparsable(AgentError):
    """The answer had not the form asked for, however often it was asked again."""


_TYPES: tuple[tuple[type[Exception], type[AgentError]], ...] = (
    (ContextOverflowError, ContextOverflow),
    (ModelRateLimitError, RateLimited),
    (ModelTimeoutError, TimedOut),
    (TimeoutError, TimedOut),
    (ModelConnectionError, Unreachable),
    (ModelAPIError, ServerFailed),
)
_OVERFLOW = (
    "context length",
    "context_length",
    "context window",
    "context size",
    "maximum context",
    "max_model_len",
    "prompt is too long",
    "too many tokens",
)
_TOO_LONG, _PASSING, _PAYMENT_REQUIRED = (400, 413, 422), (408, 409, 425), 402
_NEVER = {
    ModelAuthenticationError: "the key is not accepted; {key}",
    ModelPermissionDeniedError: "the key may not do this; {key}",
    ModelNotFoundError: "there is no such model, or no chat endpoint; "
    "mend the model's name or the endpoint's base_url",
}
GOES_ON = "the same command goes on"


def right_key(variable: str) -> str:
    """Say how the right key is given: in its variable, or where the endpoint names none, how to."""
    if variable:
        return f"set the right one in {variable}"
    return (
        "it wants a key: name the endpoint in the --config file with base_url and api_key_env, and "
        "write @NAME"
    )


def can_pass(error: BaseException) -> bool:
    """Tell whether the same request may succeed a little later."""
    if _is_spent(error):
        return False
    if isinstance(error, ModelError):
        return error.is_retryable
    status = getattr(error, "status_code", None)
    if status:
        return status in _PASSING
    ours = isinstance(error, (ValidationError, UnicodeError))
    return (
        isinstance(error, (OSError, ValueError, LookupError, TypeError, AttributeError))
        and not ours
    )


def _is_spent(error: BaseException) -> bool:
    code, status = getattr(error, "code", None), getattr(error, "status_code", 0)
    return code == "insufficient_quota" or status == _PAYMENT_REQUIRED


def told_by(error: BaseException) -> str:
    """Return all that an error says: its message, and the server's words where it left them out."""
    body, said = getattr(error, "body", None), str(error)
    return said if not body or str(body) in said else f"{said}: {body}"


def retry_after(error: BaseException | None) -> float | None:
    """Return the seconds the server asked to wait, if it did."""
    response: Any = getattr(error, "response", None)
    headers = getattr(response, "headers", {})
    try:
        return float(headers["retry-after-ms"]) / 1000
    except (KeyError, ValueError):
        pass
    try:
        return max(0.0, float(headers["retry-after"]))
    except (KeyError, ValueError):
        return None


def translated(error: Exception, said: str, where: str, key: str) -> Exception:
    """Return the error an agent raises for what the client raised.

    Args:
        error: what the client raised.
        said: its message, free of secrets.
        where: model and server, for the message.
        key: the environment variable of the key.

    Returns:
        A UsageError for what no further call would mend, else one of the types above.
    """
    for kind, mend in _NEVER.items():
        if isinstance(error, kind):
            return UsageError(f"{where}: {mend.format(key=right_key(key))} ({said})")
    if _is_spent(error):
        spent = f"the account's quota is used up ({said}); once there is more"
        return QuotaSpent(f"{where}: {spent}, {GOES_ON}")
    message = f"{where}: {said}"
    status = getattr(error, "status_code", 0)
    if status in _TOO_LONG and any(phrase in said.lower() for phrase in _OVERFLOW):
        return ContextOverflow(message)
    for theirs, ours in _TYPES:
        if isinstance(error, theirs):
            return ours(message)
    if status in _PASSING:
        return ServerFailed(message)
    return Rejected(message) if status else BrokenResponse(f"{message} ({type(error).__name__})")
