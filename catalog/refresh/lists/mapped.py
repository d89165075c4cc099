"""Any table of prices into listings, by a map from its columns.

A row is one price, or several in columns of their own. What a row does not say is not guessed:
it is left out with the reason, and counted.
"""

from dataclasses import replace

from catalog.refresh.listing import Found
from catalog.refresh.lists.asked import Asked, priced_fields
from catalog.refresh.lists.grammar import PRICES, Map
from catalog.refresh.lists.records import Records
from catalog.refresh.lists.row import Reading, Row
from catalog.refresh.lists.sold import Draft, draft
from catalog.refresh.skypilot import PROGRESS_STEP, Progress
from catalog.refresh.tally import Tally

# What differs between rows that sell the same.
_CHANGING = {*PRICES, "part", "region", "read_on", "key"}
OLDER = "an older price of the same: the newest counts"


def read_mapped(
    name: str,
    records: Records,
    mapping: Map,
    asked: Asked,
    left_out: Tally,
    notes: Tally,
    progress: Progress | None = None,
) -> list[Found]:
    """A ``Found`` for each provider of the table; CatalogError where the map does not say enough.

    Of rows of several days about the same thing the newest counts.
    """
    priced, money = priced_fields(mapping, asked)
    table = Reading(mapping, replace(asked, money=money), priced, left_out, notes)
    fields = [field for field, entry in mapping.items() if entry.column]
    fixed = {field: entry.value for field, entry in mapping.items() if not entry.column}
    steady = [at for at, field in enumerate(fields) if field not in _CHANGING]
    columns = [mapping[field].column for field in fields]
    drafts = []
    for number, (where, cells) in enumerate(records.rows(columns), 1):
        if progress and not number % PROGRESS_STEP:
            progress(name, number, number)
        if cells is None:
            left_out.add("wrong number of cells", where)
            continue
        row = Row(where, {**fixed, **dict(zip(fields, cells, strict=True))}, table)
        one = draft(row, tuple([cells[at] for at in steady]))
        if one is not None:
            drafts.append(one)
    _settle(drafts, table)
    return list(table.found.values())


def _settle(drafts: list[Draft], table: Reading) -> None:
    """Keep of each thing that is sold the rows of its newest day."""
    for one in drafts:
        if one.day < table.newest[one.same]:
            table.left_out.add(OLDER, f"{one.where}: {one.day.isoformat()}")
        else:
            one.found.listings += one.listings
            one.found.terms += one.terms
