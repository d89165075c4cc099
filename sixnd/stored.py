"""A result as it was written: its keys, what it is of, and which version of sixnd wrote it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING, Any

from catalog.units import HOURS_PER_DAY
from optimizer import say
from optimizer.report.inert import plain
from optimizer.version import VERSION
from problems import ProblemError
from sixnd.keywords import FilePath
from sixnd.result import Table, page

if TYPE_CHECKING:
    import pandas as pd

# Keys that only one kind of result has, the most telling first.
TOLD_BY = {
    "calculation": "report",
    "points": "frontier",
    "cases": "sensitivity",
    "fleets": "compare",
    "gpu_name": "estimate",
    "lost": "explain",
    "with_a_tenth_more_money": "afford",
    "by_gpu": "validate",
    "offers": "offers",
    "unplanned": "gpus",
    "ruled_out": "plan",
}
# Where each kind has its rows; the others have a plan and its alternatives.
ROWS = {
    "frontier": "points",
    "sensitivity": "cases",
    "compare": "fleets",
    "explain": "lost",
    "validate": "rows",
    "offers": "offers",
    "gpus": "gpus",
}
# Those that have no row where no plan exists.
PLANNED = ("plan", "afford", "report")
KEY = "sixnd"
# What other commands print.
OTHER = "result"


@dataclass(frozen=True, repr=False, eq=False)
class Saved:
    """A result that was written to a file: ``data`` has its keys, as they were written.

    ``kind`` is the command that gives such a result, ``version`` that of the sixnd that wrote it,
    None where the file does not say.
    """

    name: str
    kind: str
    version: str | None
    data: Mapping[str, Any]

    @property
    def is_current(self) -> bool:
        """Whether this very version wrote it."""
        return self.version == VERSION

    def to_dict(self) -> dict[str, Any]:
        """The keys as they were written, the version that wrote them among them."""
        return dict(self.data)

    def json(self) -> str:
        """The same as text."""
        return json.dumps(self.data, indent=2)

    @property
    def frame(self) -> "pd.DataFrame":
        """The rows of the result, or its plan and alternatives; one row of what it has else.

        Without a plan, or where nothing was found, it is empty and has its columns.
        """
        import pandas as pd

        from sixnd.columns import saved_columns

        rows = self._rows()
        return pd.DataFrame(rows, columns=None if rows else saved_columns(self.kind))

    def _rows(self) -> list[dict[str, Any]]:
        if self.kind in ROWS:
            return list(self.data[ROWS[self.kind]])
        if (plan := self.data.get("plan")) is not None:
            return [plan, *self.data.get("alternatives", ())]
        return [] if self.kind in PLANNED else [dict(self.data)]

    def __repr__(self) -> str:
        """One line: what, where, days, USD, proven or the gap; and whose version."""
        return plain(f"<sixnd.Saved {self.name}: {self.kind} {self._whose()}{self._plan()}>")

    def _whose(self) -> str:
        if self.version is None:
            return "of an unknown version"
        return f"of version {self.version}" + ("" if self.is_current else f", this is {VERSION}")

    def _plan(self) -> str:
        """The plan and its proof as they were written, as far as they are there."""
        plan, proof = self.data.get("plan"), self.data.get("proof")
        try:
            days, usd = say.days(plan["days"] * HOURS_PER_DAY), say.usd(plan["cost_usd"])  # type: ignore[index]
            told = f", {plan['gpus']:,} {plan['gpu_name']}, {plan['offer']}, {days}, {usd}"  # type: ignore[index]
            return f"{told}, gap {proof['gap']:.2%}" if isinstance(proof, dict) else told
        except (KeyError, TypeError, ValueError, OverflowError):
            return ""

    def _repr_html_(self) -> str:
        """A small table that needs nothing from elsewhere."""
        rows = [(str(key), _short(value)) for key, value in self.data.items()]
        return page(f"{self.kind} {self._whose()}: {self.name}", Table(("key", "value"), rows))


def _short(value: object) -> str:
    if isinstance(value, (list, dict)):
        return f"{len(value)} in it"
    return "none" if value is None else str(value)[:80]


def read_saved(path: FilePath) -> Saved:
    """The result in a file; ProblemError where there is none."""
    place = Path(path)
    expected = "expected a result that sixnd wrote: with save, or a command's --json"
    if not place.is_file():
        raise ProblemError([f"{place}: no such file; {expected}"])
    try:
        data = json.loads(place.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError):
        raise ProblemError([f"{place.name}: is no JSON; {expected}"]) from None
    kind = _kind_of(data) if isinstance(data, dict) else OTHER
    if not isinstance(data, dict) or (kind == OTHER and KEY not in data):
        raise ProblemError([f"{place.name}: is no result of sixnd; {expected}"])
    if mistakes := list(_mistakes(kind, data)):
        raise ProblemError([f"{place.name}: {mistake}" for mistake in mistakes])
    version = data.get(KEY)
    return Saved(place.name, kind, version if isinstance(version, str) else None, data)


def _kind_of(data: Mapping[str, Any]) -> str:
    # `catalog age` and `catalog check` say how many offers there are under the same name.
    told = data.keys() - ({"offers"} if isinstance(data.get("offers"), int) else set())
    return next((kind for key, kind in TOLD_BY.items() if key in told), OTHER)


def _mistakes(kind: str, data: Mapping[str, Any]) -> Iterator[str]:
    """What has another shape than the rows of that kind of result have."""
    written = f"as `sixnd {kind} --json` writes" if kind != OTHER else "as sixnd writes"
    for key in dict.fromkeys((ROWS.get(kind, "alternatives"), "alternatives")):
        rows = data.get(key, () if key == "alternatives" else None)
        if not isinstance(rows, (list, tuple)) or not all(isinstance(row, dict) for row in rows):
            yield f"{key}: {plain(_short(rows))}; expected a list of rows, {written}"
    if not isinstance(data.get("plan"), (dict, NoneType)):
        yield f"plan: {plain(_short(data['plan']))}; expected the keys of a plan or null, {written}"


def version_remark(found: Saved) -> str:
    """What is to be said of the version that wrote a result; empty for this one."""
    if found.is_current:
        return ""
    if found.version is None:
        whose = "does not say which version of sixnd wrote it"
    else:
        whose = f"was written by sixnd {plain(found.version)[:40]}"
    again = "figures may have been found another way; ask its question again to compare"
    return f"{plain(found.name)}: {whose}, this is {VERSION}: {again}"
