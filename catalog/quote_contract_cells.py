"""Cells on a contract as vendors write them: '25 %', '$0.05/GB', '8: 2.60; 64: 2.40'."""

import re
from dataclasses import dataclass
from datetime import date

from catalog.columns import CellError, day
from catalog.quote_cells import LONGEST_CELL, Money, WithoutUnit, money, term_hours
from catalog.tables import LARGEST_CLUSTER
from catalog.vocabulary import PAYMENTS, Payment, squeezed

NONE = ("none", "no", "free", "included", "0", "-", "waived")
LONGEST_LIST = 400
MOST_TIERS = 50
TIERS_EXPECTED = "GPUs and the price from so many on, such as 8: 2.60; 64: 2.40; 256: 2.20"
RAMP_EXPECTED = "the GPUs that there are in week 1, 2, ..., such as 64, 128, 256"
DELIVERY_EXPECTED = "a day as YYYY-MM-DD, a time such as 6 weeks, or now"

_SHARE = re.compile(r"([0-9]{1,3}(?:\.[0-9]+)?|\.[0-9]+) ?(%|percent)?", re.IGNORECASE)
_OF_DATA = re.compile(r"(.*?) ?(?:/|per) ?(gb|gib|tb|tib)", re.IGNORECASE)
_FLAT = re.compile(r"(.*?) ?\(?(?:flat|once|fixed|lump sum)\)?", re.IGNORECASE)
_GB = {"gb": 1.0, "gib": 2**30 / 1e9, "tb": 1000.0, "tib": 2**40 / 1e9}
_TIER = re.compile(r"(?:>=|≥|from )? ?([0-9]{1,8}) ?\+? ?(?:gpus?)? ?[:=] ?(.+)", re.IGNORECASE)
_PAID: dict[str, Payment] = {
    **{squeezed(word): word for word in PAYMENTS[1:]},
    **dict.fromkeys(("month", "permonth", "monthlyinarrears", "monthlyinadvance"), "monthly"),
    **dict.fromkeys(("quarter", "quarterlyinadvance", "quarterlyinarrears"), "quarterly"),
    **dict.fromkeys(("annual", "annually", "year", "annualprepay", "yearlyinadvance"), "yearly"),
    **dict.fromkeys(("prepaid", "prepay", "inadvance", "advance", "allupfront"), "upfront"),
}


@dataclass(frozen=True, slots=True)
class Share:
    """A share of the whole; ``percent`` where the cell says so, else a header may."""

    number: float
    percent: bool


@dataclass(frozen=True, slots=True)
class Egress:
    """What moving data out costs: an amount for so many GB, or once; None where not said."""

    amount: Money
    gb: float | None
    is_flat: bool


def amount(cell: str) -> Money | None:
    """One amount of money; None for 'none', 'free' and 0."""
    return None if cell.lower() in NONE else money(cell)


def share(cell: str) -> Share:
    """'10 %' or '0.1'; whether a bare number above one is a percentage is the header's to say."""
    if cell.lower() in NONE:
        return Share(0.0, percent=True)
    found = _SHARE.fullmatch(cell)
    if not found:
        raise ValueError(cell)
    return Share(float(found[1]), found[2] is not None)


def egress(cell: str) -> Egress | None:
    """'$0.05/GB', '500 USD flat'; None for none."""
    if cell.lower() in NONE:
        return None
    _check_length(cell, LONGEST_CELL)
    of_data, flat = _OF_DATA.fullmatch(cell), _FLAT.fullmatch(cell)
    if of_data:
        return Egress(money(of_data[1]), _GB[of_data[2].lower()], is_flat=False)
    if flat:
        return Egress(money(flat[1]), None, is_flat=True)
    return Egress(money(cell), None, is_flat=False)


def prepayment(cell: str) -> Share | Money:
    """'25 %', '0.25', 'all' or an amount of money."""
    if cell.lower() in ("all", "full", "upfront"):
        return Share(100.0, percent=True)
    if cell.lower() in NONE or _SHARE.fullmatch(cell):
        return share(cell)
    return money(cell)


def payment(cell: str) -> Payment:
    """When the bill is paid: monthly, quarterly, yearly or upfront."""
    return _PAID[squeezed(cell)] if squeezed(cell) in _PAID else _no_payment(cell)


def _no_payment(cell: str) -> Payment:
    raise ValueError(cell)


def tiers(cell: str) -> tuple[tuple[int, Money], ...]:
    """Prices by the size of the fleet, each from so many GPUs on, rising."""
    _check_length(cell, LONGEST_LIST)
    found: list[tuple[int, Money]] = []
    for part in re.split(r"[;|]", cell):
        tier = _TIER.fullmatch(part.strip())
        if not tier:
            raise CellError(f"{part.strip()[:40]!r} is no tier; expected {TIERS_EXPECTED}")
        found.append((int(tier[1]), money(tier[2].strip())))
    sizes = [size for size, _ in found]
    if sizes != sorted(set(sizes)) or sizes[0] < 1 or sizes[-1] > LARGEST_CLUSTER:
        raise CellError(f"{cell[:40]!r}: sizes do not rise from tier to tier; expected them to")
    if len(sizes) > MOST_TIERS:
        raise CellError(f"has {len(sizes)} tiers; expected at most {MOST_TIERS}")
    return tuple(found)


def ramp(cell: str) -> tuple[int, ...]:
    """GPUs that there are in each week, never fewer than the week before."""
    _check_length(cell, LONGEST_LIST)
    parts = [part for part in re.split(r"[\s,;|/]+", re.sub(r"(?i)gpus?", " ", cell)) if part]
    if not parts or any(not re.fullmatch(r"0|[1-9][0-9]{0,7}", part) for part in parts):
        raise ValueError(cell)
    weeks = tuple(int(part) for part in parts)
    if list(weeks) != sorted(weeks) or not 0 < weeks[-1] <= LARGEST_CLUSTER:
        raise CellError(f"{cell[:40]!r} falls from week to week, or is 0; expected {RAMP_EXPECTED}")
    if len(weeks) > MOST_TIERS:
        raise CellError(f"has {len(weeks)} weeks; expected at most {MOST_TIERS}")
    return weeks


def delivery(cell: str) -> date | float:
    """The day of delivery, or the hours until then."""
    if squeezed(cell) in ("now", "immediate", "immediately", "instock", "today"):
        return 0.0
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", cell):
        found = day(date.max).parse(cell)
        assert isinstance(found, date), "that is what a day is read as"
        return found
    hours = term_hours(cell)
    if isinstance(hours, WithoutUnit):
        raise CellError(f"{cell!r} has no unit; expected {DELIVERY_EXPECTED}")
    return hours


def _check_length(cell: str, most: int) -> None:
    if len(cell) > most:
        raise CellError(f"has {len(cell):,} characters; expected at most {most}")
