"""Whether FLOP, MFU, goodput, hours, days, energy and ranges follow from their formulas."""

from collections.abc import Iterator
from itertools import pairwise
from math import isclose

from optimizer.physics.mfu import Staircase
from optimizer.plan.check.facts import (
    Case,
    Interruptions,
    co2_kg_a_mwh,
    draw_kw,
    interruptions,
    peak_tflops,
    rates,
)

CLOSE = 1e-6
# Between two breakpoints the program takes lines, which the formulas leave by so much at most.
BETWEEN_BREAKPOINTS = 2e-3


def wrong_figures(case: Case) -> Iterator[str]:
    """Every number of the plan that a formula gives."""
    lost = interruptions(case)
    room = CLOSE if case.exact else BETWEEN_BREAKPOINTS
    spot_room = room if case.offer.pricing == "spot" else CLOSE
    expected: dict[str, tuple[float, float]] = {
        **{name: (value, CLOSE) for name, value in _work(case).items()},
        **{name: (value, spot_room) for name, value in _times(case, lost).items()},
        "goodput": (lost.goodput, room),
        "interruptions": (lost.per_hour * _rented(case), CLOSE),
    }
    for name, (value, close) in expected.items():
        said = getattr(case.plan, name)
        if not isclose(said, value, rel_tol=close, abs_tol=1e-12):
            yield f"{name}: {said:.8g} in the plan, {value:.8g} by the formula"
    minutes = None if lost.every is None else lost.every * 60
    said = case.plan.checkpoint_minutes
    if (said is None) != (minutes is None) or not isclose(said or 0.0, minutes or 0.0):
        yield f"checkpoint_minutes: {said} in the plan, {minutes} by the formula"
    kinds = _kinds_of_mfu(case)
    if case.plan.mfu_basis not in kinds:
        yield f"mfu_basis: {case.plan.mfu_basis} in the plan, {' or '.join(kinds)} by its curve"


def _work(case: Case) -> dict[str, float]:
    """FLOP, MFU, GPU-hours, what an hour of a GPU costs, and what all of them draw."""
    plan, run, offer = case.plan, case.run, case.offer
    flop = 6 * run.shape.active_parameters * run.tokens
    peak, mfu = (peak_tflops(case.gpu, plan.precision) or 0.0) * 1e12, _mfu(case)
    hours = plan.runs * flop / (peak * mfu * plan.goodput) / 3600
    price = sum(rates(case).values())
    minimum = offer.minimum_usd / price if offer.minimum_usd else 0.0
    mwh = hours * draw_kw(case) / 1000
    return {
        "training_flop": flop,
        "mfu": mfu,
        "step_mfu": mfu / run.run_factor,
        "run_factor": run.run_factor,
        "gpu_hours": hours,
        "billed_gpu_hours": max(hours, case.committed * plan.gpus, minimum),
        "usd_per_gpu_hour": price,
        "upfront_usd": offer.upfront_usd_per_gpu * plan.gpus,
        "energy_mwh": mwh,
        "co2_kg": mwh * co2_kg_a_mwh(case),
    }


def _times(case: Case, lost: Interruptions) -> dict[str, float]:
    """Days of a run with the wait before it, and those of them that are kept in reserve."""
    elapsed, slack = lost.calendar * _rented(case), 0.0
    if case.offer.pricing == "spot":
        slack = elapsed * (1 - 1 / (1 + case.known("spot_slack")))
    return {
        "days": (case.offer.lead_time_hours + elapsed) / 24,
        "lead_days": case.offer.lead_time_hours / 24,
        "slack_days": slack / 24,
    }


def _rented(case: Case) -> float:
    """Hours for which one run has its GPUs."""
    return case.plan.gpu_hours / case.plan.runs / case.plan.gpus


def _mfu(case: Case) -> float:
    """MFU with 1/MFU linear between breakpoints, flat before them, going on after them.

    On a staircase that of the largest size below, on the GPUs that run.
    """
    if case.run.speed is not None:
        return _own_mfu(case)
    gpus, curve = case.plan.gpus, case.curve
    if isinstance(curve, Staircase):
        sizes = zip(curve.gpus, curve.mfu, strict=True)
        return max((share * n for n, share in sizes if n <= gpus), default=0.0) / gpus
    points = [(n, 1 / share) for n, share in zip(curve.gpus, curve.mfu, strict=True)]
    if gpus <= points[0][0] or len(points) == 1:
        return 1 / points[0 if gpus <= points[0][0] else -1][1]
    pairs = list(pairwise(points))
    (n0, y0), (n1, y1) = next((p for p in pairs if gpus <= p[1][0]), pairs[-1])
    slope = (y1 - y0) / (n1 - n0)
    return 1 / (y1 + (gpus - n1) * (max(slope, 0.0) if gpus > n1 else slope))


def _own_mfu(case: Case) -> float:
    """The MFU of a speed of the user's own: tokens a second, times 6·N, over the dense peak."""
    speed, gpu = case.run.speed, case.gpu
    assert speed is not None, "asked for where there is one"
    divisors = {row.gpu: row.peak_tflops for row in speed.peaks}
    elsewhere = speed.framework.elsewhere_tflops if speed.framework is not None else None
    divisor = divisors.get(gpu.gpu, elsewhere) or 0.0
    tokens_a_second = {
        "tokens_per_second_per_gpu": speed.value,
        "tflops_per_gpu": speed.value * 1e12 / speed.flop_per_token,
        "mfu": speed.value * divisor * 1e12 / speed.flop_per_token,
    }
    peak = (peak_tflops(gpu, case.plan.precision) or 0.0) * 1e12
    return 6 * case.run.shape.active_parameters * tokens_a_second[speed.key] / peak


def _kinds_of_mfu(case: Case) -> tuple[str, ...]:
    """What an MFU can rest on: the user's, else a measured curve, else a prediction."""
    if case.run.curve is not None or case.run.speed is not None:
        return ("given",)
    return ("predicted", "extrapolated", "anchored") if case.exact else ("measured",)


def wrong_ranges(case: Case) -> Iterator[str]:
    """Each range holds its figure, and that of days follows from that of the MFU."""
    plan = case.plan
    for name in ("days", "cost_usd", "mfu"):
        said, span = getattr(plan, name), getattr(plan, f"{name}_range")
        room = CLOSE * said
        if not span.low - room <= said <= span.high + room:
            yield f"{name}: {said:.8g} lies outside {span.low:.8g} to {span.high:.8g}"
    for name, mfu in (("low", plan.mfu_range.high), ("high", plan.mfu_range.low)):
        days = (case.offer.lead_time_hours + case.elapsed * plan.mfu / mfu) / 24
        said = getattr(plan.days_range, name)
        if not isclose(said, days, rel_tol=CLOSE):
            yield f"days_range: {name} {said:.8g} in the plan, {days:.8g} by its MFU"
