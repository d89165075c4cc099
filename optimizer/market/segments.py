"""Priced segments: all arithmetic of the program happens here.

One entry of every array is one segment of one candidate's curve. On it the whole run takes
a + b·n GPU-hours on n GPUs, so every limit of the question is a bound on n.
"""

from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.slices import sizes_sold
from optimizer.market.candidates import Candidate
from optimizer.market.confidence import LATEST, with_latest
from optimizer.market.hardware import Hardware
from optimizer.market.hours import LINE, run_lines
from optimizer.market.run import Run

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

COLUMNS = (*LINE, *LATEST)
# Where money and hours of two fleets differ by less, they are the same: prices and peaks have
# four digits.
TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Segments:
    """The segments of all candidates; arrays of equal length, one entry a segment.

    ``candidate`` indexes ``candidates``, ``number`` counts an offer's segments. On a fleet of
    n = node · nodes GPUs with ``fewest_nodes <= nodes <= most_nodes`` one run is billed for
    ``base_hours + hours_per_gpu · n`` GPU-hours; on the calendar it takes ``base_elapsed +
    elapsed_per_gpu · n`` of them (more only where capacity comes and goes), with the confidence
    asked for ``base_latest + latest_per_gpu · n`` at most, and data and checkpoints are stored for
    ``base_stay + stay_per_gpu · n`` hours. ``runs`` follow each other.
    The other columns repeat the terms: USD per GPU-hour with support, USD up front a GPU, hours of
    the commitment, of the longest term and before the first step, USD an hour for storage, kW a
    GPU; USD of the contract's set-up, of a run's egress, and that GPU-hours cost at least.
    """

    candidates: tuple[Candidate, ...]
    runs: int
    candidate: Ints
    number: Ints
    base_hours: Floats
    hours_per_gpu: Floats
    base_elapsed: Floats
    elapsed_per_gpu: Floats
    base_latest: Floats
    latest_per_gpu: Floats
    base_stay: Floats
    stay_per_gpu: Floats
    node: Ints
    fewest_nodes: Ints
    most_nodes: Ints
    usd_per_gpu_hour: Floats
    upfront_usd: Floats
    commitment_hours: Floats
    longest_hours: Floats
    lead_hours: Floats
    storage_usd: Floats
    kw: Floats
    setup_usd: Floats
    egress_usd: Floats
    minimum_usd: Floats

    def __len__(self) -> int:
        """How many segments there are."""
        return len(self.candidate)

    def take(self, chosen: NDArray[np.bool_] | Ints) -> "Segments":
        """The chosen segments only."""
        return replace(self, **{name: getattr(self, name)[chosen] for name in ARRAYS})

    def without_sizes(self, hardware: Hardware, first: int, last: int) -> "Segments":
        """The segments less this hardware's fleets of ``first`` to ``last`` nodes."""
        runs_on = np.array([other.hardware is hardware for other in self.candidates])
        own = runs_on[self.candidate]
        below = replace(self, most_nodes=np.minimum(self.most_nodes, first - 1))
        above = replace(self, fewest_nodes=np.maximum(self.fewest_nodes, last + 1))
        parts = [self.take(~own), below.take(own), above.take(own)]
        joined: dict[str, Any] = {
            name: np.concatenate([getattr(part, name) for part in parts]) for name in ARRAYS
        }
        left = replace(self, **joined)
        # Names in the program are an offer and a segment's number, so the numbers stay unique.
        left = replace(left, number=np.arange(len(left), dtype=np.int64))
        return left.take(left.fewest_nodes <= left.most_nodes)

    def in_unit(self, unit: float) -> "Segments":
        """The same segments with ``unit`` hours and ``unit`` USD as the units."""
        return replace(self, **{name: getattr(self, name) / unit for name in IN_HOURS_OR_USD})

    def longer(self, factor: Floats | float) -> "Segments":
        """The segments where every hour of training takes ``factor`` times as long."""
        return replace(self, **{name: getattr(self, name) * factor for name in IN_TRAINING})

    def hours(self, nodes: Floats | Ints) -> Floats:
        """GPU-hours that one run is billed for on each segment at that many nodes."""
        return self.base_hours + self.hours_per_gpu * (self.node * nodes)

    def wall_hours(self, nodes: Floats | Ints) -> Floats:
        """Hours from signature to the last step of the first run."""
        gpus = self.node * nodes
        return self.lead_hours + (self.base_elapsed + self.elapsed_per_gpu * gpus) / gpus

    def latest_hours(self, nodes: Floats | Ints) -> Floats:
        """Hours from signature within which the first run ends with the confidence asked for."""
        gpus = self.node * nodes
        return self.lead_hours + (self.base_latest + self.latest_per_gpu * gpus) / gpus

    def as_expected(self) -> "Segments":
        """The segments without a confidence: the latest hours are the expected ones."""
        return replace(self, base_latest=self.base_elapsed, latest_per_gpu=self.elapsed_per_gpu)

    def stay(self, nodes: Floats | Ints) -> Floats:
        """Hours for which the data of one run are stored."""
        return self.base_stay + self.stay_per_gpu * (self.node * nodes)

    def billed(self, nodes: Floats | Ints) -> Floats:
        """GPU-hours billed for all runs: those used, the commitment, or the minimum spend."""
        return np.maximum(self.by_time(nodes), self.least_billed)

    def by_time(self, nodes: Floats | Ints) -> Floats:
        """GPU-hours billed for all runs whatever they cost: those used, or the commitment."""
        used = self.runs * self.hours(nodes)
        return np.maximum(used, self.commitment_hours * (self.node * nodes))

    @property
    def least_billed(self) -> Floats:
        """GPU-hours that the minimum spend pays for; none where there is no minimum."""
        none, asked = np.zeros(len(self)), self.minimum_usd > 0
        return np.divide(self.minimum_usd, self.usd_per_gpu_hour, out=none, where=asked)

    @property
    def once_usd(self) -> Floats:
        """USD of all runs that do not depend on the size of the fleet."""
        return self.setup_usd + self.runs * self.egress_usd

    def power(self, nodes: Floats | Ints) -> Floats:
        """kW that the fleet draws, servers and cooling included."""
        return self.kw * (self.node * nodes)

    def cost(self, nodes: Floats | Ints) -> Floats:
        """USD of all runs: GPU-hours billed, up-front cost and storage."""
        return self.usd_per_gpu_hour * self.billed(nodes) + self.fixed(nodes)

    def fixed(self, nodes: Floats | Ints) -> Floats:
        """What the price of a GPU-hour does not move: up front, storage, set-up and egress."""
        upfront = self.upfront_usd * (self.node * nodes) + self.once_usd
        return upfront + self.storage_usd * self.runs * self.stay(nodes)


