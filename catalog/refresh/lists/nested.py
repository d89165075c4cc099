"""Lists whose rows lie deeper than an array of objects: by machine and region, by provider and GPU.

Each becomes an array of flat objects; ``shapes`` has the map for it.
"""

from collections.abc import Iterator, Mapping
from typing import Any

# What a machine has besides prices and GPUs.
_NO_GPU = {"cost", "cpu", "ram", "local-ssd", "disk", "type", "network", "bandwidth"}


def flattened(data: Any) -> Any:
    """The rows of the two nested kinds that are known; any other data as it is."""
    machines = _at(data, "compute", "instance")
    if isinstance(machines, dict):
        return [row for name, one in machines.items() for row in _regional(str(name), one)]
    days = data if isinstance(data, list) else [data]
    if days and all(
        isinstance(one, dict) and isinstance(one.get("cheapest"), dict) for one in days
    ):
        # A line a day: the newest is the list, what stands before it was true once.
        return [*_cheapest(max(days, key=lambda one: str(one.get("collected_at", ""))))]
    return data


def _at(data: Any, *keys: str) -> Any:
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return data


def _regional(name: str, machine: Any) -> Iterator[dict[str, Any]]:
    """A row a region: prices by name, and the one other number, which is that of the GPUs."""
    regions = _at(machine, "cost")
    if not isinstance(regions, dict):
        return
    gpus = {
        key: value
        for key, value in machine.items()
        if key not in _NO_GPU and str(value).replace(".0", "").isdigit()
    }
    accelerator, count = next(iter(gpus.items())) if len(gpus) == 1 else ("", "")
    held = {"machine": name, "accelerator": accelerator, "accelerators": count}
    prices = dict.fromkeys(("hour", "hour_spot", "month_1y", "month_3y"), "")
    for region, cost in regions.items():
        if isinstance(cost, Mapping):
            yield {**held, "region": region, **prices, **cost}


def _cheapest(day: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for provider, gpus in day["cheapest"].items():
        for gpu, usd in gpus.items() if isinstance(gpus, dict) else ():
            named = {"cheapest_provider": provider, "cheapest_gpu": gpu, "cheapest_usd": usd}
            yield {**named, "day": day.get("collected_at", "")}
