"""A given fleet as a market of one size, on an offer of it or at a price of the user's own.

The same segments as a plan's give its hours and its bill, so the two agree to the cent.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from math import gcd

from catalog import Catalog, Gpu, Offer, Precision
from catalog.slices import sizes_sold
from catalog.vocabulary import PRECISIONS
from optimizer.market.candidates import Candidate, most_gpus
from optimizer.market.hardware import Hardware, Unfit, hardware_of, key_of, nic_gbps_of, step_on
from optimizer.market.limits import Limits
from optimizer.market.reliability import reliability_of
from optimizer.market.run import Run
from optimizer.market.segments import make_segments
from optimizer.market.terms import terms_of
from optimizer.program.bounds import best_on_each, within
from optimizer.program.enumerate import Fleet, fleet_on
from problems import Fleet as Asked
from problems import ProblemError

# A GPU with a price of the user's own, or that nobody sells, is of nobody in the catalog.
NOBODY = ""


@dataclass(frozen=True, slots=True)
class Given:
    """A fleet that is given, on its offer, or on none that the catalog has.

    ``spare`` GPUs are no whole node and idle; their hours are counted.
    """

    fleet: Fleet
    offer: Offer | None
    spare: int

    @property
    def hardware(self) -> Hardware:
        """What the run makes of it."""
        return self.fleet.candidate.hardware

    @property
    def share(self) -> float:
        """GPUs rented over those in whole nodes."""
        return 1 + self.spare / self.fleet.gpus

    @property
    def mfu(self) -> float:
        """MFU of the whole run over all GPUs rented."""
        return self.hardware.curve.at(self.fleet.gpus) / self.share


def given_fleet(run: Run, gpu: Gpu, asked: Asked, catalog: Catalog) -> Given:
    """The fleet at its own price, on the cheapest offer of so many, or on none that is sold.

    ProblemError where the part lacks the precision or so many do not hold the model.
    """
    _precision_of(run, gpu)
    serving = [] if asked.usd_per_gpu_hour is not None else _serving(run, gpu, asked, catalog)
    if serving:
        fleet = _cheapest(run, gpu, asked, catalog, serving)
        return Given(fleet, fleet.candidate.offer, 0)
    node = min(asked.gpus_per_node, asked.gpus)
    if run.measured:  # a speed of the user's own is that of all their GPUs
        node = gcd(node, asked.gpus)
    own = _own_offer(run, gpu, asked, node)
    fleet = _cheapest(run, gpu, asked, catalog, [own])
    return Given(fleet, None, asked.gpus - fleet.gpus)


def _precision_of(run: Run, gpu: Gpu) -> Precision:
    """The run's precision on this part; ProblemError where neither it nor a given speed has one."""
    precision = run.precision_on(gpu)
    if precision is None:
        has = ", ".join(p for p in PRECISIONS if gpu.peak_tflops(p))
        what = f"{gpu.gpu} has no {run.precision or '16-bit'} peak"
        raise ProblemError([f"precision: {what}; expected one of {has}"])
    if run.speed is not None and run.own_curve(gpu, precision) is None:
        raise ProblemError([f"{run.speed.key}: {run.speed.refusal(gpu, precision)}"])
    return precision


def _serving(run: Run, gpu: Gpu, asked: Asked, catalog: Catalog) -> list[Offer]:
    """The offers of so many of this part, in whole nodes or slices, at a price asked for."""
    return [
        offer
        for offer in catalog.offers
        if offer.gpu == gpu.gpu
        and offer.pricing in run.pricing
        and asked.gpus % offer.gpus_per_node == 0
        and offer.offer not in catalog.held_back
        and offer.min_gpus <= asked.gpus <= most_gpus(offer, run)
        and asked.gpus in (sizes_sold(offer) or (asked.gpus,))
    ]


def _own_offer(run: Run, gpu: Gpu, asked: Asked, node: int) -> Offer:
    """An offer that nobody in the catalog makes, at the user's price or at none.

    Only who asks for spot capacity alone has it taken back; a price says nothing of its terms.
    """
    return Offer(
        offer=NOBODY,
        provider=NOBODY,
        gpu=gpu.gpu,
        pricing="spot" if run.pricing == ("spot",) else "on_demand",
        region="",
        gpus_per_node=node,
        min_gpus=1,
        max_gpus=asked.gpus,
        max_gpus_basis="published",
        cluster_class=NOBODY,
        nic_gbps_per_gpu=None,
        fabric="",
        usd_per_gpu_hour=asked.usd_per_gpu_hour or 0.0,
        commitment_hours=0.0,
        upfront_usd_per_gpu=0.0,
        lead_time_hours=0.0,
        source=NOBODY,
        read_on=date.min,
        audit="",
        note="",
    )


def _cheapest(run: Run, gpu: Gpu, asked: Asked, catalog: Catalog, offers: Iterable[Offer]) -> Fleet:
    """The cheapest of these offers' fleets of that size; what is sold too briefly comes last."""
    candidates = [c for offer in offers for c in _candidates(run, gpu, asked, catalog, offer)]
    every = make_segments(run, candidates)
    lasting = within(every, Limits())
    segments = lasting if len(lasting) else every
    _, cost, nodes = best_on_each(segments, "cost")
    best = min(range(len(cost)), key=lambda i: (cost[i], segments.candidate[i]))
    return fleet_on(segments, best, int(nodes[best]))


def _candidates(
    run: Run, gpu: Gpu, asked: Asked, catalog: Catalog, offer: Offer
) -> list[Candidate]:
    """The fleet of that size on an offer, once for each choice of its terms."""
    node = offer.gpus_per_node
    gpus = asked.gpus // node * node
    hardware = hardware_of(run, catalog, key_of(offer), gpus)
    if isinstance(hardware, Unfit):
        hardware = _unheld(run, gpu, asked, offer, hardware)
    reliability = reliability_of(run, catalog, gpu, node, offer.pricing == "spot")
    terms = terms_of(offer, gpu, run, catalog)
    if offer.offer == NOBODY and run.storage_price is None:
        terms = [replace(terms[0], storage_usd_per_hour=0.0)]
    return [Candidate(offer, term, reliability, hardware, gpus, gpus) for term in terms]


def _unheld(run: Run, gpu: Gpu, asked: Asked, offer: Offer, unfit: Unfit) -> Hardware:
    """What the user measured ran, so a layout that is not known is no mistake; else one."""
    precision = _precision_of(run, gpu)
    own = run.own_curve(gpu, precision)
    if own is None:
        raise ProblemError([f"fleet.gpus: {_does_not_fit(run, gpu, asked, unfit)}"])
    setting = step_on(run, gpu, precision, offer.gpus_per_node, nic_gbps_of(offer))
    return Hardware(gpu, precision, setting, "given", own, 1.0, 1.0, 1)


def _does_not_fit(run: Run, gpu: Gpu, asked: Asked, unfit: Unfit) -> str:
    what = f"{asked.gpus:,} {gpu.name} do not hold {run.shape.name}"
    if unfit.needs is None:
        return f"{what}; expected a part with more memory; {unfit.reason}"
    return f"{what}; expected at least {unfit.needs:,}"
