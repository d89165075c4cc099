"""What a list replaces that has only part of what a provider sells: a table, one region's prices.

An offer gives way to a price of the same product: provider, pricing, term, GPU, node and, where
both name one, machine. It loses the regions that have one, and stays for the others; a price
without a region takes the place of one without a region, and is said beside those that have one.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

Cells = Mapping[str, str]
Product = tuple[str, ...]


def sold_as(row: Cells) -> tuple[str, str, str]:
    """Provider, pricing and term: a year is not three, nor a block of days or what has an end."""
    ends = "".join((row.get(name) or "").strip() for name in ("block_days", "longest_hours"))
    term = f"ends {ends}" if ends else f"{float(row['commitment_hours'])}"
    return row["provider"].strip(), row["pricing"].strip(), term


def product_of(row: Cells) -> Product:
    """What is sold on which terms, in nodes of which size; not where, and not on which machine."""
    return *sold_as(row), row["gpu"].strip(), str(float(row["gpus_per_node"]))


def machine_of(row: Cells) -> str:
    """The provider's name of the machine, in lower case; empty where none is stated."""
    return (row.get("instance_type") or "").strip().lower()


def same_machine(one: str, other: str) -> bool:
    """Whether two names can be of one machine; one that is not stated may be any."""
    return not one or not other or one == other


class Covered:
    """The products that a list has, by region, with the day and the machine of each price."""

    def __init__(self, rows: Iterable[Cells]) -> None:
        self.prices: dict[Product, list[tuple[str, str, str]]] = defaultdict(list)
        for row in rows:
            for region in row["region"].split() or [""]:
                price = (region, machine_of(row), row["read_on"].strip())
                self.prices[product_of(row)].append(price)

    def left(self, row: Cells) -> dict[str, str] | None:
        """The row for the regions that the list has no price of; None where nothing is left."""
        machine, day = machine_of(row), row["read_on"].strip()
        fitting = {
            region
            for region, sold, read_on in self.prices.get(product_of(row), ())
            if read_on >= day and same_machine(machine, sold)
        }
        regions = row["region"].split()
        if not regions:
            # A price of one region is a reading of what was said of none.
            return None if fitting else dict(row)
        left = [one for one in regions if one not in fitting]
        return {**row, "region": " ".join(left)} if left else None
