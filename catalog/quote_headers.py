"""The headers of quotes as people write them: 'Price per GPU-hour', 'EUR / node-month'."""

import re
from collections.abc import Callable, Collection

from catalog.columns import CellError
from catalog.csv_file import Spelling, plain_header
from catalog.quote_units import UNITS_READ, Said, words_of

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
}
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
        known = plain if plain in columns else ALIASES.get(plain)
        if known is not None:
            return known
        return PRICE if _is_price(written) and _why_no_price(written) is None else plain

    return column


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
    return (said.currency is not None or said.cents) and unit is not None


def _why_no_price(written: str) -> str | None:
    """Why a header of a price cannot be used; None where it can, or is none of a price."""
    if not _is_price(written):
        return None
    try:
        said = words_of(written[:_LONGEST_READ])
    except CellError as error:
        return str(error)
    if said.others:
        unknown = " ".join(said.others)[:40]
        return f"{unknown!r} is no unit of a price that is known; expected one per {UNITS_READ}"
    return None
