"""Whether every line of a bill follows from its formula, none is missing, and they add up."""

from collections.abc import Iterator

from optimizer.plan.check.facts import A_MONTH, Case, checkpoint_gb, rates

CLOSE = 1e-6
# Between two breakpoints the hours of storage are a line, which lies so much above at most.
STORAGE_BETWEEN_BREAKPOINTS = 1.5e-2
UNUSED = ("committed, not used", "minimum spend, not used")


def wrong_bill(case: Case) -> Iterator[str]:
    """The lines, what each of them should be, and their sum."""
    plan = case.plan
    said = {line.line: line.usd for line in plan.bill}
    room = CLOSE * plan.cost_usd
    for name, usd in _lines(case).items():
        bound = room
        if name == "storage" and not case.exact:
            bound += STORAGE_BETWEEN_BREAKPOINTS * usd
        found = said.pop(name, 0.0) if name != "not used" else sum(said.pop(n, 0.0) for n in UNUSED)
        if abs(found - usd) > bound:
            yield f"bill, {name}: {found:,.2f} USD in the plan, {usd:,.2f} by the formula"
    for name, usd in said.items():
        yield f"bill, {name}: {usd:,.2f} USD for what no formula has"
    total = sum(line.usd for line in plan.bill)
    if abs(total - plan.cost_usd) > room:
        yield f"bill, total: {plan.cost_usd:,.2f} USD in the plan, {total:,.2f} by its lines"


def _lines(case: Case) -> dict[str, float]:
    """USD by line of the bill, from the hours of the plan."""
    plan, offer = case.plan, case.offer
    hourly = rates(case)
    price = sum(hourly.values())
    return {
        **{name: rate * plan.gpu_hours for name, rate in hourly.items()},
        "not used": price * (plan.billed_gpu_hours - plan.gpu_hours),
        "support": offer.support_share * price * plan.billed_gpu_hours,
        "up front": offer.upfront_usd_per_gpu * plan.gpus,
        "set-up": offer.setup_usd,
        "egress, flat": offer.egress_usd,
        "egress": plan.runs * checkpoint_gb(case) * offer.egress_usd_per_gb,
        "storage": _storage_usd(case) * plan.runs * case.elapsed,
    }


def _storage_usd(case: Case) -> float:
    """USD an hour for the tokens, and for the checkpoints that are kept."""
    price, prices = case.run.storage_price, case.catalog.storage
    if price is None:
        price = prices.get(case.offer.provider, prices["any"]).usd_per_gb_month
    tokens_gb = case.known("bytes_per_token") * case.run.tokens / 1e9
    kept_gb = tokens_gb + case.known("checkpoints_kept") * checkpoint_gb(case)
    return kept_gb * price / A_MONTH


def wrong_cost_range(case: Case) -> Iterator[str]:
    """What the range of the MFU makes of the bill: hours go with 1/MFU, nothing else does."""
    plan = case.plan
    for name, mfu in (("low", plan.mfu_range.high), ("high", plan.mfu_range.low)):
        usd, said = _cost_at(case, plan.mfu / mfu), getattr(plan.cost_usd_range, name)
        if abs(said - usd) > CLOSE * usd:
            yield f"cost_usd_range: {name} {said:,.2f} USD, {usd:,.2f} by its MFU"


def _cost_at(case: Case, longer: float) -> float:
    """USD where every hour of training takes so many times as long."""
    plan, offer, lines = case.plan, case.offer, {line.line: line.usd for line in case.plan.bill}
    price, used = sum(rates(case).values()), plan.gpu_hours * longer
    committed = case.committed
    if offer.block_days:  # too short a block is taken in the next length that is sold
        elapsed = plan.runs * case.elapsed * longer
        blocks = (float(days * 24) for days in offer.block_days)
        needed = next((hours for hours in blocks if elapsed <= hours * (1 + CLOSE)), elapsed)
        committed = max(committed, needed)
    minimum = offer.minimum_usd / price if offer.minimum_usd else 0.0
    hours = max(used, committed * plan.gpus, minimum)
    stays = sum(lines.get(name, 0.0) for name in ("up front", "set-up", "egress, flat", "egress"))
    return price * (1 + offer.support_share) * hours + stays + lines.get("storage", 0.0) * longer
