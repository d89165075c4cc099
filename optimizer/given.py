"""A given fleet's price and speed: whose offer it takes, and what the run reaches on it."""

from dataclasses import dataclass

from catalog import Catalog, Gpu, Offer, Precision
from catalog.rows import PRECISIONS
from optimizer.candidates import most_gpus
from optimizer.compute import peak_hours
from optimizer.hardware import (
    Basis,
    Hardware,
    Unfit,
    hardware_of,
    laid_out_as_gpus,
    layout_on,
)
from optimizer.plan import Span, mfu_range
from optimizer.run import Run
from optimizer.segments import TOLERANCE
from optimizer.step.predict import Prediction
from optimizer.terms import terms_of
from problems import Fleet, ProblemError

# Which offer is cheapest hardly depends on the MFU: only where a commitment idles.
ANY_MFU = 0.4


@dataclass(frozen=True, slots=True)
class Speed:
    """The MFU of the whole run on the fleet with its range, and the layout where one is known.

    ``basis`` is what the MFU rests on.
    """

    basis: Basis
    precision: Precision
    mfu: float
    span: Span
    found: Prediction | None
    warnings: tuple[str, ...] = ()


def cheapest_offer(run: Run, gpu: Gpu, fleet: Fleet, catalog: Catalog) -> Offer | None:
    """The cheapest bill among the offers of so many GPUs in whole nodes; None without one."""
    peak = max(gpu.peak_bf16_tflops or 0.0, gpu.peak_fp16_tflops or 0.0)
    hours = peak_hours(run.flop, peak) / ANY_MFU
    serving = [offer for offer in catalog.offers if _serves(offer, run, gpu, fleet.gpus)]
    bills = {o.offer: bill(o, gpu, run, catalog, fleet.gpus, hours) for o in serving}
    return min(serving, key=lambda o: (bills[o.offer], o.offer), default=None)


def _serves(offer: Offer, run: Run, gpu: Gpu, gpus: int) -> bool:
    if offer.gpu != gpu.gpu or offer.pricing not in run.pricing or gpus % offer.gpus_per_node:
        return False
    return offer.min_gpus <= gpus <= most_gpus(offer, run)


def bill(offer: Offer, gpu: Gpu, run: Run, catalog: Catalog, gpus: int, hours: float) -> float:
    """USD for so many GPU-hours without storage: the commitment at least, and what is up front.

    Of blocks it is the shortest that is long enough.
    """
    terms = terms_of(offer, gpu, run, catalog)
    least = hours / gpus / (1 + TOLERANCE)
    lasting = [term for term in terms if term.longest_hours >= least] or terms[-1:]
    term = lasting[0]
    billed = max(hours, term.commitment_hours * gpus)
    return term.usd_per_gpu_hour * billed + term.upfront_usd_per_gpu * gpus


def speed_of(run: Run, gpu: Gpu, fleet: Fleet, offer: Offer | None, catalog: Catalog) -> Speed:
    """The fleet's speed on the offer's network, or on the usual one of the GPU's generation."""
    precision = run.precision_on(gpu)
    if precision is None:
        has = ", ".join(p for p in PRECISIONS if gpu.peak_tflops(p))
        what = f"{gpu.gpu} has no {run.question.precision or '16-bit'} peak"
        raise ProblemError([f"precision: {what}; expected one of {has}"])
    node = offer.gpus_per_node if offer else min(fleet.gpus_per_node, fleet.gpus)
    nic = offer.nic_gbps_per_gpu if offer else None
    hardware = hardware_of(run, catalog, (gpu.gpu, node, nic), fleet.gpus)
    if run.measured:
        return _own_speed(run, gpu, precision, fleet, hardware, node)
    if isinstance(hardware, Unfit):
        raise ProblemError([f"fleet.gpus: {_does_not_fit(run, gpu, fleet, hardware)}"])
    found = layout_on(hardware, fleet.gpus // node * node)
    if found is None:
        what = f"a batch of {run.global_batch:,.0f} tokens is too small for {fleet.gpus:,} GPUs"
        raise ProblemError([f"fleet.gpus: {what}; expected fewer, or a larger --global-batch"])
    measured = hardware.basis == "measured"
    mfu = hardware.curve.at(fleet.gpus) if measured else found.mfu * hardware.scale
    warnings = () if measured else found.warnings
    span = mfu_range(hardware, fleet.gpus, mfu)
    shown = found if laid_out_as_gpus(hardware) else None
    return Speed(hardware.basis, precision, mfu, span, shown, warnings)


def _own_speed(
    run: Run,
    gpu: Gpu,
    precision: Precision,
    fleet: Fleet,
    hardware: Hardware | Unfit,
    node: int,
) -> Speed:
    """What the user measured; it ran, so a layout that is not known is no mistake."""
    own = run.own_curve(gpu, precision)
    if own is None:
        assert run.speed is not None
        raise ProblemError([f"{run.speed.key}: {run.speed.refusal(gpu, precision)}"])
    whole = fleet.gpus // node * node
    found = layout_on(hardware, whole) if isinstance(hardware, Hardware) else None
    warnings = []
    if own.extrapolates(fleet.gpus):
        end = f"{own.gpus[-1]:,.0f} GPUs"
        warnings.append(f"the MFU curve ends at {end}; its last slope goes on")
    if found is None:
        warnings.append(f"no layout of {run.shape.name} is known on {fleet.gpus:,} {gpu.name}")
    mfu = own.at(fleet.gpus)
    return Speed("given", precision, mfu, Span(mfu, mfu), found, tuple(warnings))


def _does_not_fit(run: Run, gpu: Gpu, fleet: Fleet, unfit: Unfit) -> str:
    what = f"{fleet.gpus:,} {gpu.name} do not hold {run.shape.name}"
    if unfit.needs is None:
        return f"{what}; expected a part with more memory; no number of these does"
    return f"{what}; expected at least {unfit.needs:,}"
