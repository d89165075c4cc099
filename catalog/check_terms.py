"""What a row of offers.csv has to hold, by the way in which the offer is sold."""

from collections.abc import Iterator
from typing import Any

from catalog.csv_file import Rows

# What only a contract on rented GPUs has.
_OF_CONTRACTS = ("setup_usd", "minimum_usd", "support_share", "egress_usd", "egress_usd_per_gb")


def check_terms(found: Rows) -> None:
    """Note each row whose price, purchase and durations do not go together."""
    for line, row in found.rows:
        for column, what in _contradictions(row):
            found.mistake(line, column, what)


def _contradictions(row: dict[str, Any]) -> Iterator[tuple[str, str]]:
    price, purchase = row["usd_per_gpu_hour"], row["purchase_usd_per_gpu"]
    if row["pricing"] == "owned":
        if price is not None:
            yield "usd_per_gpu_hour", f"{price:g}; expected none for an owned offer; leave it blank"
        if purchase is None:
            yield "purchase_usd_per_gpu", "is blank; expected the price of an owned GPU in USD"
        for name in _OF_CONTRACTS:
            if row[name]:
                yield name, f"{row[name]:g}; expected none for an owned offer; leave it blank"
    else:
        if price is None:
            expected = "a number of USD a GPU-hour above 0 and at most 10,000"
            yield "usd_per_gpu_hour", f"is blank; expected {expected}"
        if purchase is not None:
            expected = "expected none unless pricing is owned; leave it blank"
            yield "purchase_usd_per_gpu", f"{purchase:g}; {expected}"
    commitment, longest = row["commitment_hours"], row["longest_hours"]
    if row["block_days"] and commitment > 0:
        what = f"given with commitment_hours {commitment:g}; expected commitment_hours 0: a block "
        yield "block_days", what + "is billed whole"
    if longest is not None and longest < commitment:
        what = f"{longest:g}; expected at least the {commitment:g} of commitment_hours"
        yield "longest_hours", what