NOT_ARRAYS = ("candidates", "runs")
ARRAYS = tuple(name for name in Segments.__slots__ if name not in NOT_ARRAYS)
IN_TRAINING = (
    *("base_hours", "hours_per_gpu", "base_elapsed", "elapsed_per_gpu"),
    *("base_stay", "stay_per_gpu", *LATEST),
)
# The price an hour stays: so many USD an hour are as many units of USD a unit of hours.
IN_HOURS_OR_USD = (
    *IN_TRAINING,
    *("upfront_usd", "commitment_hours", "longest_hours", "lead_hours"),
    *("setup_usd", "egress_usd", "minimum_usd"),
)


# What each candidate tells of itself, and its terms by the columns that they fill.
TERMS = {
    "usd_per_gpu_hour": "supported_usd_per_gpu_hour",
    "upfront_usd": "upfront_usd_per_gpu",
    "commitment_hours": "commitment_hours",
    "longest_hours": "longest_hours",
    "lead_hours": "lead_hours",
    "storage_usd": "storage_usd_per_hour",
    "kw": "kw_per_gpu",
    "setup_usd": "setup_usd",
    "egress_usd": "egress_usd",
    "minimum_usd": "supported_minimum_usd",
}
TOLD = (
    *("offer.gpus_per_node", "fewest_gpus", "most_gpus"),
    *(f"term.{column}" for column in TERMS.values()),
)
_TOLD = attrgetter(*TOLD)


