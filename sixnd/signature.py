"""Functions whose keywords are known by name: a wrong one is refused, and help() teaches each.

Static checkers read the keywords from the function's ``Unpack[...]``; Python itself does not, and
its own message about a wrong keyword names no nearest one.
"""

import inspect
import textwrap
from collections.abc import Callable, Iterable
from functools import cache, wraps
from typing import Any, ForwardRef, TypeVar, cast, get_args

from sixnd.keywords import Keyword

Function = TypeVar("Function", bound=Callable[..., Any])
WIDTH = 88
HEADING = "Keywords, in brackets the unit of a bare number:"


def with_keywords(function: Function) -> Function:
    """The function with every keyword in its signature and docstring.

    Raises TypeError at a call with a keyword that it does not know, naming the nearest.
    """
    parameters = parameters_of(function)
    known = [parameter.name for parameter in parameters]

    @wraps(function)
    def called(*values: Any, **given: Any) -> Any:
        unknown = [name for name in given if name not in known]
        if unknown:
            raise TypeError(_refusal(function.__name__, unknown, known))
        return function(*values, **given)

    told: Any = called
    told.__signature__ = inspect.signature(function).replace(
        parameters=[_shown(parameter) for parameter in parameters]
    )
    told.__doc__ = _documented(function, parameters)
    return cast(Function, told)


def parameters_of(function: Callable[..., Any]) -> list[inspect.Parameter]:
    """The parameters, those of the ``Unpack[...]`` at the end one by one, annotated as written."""
    found: list[inspect.Parameter] = []
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            (group,) = get_args(parameter.annotation)
            found += parameters_in(group)
        else:
            found.append(parameter)
    return found


def parameters_in(group: Any) -> list[inspect.Parameter]:
    """Those of a group of keywords, in its order."""
    return [_by_keyword(named) for named in group.__annotations__.items()]


# Most functions share most keywords, so each is made, shown and worded once.
@cache
def _by_keyword(named: tuple[str, Any]) -> inspect.Parameter:
    name, annotation = named
    kind = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(name, kind, default=None, annotation=annotation)


def keyword_of(parameter: inspect.Parameter) -> Keyword | None:
    """What is said of a parameter; None where its annotation says nothing."""
    said = getattr(parameter.annotation, "__metadata__", ())
    return next((one for one in said if isinstance(one, Keyword)), None)


def type_of(parameter: inspect.Parameter) -> Any:
    """The bare type of a parameter."""
    annotation = parameter.annotation
    bare = get_args(annotation)[0] if hasattr(annotation, "__metadata__") else annotation
    return bare.__forward_arg__ if isinstance(bare, ForwardRef) else bare


@cache
def _shown(parameter: inspect.Parameter) -> inspect.Parameter:
    return parameter.replace(annotation=type_of(parameter))


def _documented(function: Callable[..., Any], parameters: Iterable[inspect.Parameter]) -> str:
    told = ((parameter.name, keyword_of(parameter)) for parameter in parameters)
    lines = [_line(name, keyword) for name, keyword in told if keyword is not None]
    return "\n".join([inspect.cleandoc(function.__doc__ or ""), "", HEADING, *lines])


@cache
def _line(name: str, told: Keyword) -> str:
    said = f"{name}={told.example}: {meaning(told)}"
    return textwrap.fill(said, WIDTH, initial_indent="    ", subsequent_indent="        ")


def meaning(told: Keyword) -> str:
    """What a keyword means, with its unit and default."""
    unit = f" [{told.unit}]" if told.unit else ""
    return f"{told.about}{unit}" + (f" (default: {told.default})" if told.default else "")


def _refusal(name: str, unknown: Iterable[str], known: list[str]) -> str:
    from problems.mistakes import did_you_mean

    return "\n".join(
        f"{name}() got an unexpected keyword {one!r}; {did_you_mean(one, known)}" for one in unknown
    )
