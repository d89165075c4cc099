"""The columns of a buyer's quotes: those of offers.csv, read forgivingly, and an expiry."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache

from catalog import quote_contract_cells as cells
from catalog.columns import REQUIRED, CellError, Column, Parser, day, text
from catalog.load import Catalog
from catalog.names import UnknownGpuError, match_gpu
from catalog.parts import why_unplanned
from catalog.providers import known_providers, match_provider
from catalog.quote_cells import LONGEST_CELL, money, term_hours, words_in
from catalog.quote_figures import unambiguous
from catalog.quote_offers import QUOTE_SOURCE
from catalog.quote_units import UNITS_READ, Said
from catalog.rows import Offer
from catalog.table import Table
from catalog.tables import YEARS_OF_COMMITMENT, offers_table
from catalog.vocabulary import FABRIC_ALIASES, FABRICS, PRICING_ALIASES, PRICINGS, squeezed

# What a buyer has to say, beside a price or tiers of prices: those are checked row by row.
NEEDED = ("provider", "gpu")
PRICE_EXPECTED = (
    "a price of one GPU for one hour above 0 and at most 10,000, such as 2.35, $2.35 or 2.35 USD"
)
HIGHEST_PRICE = 10_000
TERM_EXPECTED = "a term such as 12 months, 1 year, 90d, 2 weeks or 720h (at most 10 years), or none"

# The names of an integer program's variables are made of it, and those end at 255 characters.
LONGEST_NAME = 120
_KEPT_CELLS = 10_000
_MARKUP = re.compile(r"<[a-z/!][^<]*>", re.IGNORECASE)

_COUNTS = (
    *("gpus_per_node", "min_gpus", "max_gpus", "nic_gbps_per_gpu"),
    *("lead_time_hours", "longest_hours"),
)
_EXAMPLES = (
    ("provider", "Example Cloud", "Example Cloud", "Example Cloud"),
    ("gpu", "H100 SXM", "B200 SXM", "H200 SXM"),
    ("price", "$2.35", "3.80 USD", "17520.00"),
    ("node size", "8", "8", "8"),
    ("largest cluster", "256", "8", "64"),
    ("network", "infiniband", "none", "infiniband"),
    ("term", "12 months", "none", "6 months"),
    ("valid until", "2025-01-31", "2025-01-31", "2025-01-31"),
    ("note", *("an example: put yours here",) * 3),
    ("unit", "", "", "node-month"),
    ("currency", "", "", "USD"),
    ("set-up fee", "", "", "5000"),
    ("minimum spend", "", "", "100000"),
    ("support", "", "", "5 %"),
    ("prepayment", "", "", "25 %"),
    ("payment", "", "", "quarterly"),
    ("delivery", "", "", "4 weeks"),
)


def quote_template() -> str:
    """A CSV file to fill in: the columns that a buyer has, and three examples long expired."""
    return "".join(",".join(cells) + "\n" for cells in zip(*_EXAMPLES, strict=True))


def quotes_table(catalog: Catalog, latest: date) -> Table:
    """The columns of quotes; every cell may be blank but provider and GPU, and is then None."""
    offers = offers_table(latest).columns
    forgiving = {
        "provider": Column(_providers(catalog), "a provider's name", REQUIRED),
        "gpu": Column(_gpus(catalog), "a GPU model such as h100_sxm", REQUIRED),
        "offer": _short(offers["offer"]),
        "pricing": _reworded(offers["pricing"], PRICING_ALIASES, PRICINGS),
        "fabric": _reworded(offers["fabric"], FABRIC_ALIASES, FABRICS),
        "usd_per_gpu_hour": Column(money, PRICE_EXPECTED, None),
        "currency": Column(_currency, "a currency such as EUR", None),
        "unit": Column(_unit, f"one of {UNITS_READ}", None),
        "commitment_hours": Column(_term, TERM_EXPECTED, None),
        "cluster_class": _row_of("cluster_classes.csv", catalog.cluster_classes),
        "source": _row_of("sources.csv", {QUOTE_SOURCE, *catalog.sources}),
        "size_source": _row_of("sources.csv", {QUOTE_SOURCE, *catalog.sources}),
        "valid_until": Column(day(date.max).parse, "the last day as YYYY-MM-DD", None),
        **{name: _counted(offers[name]) for name in _COUNTS},
        **_of_contracts(),
    }
    columns = {name: replace(column, blank=None) for name, column in offers.items()} | {
        name: replace(column, parse=_careful(column.parse)) for name, column in forgiving.items()
    }
    return Table("", columns, Offer, ("offer",), frozenset(columns) - {*NEEDED})


def _counted(column: Column) -> Column:
    """A count, or hours; a point before three digits may part thousands."""
    return replace(column, parse=lambda cell: column.parse(unambiguous(cell)), blank=None)


def _of_contracts() -> dict[str, Column]:
    """The terms of a contract; what an offer has no column for is made into those it has."""
    sums, shares = "one sum such as 5,000 USD, or none", "a share such as 10 %, or none"
    return {
        "upfront_usd_per_gpu": Column(cells.amount, sums, None),
        "purchase_usd_per_gpu": Column(cells.amount, sums, None),
        "setup_usd": Column(cells.amount, sums, None),
        "minimum_usd": Column(cells.amount, sums, None),
        "support_share": Column(cells.share, shares, None),
        "egress": Column(cells.egress, "0.05 USD/GB, 500 USD flat, or none", None),
        "prepayment": Column(cells.prepayment, f"{shares}, or one sum such as 5,000 USD", None),
        "payment": Column(cells.payment, "one of monthly, quarterly, yearly, upfront", None),
        "tiers": Column(cells.tiers, cells.TIERS_EXPECTED, None),
        "ramp": Column(cells.ramp, cells.RAMP_EXPECTED, None),
        "delivery": Column(cells.delivery, cells.DELIVERY_EXPECTED, None),
    }


def _careful(parse: Parser) -> Parser:
    """Forgiving parsers skip white space and signs, but a tab or a line end inside a cell is a
    mistake, and so are formulas and markup.

    A column says few things over and over, so what was read once is kept.
    """
    plain = text().parse

    def careful(cell: str) -> object:
        if cell[0] in "=@":
            raise CellError(f"{cell[:LONGEST_CELL]!r} is a formula; expected its value")
        if _MARKUP.search(cell[:LONGEST_CELL]):
            raise CellError(f"{cell[:LONGEST_CELL]!r} has markup; expected plain text")
        return parse(str(plain(cell)))

    return lru_cache(maxsize=_KEPT_CELLS)(careful)


def _short(column: Column) -> Column:
    """A name that is not too long to be used in other files."""

    def parse(cell: str) -> object:
        if len(cell) > LONGEST_NAME:
            raise CellError(f"has {len(cell):,} characters; expected at most {LONGEST_NAME}")
        return column.parse(cell)

    return replace(column, parse=parse, blank=None)


def _reworded(column: Column, same: Mapping[str, str], words: Collection[str]) -> Column:
    """A word of a fixed list, however it is capitalized and joined."""
    known = {**same, **{squeezed(word): word for word in words}}

    def parse(cell: str) -> object:
        return column.parse(known.get(squeezed(cell), cell))

    return replace(column, parse=parse, blank=None)


def _currency(cell: str) -> str:
    """The code of a currency by its code, sign or name; a code that nobody knows is one too."""
    if len(cell) == 3 and cell.isascii() and cell.isalpha():
        return cell.upper()
    said = words_in(cell, cell[:LONGEST_CELL])
    if said.currency is None or said != Said(said.currency):
        raise ValueError(cell)
    return said.currency


def _unit(cell: str) -> Said:
    """What a price is of, and its currency where the unit names it."""
    said = words_in(cell, cell[:LONGEST_CELL])
    if said.others or said.is_empty:
        raise ValueError(cell)
    return said


def _term(cell: str) -> float:
    hours = term_hours(cell)
    if hours > YEARS_OF_COMMITMENT:
        raise ValueError(cell)
    return hours


def _row_of(file: str, names: Collection[str]) -> Column:
    def parse(cell: str) -> str:
        if cell not in names:
            raise ValueError(cell)
        return cell

    return Column(parse, f"a row of {file}, or leave it blank", None)


def _providers(catalog: Catalog) -> Callable[[str], str]:
    known = known_providers({offer.provider for offer in catalog.offers})
    return lambda cell: match_provider(cell, known)


def _gpus(catalog: Catalog) -> Callable[[str], str]:
    """One model for a name; a family is refused, for PCIe and SXM are different products."""
    models = list(catalog.gpus.values())
    curved = {gpu for gpu, _ in catalog.efficiency}

    def parse(cell: str) -> str:
        if len(cell) > LONGEST_CELL:
            raise ValueError(cell)
        try:
            found = match_gpu(cell, models)
        except UnknownGpuError as error:
            why = why_unplanned(cell, catalog.unplanned.values())
            raise CellError(why or str(error)) from None
        model, *others = found
        if others:
            listed = ", ".join(found)
            raise CellError(f"{cell!r} names {listed}; expected one of them; say which")
        if model not in curved:
            raise CellError(f"no MFU curve for {model!r}; expected a GPU that has one")
        return model

    return parse
