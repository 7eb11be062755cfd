"""Casting the checker: rules, a model with the prompts for it, or a class of one's own."""

import importlib
import inspect

from agents.casting import MODEL_KINDS
from agents.models.secrets import without_passwords
from agents.models.stock import Models
from agents.prompted.checker import PromptedChecker
from agents.prompted.prompts import load_prompts
from dialogues.errors import UsageError
from dialogues.node import JUDGE
from dialogues.spec import Spec
from eval.realism.consistency import Checker
from eval.realism.rules import Rules

_METHODS = ("against_persona", "against_earlier", "quizzed")


def checker_of(text: str | None, models: Models) -> Checker:
    """Make the checker that a spec names; without one, the rules.

    Raises:
        UsageError: the spec names none, or one that cannot check.
    """
    if text is None:
        return Rules()
    spec, where = Spec.parse(text), f"--judge {without_passwords(text)}"
    if spec.role:
        raise UsageError(f"{where}: a checker has no role; leave out {spec.role}=")
    if spec.kind in MODEL_KINDS:
        try:
            model = models.open(spec, JUDGE)
        except UsageError as error:
            raise UsageError(f"{where}: {without_passwords(str(error))}") from error
        return PromptedChecker(model, load_prompts(models.settings.prompts))
    return _of_class(spec, where, models)


def _of_class(spec: Spec, where: str, models: Models) -> Checker:
    module, colon, name = spec.model.partition(":")
    if not colon:
        raise UsageError(f"{where}: write openai:MODEL, hf:FOLDER or package.module:Class")
    try:
        kind = getattr(importlib.import_module(module), name)
        wants = "models" in inspect.signature(kind).parameters
        checker: Checker = kind(models=models) if wants else kind()
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        raise UsageError(f"{where}: cannot make {spec.model} ({reason})") from error
    for method in _METHODS:
        if not inspect.iscoroutinefunction(getattr(checker, method, None)):
            raise UsageError(f"{where}: {spec.model} has no `async def {method}`")
    return checker
