"""The headers of quotes as people write them: 'Price per GPU-hour', 'EUR / node-month'."""

import re
from collections.abc import Callable, Collection

from catalog.columns import CellError
from catalog.csv_file import Spelling, plain_header
from catalog.quote_units import UNITS_READ, Said, is_currency, words_of

PRICE = "usd_per_gpu_hour"
# What headers mean beside the columns' own names, as plain_header has them.
ALIASES = {
    "price": PRICE,
    "node_size": "gpus_per_node",
    "largest_cluster": "max_gpus",
    "fewest": "min_gpus",
    "fewest_gpus": "min_gpus",
    "term": "commitment_hours",
    "commitment": "commitment_hours",
    "expires": "valid_until",
    "price_valid_until": "valid_until",
    "network": "fabric",
    "notes": "note",
    "price_unit": "unit",
    "unit_of_price": "unit",
    "price_currency": "currency",
    "validity": "valid_until",
    "price_validity": "valid_until",
    "quote_valid_until": "valid_until",
    "setup": "setup_usd",
    "setup_fee": "setup_usd",
    "set_up": "setup_usd",
    "set_up_fee": "setup_usd",
    "installation_fee": "setup_usd",
    "one_time_fee": "setup_usd",
    "minimum_spend": "minimum_usd",
    "min_spend": "minimum_usd",
    "minimum_commit": "minimum_usd",
    "minimum_commitment": "minimum_usd",
    "spend_commitment": "minimum_usd",
    "support": "support_share",
    "support_%": "support_share",
    "support_fee": "support_share",
    "support_percent": "support_share",
    "egress_fee": "egress",
    "egress_per_gb": "egress",
    "egress_fee_per_gb": "egress",
    "egress_flat": "egress",
    "flat_egress": "egress",
    "flat_egress_fee": "egress",
    "prepaid": "prepayment",
    "prepay": "prepayment",
    "prepayment_%": "prepayment",
    "down_payment": "prepayment",
    "deposit": "prepayment",
    "payment_schedule": "payment",
    "payment_terms": "payment",
    "billing": "payment",
    "billing_schedule": "payment",
    "volume_tiers": "tiers",
    "price_tiers": "tiers",
    "volume_price": "tiers",
    "volume_prices": "tiers",
    "ramp_up": "ramp",
    "ramp_up_by_week": "ramp",
    "gpus_by_week": "ramp",
    "gpus_per_week": "ramp",
    "delivery_date": "delivery",
    "delivery_time": "delivery",
    "lead_time": "delivery",
    "available_from": "delivery",
    "start_date": "delivery",
}
# Columns of one sum, whose header may name its currency: 'set-up fee (EUR)'.
_SUMS = ("setup_usd", "minimum_usd", "egress", "prepayment", "tiers")
# Words that make a header one of a price, and the marks of money that do so beside a unit.
_PRICE_WORDS = frozenset(("price", "prices", "rate", "cost"))
_LONGEST_READ = 200


def spelling(columns: Collection[str]) -> Spelling:
    """How the headers of quotes are read, for a table of these columns."""
    return Spelling(_reader(columns), _why_no_price, (*ALIASES, "price_per_gpu_hour"))


def said_by(written: str) -> Said:
    """What a header says of its amounts; nothing where it is the column's own name."""
    if plain_header(written) == PRICE:
        return Said("USD", thing="gpu", hours=1.0)
    try:
        return words_of(written[:_LONGEST_READ])
    except CellError:
        return Said()


def _reader(columns: Collection[str]) -> Callable[[str], str]:
    def column(written: str) -> str:
        plain = plain_header(written)
        known = plain if plain in columns else ALIASES.get(plain) or _sum_meant(plain)
        if known is not None:
            return known
        return PRICE if _is_price(written) and _why_no_price(written) is None else plain

    return column


def _sum_meant(plain: str) -> str | None:
    """The column of a header that names its currency beside it."""
    words = [word.strip("()[]") for word in plain.split("_")]
    bare = "_".join(word for word in words if word and not is_currency(word))
    found = ALIASES.get(bare, bare)
    return found if found in _SUMS else None


def _is_price(written: str) -> bool:
    """Whether a header is of a price, whatever its unit."""
    text = written[:_LONGEST_READ]
    words = set(re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text).lower()))
    if words & _PRICE_WORDS:
        return True
    try:
        said = words_of(text)
    except CellError:
        # Money that is named twice, or money per something that no GPU is sold in.
        return bool(re.search(r"[$€£¥]|\b(?:usd|eur|gbp|chf)\b", text.lower()))
    unit = said.thing or said.hours or said.others
    return (said.currency is not None or said.cents) and bool(unit)


def _why_no_price(written: str) -> str | None:
    """Why a header of a price cannot be used; None where it can, or is none of a price."""
    if not _is_price(written):
        return _why_no_time(written)
    try:
        said = words_of(written[:_LONGEST_READ])
    except CellError as error:
        return str(error)
    if said.others:
        unknown = " ".join(said.others)[:40]
        return f"{unknown!r} is no unit of a price that is known; expected one per {UNITS_READ}"
    return None


def _why_no_time(written: str) -> str | None:
    """Why a header of things and time without money cannot be used: 'GPU/hr'."""
    try:
        said = words_of(written[:_LONGEST_READ])
    except CellError:
        return None
    if said.thing is None or said.hours is None or said.others:
        return None
    return "may be hours or their price; expected a header such as price per GPU-hour"
