"""The ranges of a plan: what the range of its MFU makes of its days and its cost."""

from dataclasses import dataclass
from math import exp

from catalog.units import HOURS_PER_DAY
from optimizer.market.confidence import spread
from optimizer.market.hardware import Hardware
from optimizer.market.run import Run
from optimizer.plan.bill import cost_at
from optimizer.program.enumerate import Fleet


@dataclass(frozen=True, slots=True)
class Span:
    """A low and a high value: the 10th and the 90th percentile."""

    low: float
    high: float


def mfu_range(hardware: Hardware, gpus: int, mfu: float) -> Span:
    """The range of a whole run; no width where the MFU was measured or given."""
    below, above = spread(hardware, gpus, mfu)
    return Span(mfu * exp(-below), min(1.0, mfu * exp(above)))


def days_range(fleet: Fleet, mfu: float, span: Span) -> Span:
    """A higher MFU makes the run shorter; the wait before the first step stays."""
    soonest, latest = (fleet.wall_hours_at(mfu / reached) for reached in (span.high, span.low))
    return Span(soonest / HOURS_PER_DAY, latest / HOURS_PER_DAY)


def cost_range(run: Run, fleet: Fleet, mfu: float, span: Span) -> Span:
    """GPU-hours go with 1 / MFU, but no fewer than the commitment are billed."""
    runs = run.runs
    low, high = (cost_at(fleet, runs, mfu / reached) for reached in (span.high, span.low))
    return Span(low, high)
