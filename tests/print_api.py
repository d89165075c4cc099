"""Print docs/api.md again, from the signatures and docstrings of ``import sixnd``.

python tests/print_api.py
"""

import dataclasses
import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

import sixnd
from sixnd import keywords as words
from sixnd.signature import HEADING, keyword_of, parameters_in, type_of

PAGE = Path(__file__).parent.parent / "docs" / "api.md"
GROUPS = (
    *(words.RunKeywords, words.SizeKeywords, words.LimitKeywords, words.PricingKeywords),
    *(words.OfferKeywords, words.AssumedKeywords, words.FactKeywords, words.SolverKeywords),
)
# What a call may be told: its words in the table of groups.
TAKES = {
    words.PlanKeywords: "all of them",
    words.StudyKeywords: "all but those of how it is decided",
    words.AffordKeywords: "all but `active`",
    words.EstimateKeywords: "those of the run, its size, ways to pay, assumptions and facts",
}
HEAD = """\
# The API

Made by `python tests/print_api.py` from signatures and docstrings; `help(sixnd.plan)` has them
as well.

```python
import sixnd

answer = sixnd.plan("70B", deadline="30d", gpu=["H100"])
```

A keyword is a field of the question and is read as a problem file is: a number in the unit below,
or a text as people write it (`"70B"`, `"30d"`, `"6 weeks"`, `"$5M"`). None means not given. A
keyword that does not exist is a TypeError that names the nearest, and an error of mypy and
pyright. Everything wrong with a question is one ProblemError, each mistake beginning with its
keyword, in the words of the command. Figures rest on the catalog, each with source and day
([catalog/README.md](../catalog/README.md)), and on the formulas of the
[README](../README.md#how-it-decides).

Every result is frozen and can do the same: `repr` is one line (what, where, days, USD, proven or
the gap), a notebook shows a small table, `frame` is a DataFrame of pandas, `text` and `json()`
are what the command prints, `to_dict()` has the keys of its `--json`
([listed](../README.md#json)), `save(path)` writes them, and `record` is the record of `optimizer`
behind it. Where there is a chart it is `chart`, one of Altair.
"""
# The functions, as one comes to need them.
ORDER = (
    *("plan", "compare", "estimate", "explain", "frontier", "sensitivity", "risk", "afford"),
    *("report", "validate", "load", "gpus", "offers", "filter"),
)


def page() -> str:
    """The page as it should stand."""
    parts = [HEAD, "## Functions\n", *_functions(sixnd, "sixnd"), "## The question's keywords\n"]
    parts += [*_groups(), "## Catalogs\n", *_functions(sixnd.catalog, "sixnd.catalog")]
    results, records, errors = _kinds()
    parts += ["## Results\n", *map(_result, results), "## Records\n", *map(_record, records)]
    parts += ["## Errors and warnings\n", *map(_error, errors)]
    return "\n".join(parts)


def _functions(module: Any, name: str) -> Iterator[str]:
    for one in sorted(module.__all__, key=lambda one: ORDER.index(one) if one in ORDER else -1):
        function = getattr(module, one)
        if inspect.isfunction(function):
            yield _function(function, f"{name}.{one}")


def _function(function: Callable[..., Any], name: str) -> str:
    """Its call, its docstring, the table of its own keywords."""
    inner = inspect.unwrap(function)
    called, own, takes = [], [], ""
    for parameter in inspect.signature(inner).parameters.values():
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            called.append("**question")
            (kind,) = get_args(parameter.annotation)
            takes = f"Takes the question's keywords: {TAKES[kind]}.\n"
        else:
            called.append(parameter.name)
            own.append(parameter)
    gives = str(inspect.signature(inner).return_annotation).strip("'\"")
    heading = f"### `{name}({', '.join(called)})` → `{gives}`\n"
    shared = {p.name for group in GROUPS for p in parameters_in(group)} if takes else set()
    assert not shared & {p.name for p in own} - {"gpu"}, "a keyword stands twice"
    return "\n".join([heading, _said(function), *([takes] if takes else []), *_table(own)])


