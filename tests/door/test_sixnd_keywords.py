"""Keywords: taught by help(), refused by name, found by a type checker."""

import inspect
import pydoc
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, cast

import pytest
from sixnd_cases import FUNCTIONS, run_python

import sixnd
from problems import Question
from problems.question import ROWS
from sixnd.signature import keyword_of, parameters_of, type_of, with_keywords


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
def test_help_teaches_every_keyword(function: Callable[..., Any]) -> None:
    """Each in the signature and in the text, with its meaning and an example that is Python."""
    helped = pydoc.plain(pydoc.render_doc(function))
    known = inspect.signature(function).parameters
    assert all(p.kind is not inspect.Parameter.VAR_KEYWORD for p in known.values())
    for parameter in parameters_of(inspect.unwrap(function)):
        told = keyword_of(parameter)
        assert told is not None, parameter.name
        assert f"{parameter.name}={told.example}: " in helped
        assert f"{parameter.name}: " in helped
        assert told.default or parameter.name in ("model", "gpu", "gpus")
        eval(told.example, {"date": date})


def test_examples_of_the_question_are_read_as_they_stand() -> None:
    """Every field of a question but the fleet's is a keyword, and its example is one."""
    fields = set(Question.model_fields) - {"fleet", "model"}
    keywords = {p.name: keyword_of(p) for p in parameters_of(inspect.unwrap(sixnd.plan))}
    assert fields <= set(keywords)
    for name in fields:
        told = keywords[name]
        assert told is not None
        Question.model_validate({"model": "100B", name: eval(told.example)})


def test_keywords_are_what_the_table_of_fields_holds() -> None:
    """The same fields, read as the same kind: one value, several names, or names with GPUs."""
    keywords = {p.name: str(type_of(p)) for p in parameters_of(inspect.unwrap(sixnd.plan))}
    for name, row in ROWS.items():
        kind = keywords.get(name, "")
        assert kind or name == "fleet", f"{name} is no keyword: see sixnd/keywords.py"
        if row.option is not None and name != "model":
            assert ("Mapping" in kind) == bool(row.option.pairs), name
            assert ("Iterable" in kind) == (row.option.repeats or name == "pricing"), name


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
def test_a_wrong_keyword_names_the_nearest(function: Callable[..., Any]) -> None:
    """A TypeError before anything else is done."""
    known = list(inspect.signature(function).parameters)
    right = next(name for name in reversed(known) if len(name) > 4)
    wrong = right[:-2] + right[-1]
    name = function.__name__
    expected = f"{name}() got an unexpected keyword {wrong!r}; did you mean {right!r}?"
    with pytest.raises(TypeError) as refused:
        function(**{wrong: 1})
    assert str(refused.value) == expected


def test_every_wrong_keyword_is_named() -> None:
    """Two at once; what is like nothing is told all there is."""
    wrong: dict[str, Any] = {"deadine": "30d", "bugdet": 5, "xyzzyq": 1}
    with pytest.raises(TypeError) as refused:
        sixnd.plan("8B", **wrong)
    first, second, third = str(refused.value).splitlines()
    assert first == "plan() got an unexpected keyword 'deadine'; did you mean 'deadline'?"
    assert second == "plan() got an unexpected keyword 'bugdet'; did you mean 'budget'?"
    assert third.startswith("plan() got an unexpected keyword 'xyzzyq'; known: model, name, ")
    assert all(name in third for name in Question.model_fields if name != "fleet")


def test_keywords_of_another_function_are_wrong() -> None:
    """What a fleet that is given leaves no choice of; a model where one is asked for."""
    with pytest.raises(TypeError, match="unexpected keyword 'deadline'"):
        sixnd.estimate("8B", gpu="h100_sxm", gpus=8, **cast(Any, {"deadline": "30d"}))
    with pytest.raises(TypeError, match="unexpected keyword 'active'"):
        sixnd.afford(budget="1M", **cast(Any, {"active": "8B"}))
    with pytest.raises(TypeError, match="'model'"):
        sixnd.plan(**cast(Any, {}))


def test_a_function_keeps_its_name_and_place() -> None:
    """For tracebacks and pickles."""

    @with_keywords
    def asks(model: str) -> str:
        """What it does."""
        return model

    assert (asks("8B"), asks.__name__) == ("8B", "asks")
    assert (sixnd.plan.__name__, sixnd.plan.__module__) == ("plan", "sixnd.questions")


SNIPPET = """
import sixnd
sixnd.plan("70B", deadline="30d", gpu=["H100"], max_gpus=2048)
sixnd.plan("70B", deadine="30d")
sixnd.plan("70B", minimize="money")
sixnd.estimate("70B", gpu="h100_sxm", gpus=8, deadline="30d")
sixnd.frontier("70B", solver="cbc")
sixnd.plan("70B", max_gpus=["8"])
reveal_type(sixnd.plan("70B"))
reveal_type(sixnd.compare("70B", by="pricing"))
reveal_type(sixnd.frontier("70B").frame)
"""


@pytest.mark.slow
def test_a_type_checker_finds_the_same_mistakes(tmp_path: Path) -> None:
    """Each wrong line and no other; results have types."""
    (tmp_path / "asks.py").write_text(SNIPPET, encoding="utf-8")
    ran = run_python("-m", "mypy", str(tmp_path / "asks.py"))
    found = [line.partition("asks.py:")[2] for line in ran.stdout.splitlines()]
    errors = {int(line.split(":")[0]): line for line in found if ": error: " in line}
    assert set(errors) == {4, 5, 6, 7, 8}, ran.stdout
    assert '"deadine"' in errors[4]
    notes = "\n".join(line for line in found if ": note: " in line)
    for name in ("sixnd.answers.Answer", "sixnd.fleets.PricingComparison", "DataFrame"):
        assert name in notes
