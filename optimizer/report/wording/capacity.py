"""How the GPUs of a plan are had, and what surer capacity would make of it, in a line each."""

from collections.abc import Iterator
from math import floor

from catalog.units import HOURS_PER_DAY
from optimizer import say
from optimizer.explain.capacity import ContractPrice, OnlyWith, Standing

LEVEL_WORDS = {
    "self_serve": "self-serve alone",
    "approval": "self-serve and approval",
    "quota": "all but contracts",
    "published": "published sizes alone",
}


def capacity_facts(standing: Standing) -> Iterator[tuple[str, str]]:
    """The class that a plan rests on, the best of surer capacity, and what a contract may cost."""
    yield "capacity", f"{standing.capacity.replace('_', '-')}: {standing.claims}; {_size(standing)}"
    if standing.only:
        yield "only with", "; ".join(_only(standing.only))
    if standing.contracts:
        yield "contract", _contracts(standing.contracts)


def _size(standing: Standing) -> str:
    if standing.gpus is not None:
        if not standing.publisher:
            return "a node at a time"
        whose = f"published by {standing.publisher} ({standing.source})"
        return f"up to {say.gpus(standing.gpus)}, {whose}"
    if standing.given_gpus is not None:
        return f"up to {say.gpus(standing.given_gpus)} by your own --largest-cluster"
    return f"nobody publishes a size: up to {say.gpus(standing.judged_gpus or 0)} is our judgment"


def _only(only: tuple[OnlyWith, ...]) -> Iterator[str]:
    """'self-serve alone, 1.9 million USD in 26 days (336 GPUs, ...)', equal choices together."""
    for offer, gpus in dict.fromkeys((one.offer, one.gpus) for one in only):
        alike = [one for one in only if (one.offer, one.gpus) == (offer, gpus)]
        words = " or ".join(LEVEL_WORDS[one.level] for one in alike)
        yield f"{words}, {_choice(alike[0])}"


def _choice(one: OnlyWith) -> str:
    if one.cost_usd is None or one.days is None or one.gpus is None:
        return "no fleet keeps the limits"
    if one.same_decision:
        return "the same fleet"
    days = say.days(one.days * HOURS_PER_DAY)
    return f"{say.usd(one.cost_usd)} in {days} ({say.gpus(one.gpus)}, {one.offer})"


def _contracts(prices: tuple[ContractPrice, ...]) -> str:
    """'one for up to 4,096 GPUs wins below 9.10 USD per GPU-hour of B200 SXM, 6.2 of ...'."""
    first, *others = prices
    more = "".join(f", {_cents(one)} of {one.gpu_name}" for one in others)
    price = f"{_cents(first)} USD per GPU-hour of {first.gpu_name}"
    return f"one for up to {say.gpus(first.gpus)} and no minimum term wins below {price}{more}"


def _cents(one: ContractPrice) -> str:
    """Rounded down: at the price that is said the contract wins."""
    return f"{floor(one.below_usd_per_gpu_hour * 100 + 1e-6) / 100:,.2f}"
