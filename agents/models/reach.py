"""Looking, before a run, whether its servers answer, take the key and know the model."""

from agents.models.errors import Rejected, right_key
from agents.models.remote import Remote
from agents.models.stock import Models
from agents.seats import AgentError
from dialogues.errors import UsageError
from dialogues.node import Message

_REFUSED = (401, 403)


async def check_reach(models: Models) -> None:
    """List the models of every server once; ask a model that is not listed for one word.

    That word is in no tally.

    Raises:
        UsageError: a server cannot be reached, refuses the key, or does not know the model.
    """
    listings: dict[tuple[str, str], set[str]] = {}
    tried: set[tuple[str, str, str]] = set()
    try:
        for model in models.remote:
            server = (model.endpoint.base_url, model.endpoint.api_key_env)
            if server not in listings:
                listings[server] = await _listing(model)
            if model.name not in listings[server] and (*server, model.name) not in tried:
                tried.add((*server, model.name))
                await _try(model)
    finally:
        await models.close()


async def _listing(model: Remote) -> set[str]:
    """Return what a server lists; nothing where it has no such list."""
    import openai

    endpoint = model.endpoint
    try:
        return await model.listed()
    except openai.APIConnectionError:
        raise UsageError(
            f"no answer from {endpoint.place} (for openai:{model.name}); start that server, or "
            "mend the endpoint's URL"
        ) from None
    except openai.APIStatusError as error:
        if error.status_code in _REFUSED:
            said = "does not accept the key" if endpoint.api_key_env else "turns us away"
            raise UsageError(
                f"{endpoint.place} {said} (HTTP {error.status_code}); "
                f"{right_key(endpoint.api_key_env)}"
            ) from None
        return set()
    except (openai.OpenAIError, ValueError, TypeError, AttributeError):
        # Something answered, but with no list.
        return set()


async def _try(model: Remote) -> None:
    try:
        await model.ask([Message("user", "Say yes.")], 0)
    except Rejected as error:
        # Not every server says 404 of a model it does not know.
        raise UsageError(str(error)) from None
    except AgentError:
        # What may pass is for the run to meet, and to store.
        return
