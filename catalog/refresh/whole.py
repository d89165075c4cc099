"""What a list replaces that has all that a provider sells: its offers of a pricing and a term.

What it has without a price to be trusted stays: a GPU of which it has none, and of the others the
regions in which a machine has none.
"""

from collections.abc import Iterable

from catalog.refresh.delivery import Delivery
from catalog.refresh.offers import Cells
from catalog.refresh.partial import Covered, machine_of, same_machine, sold_as


class Whole:
    """Which offers of the old catalog such lists leave in place."""

    def __init__(self, deliveries: Iterable[Delivery]) -> None:
        parts = list(deliveries)
        rows = [row for part in parts for row in part.rows]
        self.sold: dict[tuple[str, str, str], str] = {}
        for row in rows:
            sold = sold_as(row)
            self.sold[sold] = max(self.sold.get(sold, ""), row["read_on"])
        self.priced = {(row["provider"], row["gpu"], row["pricing"]) for row in rows}
        self.covered = Covered(rows)
        self.unsure = {(part.provider, name) for part in parts for name in part.doubted}
        self.unpriced = {part.provider: part.unpriced for part in parts}

    def left(self, row: Cells) -> Cells | None:
        """The row where it is not replaced, or what is kept of it in doubt; else None."""
        return self.doubted(row) if self._is_replaced(row) else row

    def doubted(self, row: Cells) -> Cells | None:
        """What is kept of a row for want of a price to be trusted; None where that is nothing."""
        if not self._is_replaced(row):
            return None
        return row if self._is_gpu_in_doubt(row) else self._in_doubtful_regions(row)

    def _is_replaced(self, row: Cells) -> bool:
        """Whether a list has offers of the same provider, pricing and term, and none older."""
        day = self.sold.get(sold_as(row))
        return day is not None and row["read_on"].strip() <= day

    def _is_gpu_in_doubt(self, row: Cells) -> bool:
        """Whether a list has the GPU, but no price of it to be trusted."""
        provider, gpu, pricing = (row[name].strip() for name in ("provider", "gpu", "pricing"))
        if (provider, gpu, pricing) in self.priced:
            return False
        words = gpu.split("_")
        names = ("_".join(words[:n]) for n in range(1, len(words) + 1))
        return any((provider, name) in self.unsure for name in names)

    def _in_doubtful_regions(self, row: Cells) -> Cells | None:
        """The row for the regions in which a list has its machine, but no price to be trusted."""
        places = {
            one.region
            for one in self.unpriced.get(row["provider"].strip(), ())
            if (one.gpu, one.gpus) == (row["gpu"].strip(), float(row["gpus_per_node"]))
            and one.pricing in ("", row["pricing"].strip())
            and same_machine(one.instance.lower(), machine_of(row))
        }
        left = self.covered.left(row) if places else None
        # Where one of the two names no region, any may be meant.
        if left is None or "" in places or not left["region"]:
            return left
        regions = [region for region in left["region"].split() if region in places]
        return {**left, "region": " ".join(regions)} if regions else None
