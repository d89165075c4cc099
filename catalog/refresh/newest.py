"""Which reading of an offer counts, where a list and a catalog both have one: the newest.

A product is what a provider sells of one GPU model in nodes of one size under the same terms, in
one region and, where both rows name one, on one machine. What is not stated may be any.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from catalog.refresh.partial import Cells, Product, machine_of, product_of, same_machine


@dataclass(frozen=True, slots=True)
class Older:
    """A row of a list that is not taken, or only for some regions, and the newer reading of it.

    Days are as YYYY-MM-DD; ``regions`` are those that are not taken, empty where none is stated.
    """

    offer: str
    read_on: str
    newer: str
    newer_read_on: str
    regions: tuple[str, ...]


@dataclass(slots=True)
class _Readings:
    """The newest reading of a product by region and machine: its day and the offer's name."""

    newest: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)

    def add(self, row: Cells) -> None:
        reading = (row["read_on"].strip(), row["offer"].strip())
        for region in row["region"].split() or [""]:
            sold = (region, machine_of(row))
            self.newest[sold] = max(self.newest.get(sold, ("", "")), reading)

    def after(self, day: str, region: str, machine: str) -> tuple[str, str] | None:
        """The newest reading of that region and machine, if it is newer than the day."""
        fitting = (
            reading
            for (where, sold), reading in self.newest.items()
            if (not region or where in ("", region)) and same_machine(machine, sold)
        )
        here = max(fitting, default=("", ""))
        return here if here[0] > day else None


def newest_rows(
    listed: Iterable[Cells], held: Iterable[Cells]
) -> tuple[list[dict[str, str]], list[Older]]:
    """The rows of a list that no row held is newer than, and those that one is.

    Both are cells of offers.csv. A row loses the regions in which there is a newer reading.
    """
    known: dict[Product, _Readings] = defaultdict(_Readings)
    for row in held:
        known[product_of(row)].add(row)
    taken, older = [], []
    for row in listed:
        readings = known.get(product_of(row))
        late = {} if readings is None else _newer(row, readings)
        left = [region for region in row["region"].split() if region not in late]
        if late:
            day, offer = max(late.values())
            regions = tuple(filter(None, late))
            older.append(Older(row["offer"], row["read_on"], offer, day, regions))
        if left or not late:
            taken.append({**row, "region": " ".join(left)})
    return taken, older


def _newer(row: Cells, readings: _Readings) -> dict[str, tuple[str, str]]:
    """The newer readings by region of the row, '' where it states none."""
    regions: Sequence[str] = row["region"].split() or [""]
    machine = machine_of(row)
    found = {region: readings.after(row["read_on"], region, machine) for region in regions}
    return {region: newer for region, newer in found.items() if newer is not None}
