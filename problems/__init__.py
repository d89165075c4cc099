"""QUESTIONS: what is asked. Imports nothing of ours."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from problems.ask import AskError, understand
    from problems.command import as_command
    from problems.fields import Logged
    from problems.load import load_problem
    from problems.mistakes import ProblemError
    from problems.presets import shape_of
    from problems.question import Fleet, Question, make_question
    from problems.shapes import ModelShape

__all__ = [
    "AskError",
    "Fleet",
    "Logged",
    "ModelShape",
    "ProblemError",
    "Question",
    "as_command",
    "load_problem",
    "make_question",
    "shape_of",
    "understand",
]

_HOMES = {
    "AskError": "problems.ask",
    "Fleet": "problems.question",
    "Logged": "problems.fields",
    "ModelShape": "problems.shapes",
    "ProblemError": "problems.mistakes",
    "Question": "problems.question",
    "as_command": "problems.command",
    "load_problem": "problems.load",
    "make_question": "problems.question",
    "shape_of": "problems.presets",
    "understand": "problems.ask",
}

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        # Pydantic is most of the import time, and `sixnd --help` does not need it.
        if name not in _HOMES:
            raise AttributeError(f"module 'problems' has no attribute {name!r}")
        return getattr(import_module(_HOMES[name]), name)