def _groups() -> Iterator[str]:
    seen: set[str] = set()
    for group in GROUPS:
        fresh = [p for p in parameters_in(group) if p.name not in seen]
        seen |= {p.name for p in fresh}
        yield f"**{_first(group)}**\n"
        yield from _table(fresh)


def _table(parameters: list[inspect.Parameter]) -> Iterator[str]:
    rows = [(p, keyword_of(p)) for p in parameters]
    if not any(told for _, told in rows):
        return
    yield "| keyword | type | means | unit | default | such as |\n|---|---|---|---|---|---|"
    for parameter, told in rows:
        if told is not None:
            kind = _type(type_of(parameter)).removesuffix(" | None")
            cells = [f"`{parameter.name}`", f"`{kind}`", told.about, told.unit, told.default]
            cells.append(f"`{told.example}`")
            yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
    yield ""


def _type(kind: Any) -> str:
    """A type as one writes it, without modules, the same on every version of Python."""
    if isinstance(kind, str):
        return re.sub(r"\b(?:\w+\.)+", "", kind)
    origin, inside = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return " | ".join(map(_type, inside))
    if origin is Literal:
        return f"Literal[{', '.join(map(repr, inside))}]"
    if origin is not None:
        return f"{origin.__name__}[{', '.join(map(_type, inside))}]"
    return {type(None): "None", Ellipsis: "..."}.get(kind) or str(kind.__name__)


def _kinds() -> tuple[list[Any], list[Any], list[Any]]:
    """Results, records, errors of the public names, in the order of their names."""
    classes = [getattr(sixnd, name) for name in sixnd.__all__]
    classes = [one for one in classes if inspect.isclass(one) and one not in TAKES]
    errors = [one for one in classes if issubclass(one, (Exception, Warning))]
    results = [one for one in classes if one.__module__.startswith("sixnd.")]
    results = [one for one in results if one not in errors]
    records = [one for one in classes if one not in errors and one not in results]
    return results, records, errors


def _result(kind: Any) -> str:
    lines = [f"### `sixnd.{kind.__name__}`\n", _said(kind)]
    for name, held in inspect.getmembers(kind):
        given = getattr(held, "fget", None) or getattr(held, "func", None) or held
        plain = not name.startswith("_") and inspect.isroutine(given)
        if plain and _own(kind, name):
            taken = list(inspect.signature(given).parameters)[1:]
            call = "" if given is not held else f"({', '.join(taken)})"
            lines.append(f"- `{name}{call}`: {_first(given)}")
    return "\n".join([*lines, ""])


def _own(kind: Any, name: str) -> bool:
    """Whether a result says something of its own about a name, beyond what all can do."""
    shared = getattr(sixnd.Result, name, None)
    return kind is sixnd.Result or getattr(kind, name) is not shared


def _record(kind: Any) -> str:
    lines = [f"### `sixnd.{kind.__name__}`\n", _said(kind)]
    if dataclasses.is_dataclass(kind):
        fields = (f"`{one.name}: {_type(one.type)}`" for one in dataclasses.fields(kind))
        lines.append(f"Fields: {', '.join(fields)}.\n")
        own = {name: one for name, one in vars(kind).items() if isinstance(one, property)}
        lines += [f"- `{name}`: {inspect.getdoc(one)}" for name, one in own.items()]
        lines += [""] if own else []
    else:
        lines.append("Fields: [problems/README.md](../problems/README.md).\n")
    return "\n".join(lines)


def _error(kind: Any) -> str:
    base = kind.__mro__[1].__name__
    return f"- `sixnd.{kind.__name__}` ({base}): {_first(kind)}"


def _said(thing: Any) -> str:
    """A docstring as Markdown, without the keywords, which stand in a table."""
    text = inspect.getdoc(thing) or ""
    return text.partition(HEADING)[0].replace("``", "`").rstrip() + "\n"


def _first(thing: Any) -> str:
    """The first paragraph of a docstring in one line."""
    return " ".join((inspect.getdoc(thing) or "").partition("\n\n")[0].replace("``", "`").split())


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page().rstrip("\n") + "\n", encoding="utf-8")
