"""The bill of a plan: its lines, what each rests on, and how it moves with the MFU."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from catalog import Catalog, Offer
from catalog.units import HOURS_PER_DAY, HOURS_PER_MONTH
from optimizer import say
from optimizer.market.run import Run
from optimizer.market.segments import TOLERANCE, Floats
from optimizer.market.terms import Term, stored_gb
from optimizer.physics.goodput import state_gb
from optimizer.program.enumerate import Fleet


@dataclass(frozen=True, slots=True)
class BillLine:
    """One line: what is paid for, USD, and how it comes about."""

    line: str
    usd: float
    basis: str


def bill_of(run: Run, catalog: Catalog, fleet: Fleet) -> tuple[BillLine, ...]:
    """The lines of all runs on a fleet; they add up to its cost."""
    lines = [
        *_hours(fleet),
        *_support(fleet),
        *_upfront(fleet),
        *_once(run, catalog, fleet),
        *_storage(run, catalog, fleet),
    ]
    first, *others = (line for line in lines if line.usd > 0)
    due = when_due(fleet.candidate.offer, fleet.cost_usd)
    return replace(first, basis=f"{first.basis}; {due}") if due else first, *others


def when_due(offer: Offer, usd: float) -> str:
    """When a bill of so many USD is paid, in words; empty where the contract does not say."""
    rest = f"paid {_PAID[offer.payment]}" if offer.payment else ""
    if not offer.prepaid_share:
        return f"all of the bill is {rest}" if rest else ""
    if offer.prepaid_share == 1:
        return "all of the bill is due on signature"
    amount = say.usd(offer.prepaid_share * usd)
    prepaid = f"{100 * offer.prepaid_share:.4g} % of the bill, {amount}, is due on signature"
    return f"{prepaid}, the rest is {rest}" if rest else prepaid


_PAID = {
    "monthly": "each month",
    "quarterly": "each quarter",
    "yearly": "each year",
    "upfront": "on signature",
}


COMPUTE = "compute used"
COMMITTED, MINIMUM = "committed, not used", "minimum spend, not used"
# A smaller difference is not worth a word.
SEEN = 5e-4


def _hours(fleet: Fleet) -> Iterator[BillLine]:
    """GPU-hours used, and those of a commitment that are not."""
    term, used = fleet.candidate.term, fleet.gpu_hours
    price = say.price(term.usd_per_gpu_hour)
    if term.own is not None:
        yield from _own(fleet)
    else:
        basis = f"{say.digits(used)} GPU-hours at {price} USD"
        yield BillLine(COMPUTE, term.usd_per_gpu_hour * used, basis)
    idle = fleet.billed_gpu_hours - used
    if fleet.pays_minimum:
        least = f"the contract is for {say.usd(term.minimum_usd)} at least"
        basis = f"{say.digits(idle)} GPU-hours at {price} USD: {least}"
        yield BillLine(MINIMUM, term.usd_per_gpu_hour * idle, basis)
        return
    kind = "block" if term.block_days else "commitment"
    for_days = say.days(term.commitment_hours)
    basis = f"{say.digits(idle)} GPU-hours at {price} USD: the {kind} of {for_days} is paid whole"
    yield BillLine(COMMITTED, term.usd_per_gpu_hour * idle, basis)


def _own(fleet: Fleet) -> Iterator[BillLine]:
    own = fleet.candidate.term.own
    assert own is not None, "only owned hardware has a rate of its own"
    hours = say.digits(fleet.gpu_hours)
    for name, rate, what in (
        ("depreciation", own.depreciation, "price of the server less resale, over its life"),
        ("network", own.network, "switches and cables, over the same life"),
        ("energy", own.energy, "draw in training with cooling, at the industrial tariff"),
        ("colocation", own.colocation, "space and power capacity, by the server's rating"),
    ):
        basis = f"{hours} GPU-hours at {rate:.3f} USD: {what}"
        yield BillLine(name, rate * fleet.gpu_hours, basis)


def _upfront(fleet: Fleet) -> Iterator[BillLine]:
    each = fleet.candidate.term.upfront_usd_per_gpu
    basis = f"{fleet.gpus:,} GPUs at {say.usd(each)}, once"
    yield BillLine("up front", each * fleet.gpus, basis)


def _support(fleet: Fleet) -> Iterator[BillLine]:
    """What support takes of all GPU-hours that are paid."""
    term = fleet.candidate.term
    paid = term.usd_per_gpu_hour * fleet.billed_gpu_hours
    basis = f"{100 * term.support_share:g} % of {say.usd(paid)} for GPU-hours"
    yield BillLine("support", term.support_share * paid, basis)


def _once(run: Run, catalog: Catalog, fleet: Fleet) -> Iterator[BillLine]:
    """What a contract costs whatever the fleet: its set-up, and what leaves the provider."""
    offer, runs = fleet.candidate.offer, run.runs
    yield BillLine("set-up", offer.setup_usd, "once for the contract")
    yield BillLine("egress, flat", offer.egress_usd, "once for the contract")
    size = state_gb(run.shape.parameters, catalog)
    times = "the last checkpoint" if runs == 1 else f"the last checkpoint of each of {runs} runs"
    basis = f"{times}, {say.digits(size)} GB, at {offer.egress_usd_per_gb:.3g} USD a GB"
    yield BillLine("egress", fleet.candidate.term.egress_usd * runs, basis)


def _storage(run: Run, catalog: Catalog, fleet: Fleet) -> Iterator[BillLine]:
    runs, size, term = run.runs, stored_gb(run, catalog) / 1000, fleet.candidate.term
    elapsed, hours = runs * (fleet.wall_hours - term.lead_hours), runs * fleet.stay_hours
    monthly = term.storage_usd_per_hour * HOURS_PER_MONTH / (size * 1000)
    basis = f"{say.digits(size)} TB for {say.days(elapsed)} at {monthly:.3g} USD a GB and month"
    # The program knows it as a line between two sizes of the fleet, a little above the curve.
    above = hours / elapsed - 1
    if above > SEEN:
        basis += f", rounded up by {above:.1%}"
    yield BillLine("storage", term.storage_usd_per_hour * hours, basis)


def cost_at(fleet: Fleet, runs: int, stretch: float) -> float:
    """USD of the same fleet where every hour of training takes ``stretch`` times as long."""
    candidate = fleet.candidate
    elapsed = runs * (fleet.wall_hours - candidate.term.lead_hours) * stretch
    hours = np.array([fleet.gpu_hours * stretch]), np.array([elapsed])
    storage = candidate.term.storage_usd_per_hour * runs * fleet.stay_hours * stretch
    rented = rent_usd(candidate.term, candidate.offer.block_days, fleet.gpus, *hours)
    return float(rented[0]) + storage + candidate.term.once_usd(runs)


def rent_usd(
    term: Term, block_days: tuple[int, ...], gpus: int, used: Floats, elapsed: Floats
) -> Floats:
    """USD for GPU-hours and up front of fleets that use so many GPU-hours in so many hours.

    Both are of all runs; storage, set-up and egress are not in it.
    ``used`` and ``elapsed`` are arrays of one shape. A block is paid whole, however soon the run
    ends; one that gets too short is taken in the next duration that is sold, and where none is, the
    rest costs the same an hour.
    """
    committed: Floats | float = term.commitment_hours
    if term.block_days is not None:
        blocks = np.array(block_days, dtype=np.float64) * HOURS_PER_DAY
        longer = np.searchsorted(blocks * (1 + TOLERANCE), elapsed)
        last = len(blocks) - 1
        needed = np.where(longer > last, elapsed, blocks[np.minimum(longer, last)])
        committed = np.maximum(needed, term.commitment_hours)
    billed = np.maximum(np.maximum(used, committed * gpus), term.least_gpu_hours)
    return np.asarray(term.supported_usd_per_gpu_hour * billed + term.upfront_usd_per_gpu * gpus)
