"""The catalog as pandas tables, for notebooks; pandas is imported only here."""

from dataclasses import asdict
from typing import TYPE_CHECKING

from catalog.load import Catalog

if TYPE_CHECKING:
    import pandas as pd


def gpus_frame(catalog: Catalog) -> "pd.DataFrame":
    """One row a GPU model, columns as in gpus.csv."""
    import pandas as pd

    return pd.DataFrame([asdict(gpu) for gpu in catalog.gpus.values()])


def offers_frame(catalog: Catalog) -> "pd.DataFrame":
    """One row an offer, columns as in offers.csv, its largest cluster resolved."""
    import pandas as pd

    return pd.DataFrame([asdict(offer) for offer in catalog.offers])


def efficiency_frame(catalog: Catalog) -> "pd.DataFrame":
    """One row a breakpoint of an MFU curve, columns as in efficiency.csv."""
    import pandas as pd

    points = (point for curve in catalog.efficiency.values() for point in curve)
    return pd.DataFrame([asdict(point) for point in points])
