"""The sources behind a recommendation: what was read where, and on which day."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from catalog import Catalog, Precision, Source
from optimizer.market.run import Run
from optimizer.plan.plan import Plan

# Planning defaults that only some plans take.
INTERRUPTED = ("checkpoint_gb", "checkpoint_interval", "checkpoint_stall", "restart_")
OWNING = (
    *("depreciation_years", "server_value_decay_per_year", "network_share"),
    *("electricity_usd_per_kwh", "colocation_usd_per_kw_month"),
)


@dataclass(frozen=True, slots=True)
class Cited:
    """One source, what is taken from it, and the newest and oldest day on which it was read."""

    source: Source
    used_for: tuple[str, ...]
    first_read: date
    last_read: date


def cited(run: Run, plans: Iterable[Plan], catalog: Catalog) -> tuple[Cited, ...]:
    """Every source that these plans rest on, in the order in which they first need it."""
    used: dict[str, list[tuple[str, date]]] = {}
    for what, key, day in _uses(run, list(plans), catalog):
        found = used.setdefault(key, [])
        if (what, day) not in found:
            found.append((what, day))
    return tuple(_cited(catalog.sources[key], found) for key, found in used.items())


def _cited(source: Source, found: list[tuple[str, date]]) -> Cited:
    days = [day for _, day in found]
    return Cited(source, tuple(dict.fromkeys(what for what, _ in found)), min(days), max(days))


def _uses(run: Run, plans: list[Plan], catalog: Catalog) -> Iterator[tuple[str, str, date]]:
    """What is used, the key of its source, and the day."""
    for plan in plans:
        yield f"price of {plan.offer}", plan.source, plan.price_read_on
    for plan in plans:
        gpu = catalog.gpus[plan.gpu]
        yield f"datasheet of {gpu.name}", gpu.source, gpu.read_on
        precision: Precision = plan.precision  # type: ignore[assignment]
        for point in catalog.breakpoints(plan.gpu, precision):
            if point.source in plan.mfu_sources:
                yield f"MFU of {gpu.name}", point.source, point.read_on
    if run.goodput is None and run.failures is None:
        for plan in plans:
            row = catalog.failure_rate(catalog.gpus[plan.gpu].architecture)
            yield f"interruptions ({row.architecture})", row.source, row.read_on
    if run.storage_price is None:
        for plan in plans:
            stored = catalog.storage_of(plan.provider)
            yield f"storage ({stored.provider})", stored.source, stored.read_on
    for name, default in catalog.defaults.items():
        if _is_used(name, run, plans):
            yield name.replace("_", " "), default.source, default.read_on


def _is_used(name: str, run: Run, plans: list[Plan]) -> bool:
    """Whether a planning default has a part in one of the plans."""
    if name in OWNING:
        return any(plan.pricing == "owned" for plan in plans)
    if name.startswith("spot_"):
        return any(plan.pricing == "spot" for plan in plans)
    return run.goodput is None or not name.startswith(INTERRUPTED)