def make_segments(run: Run, candidates: list[Candidate]) -> Segments:
    """Every candidate's curve as lines in GPU-hours, cut to the fleets that are on sale."""
    most: dict[tuple[int, int], int] = {}
    for candidate in candidates:
        key = id(candidate.hardware), id(candidate.reliability)
        most[key] = max(most.get(key, 0), candidate.most_gpus)
    known: dict[tuple[object, ...], int] = {}
    tables: list[Floats] = []
    of_table = np.zeros(len(candidates), dtype=np.int64)
    for index, candidate in enumerate(candidates):
        key = id(candidate.hardware), id(candidate.reliability)
        sizes = sizes_sold(candidate.offer)
        if (*key, sizes) not in known:
            lines = run_lines(run, candidate.hardware, candidate.reliability, most[key])
            table = with_latest(lines, candidate.hardware, run.confidence)
            known[*key, sizes] = len(tables)
            tables.append(_in_slices(table, sizes) if sizes else table)
        of_table[index] = known[*key, sizes]
    told = np.array([_TOLD(one) for one in candidates], dtype=np.float64).reshape(-1, len(TOLD))
    tells = dict(zip(TOLD, np.ascontiguousarray(told.T), strict=True))
    owner, rows = _rows_on_sale(tables, of_table, tells["fewest_gpus"], tells["most_gpus"])
    joined = np.concatenate(tables) if tables else np.zeros((0, len(COLUMNS)))
    line = dict(zip(COLUMNS, np.ascontiguousarray(joined.T)[:, rows], strict=True))
    each = {name: column[owner] for name, column in tells.items()}
    return _on_sale(run, tuple(candidates), owner, line, each)


def _in_slices(table: Floats, sizes: tuple[int, ...]) -> Floats:
    """The lines of what is sold in slices, in the columns COLUMNS: one for each slice."""
    first, last = (COLUMNS.index(name) for name in ("first", "last"))
    gpus = np.array(sizes, dtype=np.float64)
    row = np.searchsorted(table[:, first], gpus, side="right") - 1
    held = (row >= 0) & (gpus <= table[row, last])
    cut: Floats = table[row[held]]
    cut[:, first] = cut[:, last] = gpus[held]
    # Names in the program are an offer and a segment's number, so the numbers stay unique.
    cut[:, COLUMNS.index("number")] = np.arange(len(cut))
    return cut


def _rows_on_sale(
    tables: list[Floats], of_table: Ints, fewest: Floats, most: Floats
) -> tuple[Ints, Ints]:
    """The rows that reach into each candidate's fleets: the candidate, the row in all tables.

    A table's ``first`` and ``last`` rise; most offers are a machine, and have a row or two.
    """
    first, last = (COLUMNS.index(name) for name in ("first", "last"))
    starts, counts = np.zeros_like(of_table), np.zeros_like(of_table)
    before = 0
    for number, table in enumerate(tables):
        own = np.flatnonzero(of_table == number)
        low = np.searchsorted(table[:, last], fewest[own], side="left")
        high = np.searchsorted(table[:, first], most[own], side="right")
        starts[own], counts[own] = before + low, np.maximum(high - low, 0)
        before += len(table)
    owner = np.repeat(np.arange(len(of_table)), counts)
    within = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    return owner, starts[owner] + within


def _on_sale(
    run: Run,
    candidates: tuple[Candidate, ...],
    owner: Ints,
    line: dict[str, Floats],
    each: dict[str, Floats],
) -> Segments:
    """Segments between the fewest and the most GPUs of their offers, in whole nodes."""
    node = each["offer.gpus_per_node"].astype(np.int64)
    least = np.maximum(each["fewest_gpus"], line["first"])
    most = np.minimum(each["most_gpus"], line["last"])
    segments = Segments(
        candidates=candidates,
        runs=run.runs,
        candidate=owner,
        number=line["number"].astype(np.int64),
        base_hours=line["base_hours"],
        hours_per_gpu=line["hours_per_gpu"],
        base_elapsed=line["base_elapsed"],
        elapsed_per_gpu=line["elapsed_per_gpu"],
        base_latest=line["base_latest"],
        latest_per_gpu=line["latest_per_gpu"],
        base_stay=line["base_stay"],
        stay_per_gpu=line["stay_per_gpu"],
        node=node,
        fewest_nodes=np.maximum(np.ceil(least / node), 1).astype(np.int64),
        most_nodes=np.floor(most / node).astype(np.int64),
        **{name: each[f"term.{column}"] for name, column in TERMS.items()},
    )
    return segments.take(segments.fewest_nodes <= segments.most_nodes)
