"""What one provider's list brings to a catalog."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from catalog.refresh.listing import Unpriced
from catalog.refresh.offers import Cells


@dataclass(frozen=True, slots=True)
class Delivery:
    """One provider's part of an import.

    ``rows`` and ``source`` are cells of offers.csv and sources.csv; ``doubted`` are GPU models or
    families that the list has without a price to be trusted, and ``unpriced`` where it has one of a
    machine without; ``origin`` goes into snapshot.json.
    ``is_whole``: the list has all that the provider sells in that way. ``cited`` are the sources of
    the sizes that the rows borrow.
    """

    provider: str
    rows: Sequence[Cells]
    source: Cells
    doubted: Collection[str]
    origin: dict[str, object]
    is_whole: bool = True
    cited: Sequence[Cells] = ()
    unpriced: Collection[Unpriced] = ()
