"""The checks of the four tables that a whole bill needs: regions, storage, failures, defaults."""

import difflib

from catalog.csv_file import Rows

ANY = "any"
DEFAULT_NAMES = (
    *("bytes_per_token", "checkpoint_bytes_per_parameter", "checkpoint_gb_per_s_most"),
    *("checkpoint_gb_per_s_per_node", "checkpoint_interval_least_s"),
    *("checkpoint_interval_most_s", "checkpoint_stall_s", "checkpoints_kept"),
    *("colocation_usd_per_kw_month", "depreciation_years", "electricity_usd_per_kwh"),
    *("grid_g_co2_per_kwh", "network_share", "power_draw_share", "pue_colocation"),
    *("pue_hyperscaler", "restart_minutes", "server_value_decay_per_year"),
    *("spot_availability_eight_nodes", "spot_availability_one_node"),
    *("spot_growth_per_doubling", "spot_interruptions_per_node_day", "spot_most_nodes"),
    "spot_slack",
)


def check_bill(files: dict[str, Rows]) -> None:
    """Note what does not go together in the four tables of ``files``."""
    _check_any(files["storage.csv"], "provider")
    _check_any(files["failures.csv"], "architecture")
    _check_range(files["failures.csv"], "interruptions_per_1000_gpu_days")
    _check_range(files["defaults.csv"], "value")
    _check_names(files["defaults.csv"])


def _check_any(found: Rows, key: str) -> None:
    """The row that serves where no other does has to be there."""
    if not any(row[key] == ANY for _, row in found.rows):
        what = f"no row whose {key} is {ANY!r}; expected the default for every other {key}"
        found.mistakes.append(f"{found.where}: {what}; add one")


def _check_range(found: Rows, column: str) -> None:
    for line, row in found.rows:
        if not row["low"] <= row[column] <= row["high"]:
            what = f"{row[column]:g}; expected between low {row['low']:g} and high {row['high']:g}"
            found.mistake(line, column, what)


def _check_names(found: Rows) -> None:
    """Each default that a plan asks for, and no other: one misspelled would go unused."""
    names = [row["name"] for _, row in found.rows]
    for line, row in found.rows:
        if row["name"] not in DEFAULT_NAMES:
            near = difflib.get_close_matches(row["name"], DEFAULT_NAMES, n=1)
            hint = f"did you mean {near[0]!r}?" if near else "remove it"
            found.mistake(line, "name", f"{row['name']!r} is not a default that we know; {hint}")
    for name in DEFAULT_NAMES:
        if name not in names:
            found.mistakes.append(f"{found.where}: no row {name!r}; expected its value; add one")
