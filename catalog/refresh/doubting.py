"""Prices of a list that cannot be true: held back before anything is made of them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from catalog.held_back import ALL
from catalog.plausible import Bounds, Doubt, Key, judge
from catalog.refresh.listing import Found, Listing
from catalog.refresh.offers import offer_name
from catalog.refresh.price import Price
from catalog.vocabulary import Pricing

Column = Literal["price", "spot price"]


@dataclass(frozen=True, slots=True)
class HeldRow:
    """One price of a list that cannot be true, of the offer that it would have become.

    ``where`` is the file and line, ``column`` which of the row's prices it is; ``accepted`` where
    the user takes it all the same.
    """

    where: str
    column: Column
    offer: str
    doubt: Doubt
    accepted: bool = False

    def __str__(self) -> str:
        """Where, which and why."""
        return f"{self.where}: {self.column} of {self.offer}: {self.doubt}"


def hold_back(
    found: Found, bounds: Mapping[Key, Bounds], accepted: Collection[str] = ()
) -> list[HeldRow]:
    """Blank the prices of ``found`` that cannot be true; what the catalog has of their GPUs stays.

    ``accepted`` are names of offers to take all the same, or ``all``.
    """
    rows: list[HeldRow] = []
    kept = []
    for one in found.listings:
        regular: Pricing = "marketplace" if one.marketplace else "on_demand"
        wrong = _wrong(one, one.usd, regular, bounds, accepted)
        wrong_spot = _wrong(one, one.spot_usd, "spot", bounds, accepted)
        if wrong is None and wrong_spot is None:
            kept.append(one)
            continue
        for row, pricing in ((wrong, regular), (wrong_spot, "spot")):
            if row is not None:
                rows.append(row)
                if not row.accepted:
                    found.doubt(one, pricing)
        left = replace(
            one,
            usd=None if wrong and not wrong.accepted else one.usd,
            spot_usd=None if wrong_spot and not wrong_spot.accepted else one.spot_usd,
        )
        if left.usd is not None or left.spot_usd is not None:
            kept.append(left)
    found.listings[:] = kept
    return [*rows, *_hold_back_terms(found, bounds, accepted)]


def _hold_back_terms(
    found: Found, bounds: Mapping[Key, Bounds], accepted: Collection[str]
) -> list[HeldRow]:
    """The same of prices that bind for a term: they are rents too."""
    rows: list[HeldRow] = []
    kept = []
    for price in found.terms:
        doubt = judge(bounds, price.gpu, "rent", price.usd_per_gpu_hour, price.gpus)
        if doubt is not None:
            name = offer_name(price, price.region)
            where = f"{price.instance or found.provider} in {price.region or 'no region'}"
            rows.append(HeldRow(where, "price", name, doubt, _is_accepted(name, accepted)))
        if doubt is None or rows[-1].accepted:
            kept.append(price)
        else:
            found.doubt(price, price.pricing)
    found.terms[:] = kept
    return rows


def _wrong(
    one: Listing,
    usd: float | None,
    pricing: Pricing,
    bounds: Mapping[Key, Bounds],
    accepted: Collection[str],
) -> HeldRow | None:
    if usd is None:
        return None
    per_gpu = usd / one.gpus
    kind: Literal["rent", "spot"] = "spot" if pricing == "spot" else "rent"
    doubt = judge(bounds, one.gpu, kind, per_gpu, one.gpus)
    if doubt is None:
        return None
    price = Price(one.provider, one.gpu, one.gpus, one.instance, one.region, pricing, per_gpu)
    name = offer_name(price, one.region)
    return HeldRow(f"{one}", _column(pricing), name, doubt, _is_accepted(name, accepted))


def _column(pricing: str) -> Column:
    return "spot price" if pricing == "spot" else "price"


def _is_accepted(name: str, accepted: Collection[str]) -> bool:
    return ALL in accepted or name in accepted
