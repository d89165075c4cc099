"""The tables of planning figures: what a bill adds, how frameworks count, what fails."""

from datetime import date

from catalog.columns import (
    above_zero,
    country,
    day,
    name,
    not_negative,
    one_of,
    package,
    packages,
    region,
    text,
    words,
)
from catalog.rows import (
    Default,
    FailureRate,
    Framework,
    FrameworkPeak,
    Region,
    StoragePrice,
)
from catalog.table import Table
from catalog.vocabulary import GROUPS

# How frameworks count FLOP a token; optimizer/market/frameworks.py has the formulas.
FRAMEWORK_RULES = (
    *("full_attention", "causal_exact", "causal_with_logits", "causal_without_router"),
    *("litgpt_estimate", "trainer"),
)


def bill_tables(latest: date) -> tuple[Table, ...]:
    """The four tables that a whole bill needs beside the offers."""
    read = {"source": name(), "read_on": day(latest), "note": text()}
    regions = {
        "region": region(),
        "provider": name(),
        "country": country(),
        "group": one_of(GROUPS),
        "g_co2_per_kwh": not_negative("g CO2e a kWh", 2_000, blank=None),
        **read,
        "also": words(),
    }
    storage = {
        "provider": name(),
        "usd_per_gb_month": above_zero("USD a GB and month", 100),
        **read,
    }
    failures = {
        "architecture": text(),
        "interruptions_per_1000_gpu_days": above_zero("interruptions", 10_000),
        "low": above_zero("interruptions", 10_000),
        "high": above_zero("interruptions", 10_000),
        "basis": one_of(("published", "estimate")),
        **read,
    }
    defaults = {
        "name": name(),
        "value": above_zero("the unit", 1e12),
        "low": not_negative("the unit", 1e12),
        "high": above_zero("the unit", 1e12),
        "unit": text(),
        **read,
    }
    return (
        Table("regions.csv", regions, Region, ("region",), frozenset({"also"})),
        Table("storage.csv", storage, StoragePrice, ("provider",)),
        Table("failures.csv", failures, FailureRate, ("architecture",)),
        Table("defaults.csv", defaults, Default, ("name",)),
    )


def framework_tables(latest: date) -> tuple[Table, ...]:
    """How training frameworks count the speed they log, and the peaks that they divide by."""
    frameworks = {
        "framework": package(),
        "also": packages(blank=()),
        "package": package(),
        "version": text(),
        "rule": one_of(FRAMEWORK_RULES),
        "elsewhere_tflops": above_zero("TFLOP/s", 1_000_000, blank=None),
        "read_on": day(latest),
        "note": text(blank=""),
    }
    peaks = {
        "framework": package(),
        "gpu": name(),
        "device": text(),
        "peak_tflops": above_zero("TFLOP/s", 1_000_000, blank=None),
        "note": text(blank=""),
    }
    return (
        Table("frameworks.csv", frameworks, Framework, ("framework",)),
        Table("framework_peaks.csv", peaks, FrameworkPeak, ("framework", "gpu")),
    )
