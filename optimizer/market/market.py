"""What a question can choose from: its run, the offers that qualify, and its limits."""

from dataclasses import dataclass

from catalog import Catalog
from catalog.pause import collector_paused
from optimizer.market.candidates import Candidate, Rejected, qualify
from optimizer.market.kept import kept
from optimizer.market.limits import Limits
from optimizer.market.run import Run, make_run
from optimizer.market.segments import Segments, make_segments
from problems import Question


@dataclass(frozen=True, slots=True)
class Market:
    """A run with every fleet on sale that could serve it, limits not yet applied."""

    run: Run
    catalog: Catalog
    candidates: tuple[Candidate, ...]
    rejected: tuple[Rejected, ...]
    segments: Segments
    limits: Limits


def make_market(run: Run, catalog: Catalog) -> Market:
    """The market of a run, drawn once for all that differ from it in their limits only."""
    drawn = kept(run, catalog, "market", lambda: _drawn(run, catalog), lambda one: len(one[2]))
    return Market(run, catalog, *drawn, limits_of(run))


def draw_market(run: Run, catalog: Catalog) -> Market:
    """The same drawn anew, on a catalog that no other question will be about."""
    return Market(run, catalog, *_drawn(run, catalog), limits_of(run))


def _drawn(
    run: Run, catalog: Catalog
) -> tuple[tuple[Candidate, ...], tuple[Rejected, ...], Segments]:
    """What qualifies for a run, what does not, and the segments of what does."""
    with collector_paused():
        candidates, rejected = qualify(run, catalog)
        return tuple(candidates), tuple(rejected), make_segments(run, candidates)


def open_market(question: Question, catalog: Catalog) -> Market:
    """The market of a question; ProblemError where a name in it is unknown."""
    return make_market(make_run(question, catalog), catalog)


def limits_of(run: Run) -> Limits:
    """The question's limits, the deadline with its default."""
    return run.limits.but(deadline=run.deadline_hours)
