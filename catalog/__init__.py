"""FACTS: what can be bought and what has been measured. Imports nothing of ours."""

from catalog.csv_file import CatalogError
from catalog.load import SNAPSHOT_ON, Catalog, load_catalog
from catalog.names import UnknownGpuError, match_gpu
from catalog.rows import (
    Breakpoint,
    ClusterClass,
    Default,
    FailureRate,
    Framework,
    FrameworkPeak,
    Gpu,
    Offer,
    Region,
    Source,
    StoragePrice,
    UnplannedGpu,
)
from catalog.vocabulary import Capacity, Precision, Pricing

__all__ = [
    "SNAPSHOT_ON",
    "Breakpoint",
    "Capacity",
    "Catalog",
    "CatalogError",
    "ClusterClass",
    "Default",
    "FailureRate",
    "Framework",
    "FrameworkPeak",
    "Gpu",
    "Offer",
    "Precision",
    "Pricing",
    "Region",
    "Source",
    "StoragePrice",
    "UnknownGpuError",
    "UnplannedGpu",
    "load_catalog",
    "match_gpu",
]
