"""Imports, differences, findings and places as plain data, ready for ``json.dumps``."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from catalog import Catalog, Offer
from catalog.place import Snapshot
from catalog.refresh.difference import Change, Difference
from catalog.refresh.doubting import HeldRow
from catalog.refresh.finding import Finding
from catalog.refresh.importing import Imported

Data = dict[str, Any]


def imported_data(imported: Imported) -> Data:
    """The keys of `catalog import --json`."""
    snapshot, change = imported.snapshot, imported.difference
    return {
        "folder": str(imported.folder),
        "snapshot": None if snapshot is None else _snapshot(snapshot),
        "lists": [
            {**asdict(one), "read_on": one.read_on.isoformat()} for one in imported.providers
        ],
        "left_out": [asdict(reason) for reason in imported.left_out],
        "notes": [asdict(reason) for reason in imported.notes],
        "failures": list(imported.failures),
        "kept": list(imported.kept),
        "held_back": [_held(row) for row in imported.held_back],
        "accepted": [_held(row) for row in imported.accepted],
        "older": [asdict(one) | {"regions": list(one.regions)} for one in imported.older],
        "questioned": [_change(change) for change in imported.questioned],
        "difference": None if change is None else _difference(change),
    }


def _held(row: HeldRow) -> Data:
    return {"where": row.where, "column": row.column, "offer": row.offer, **asdict(row.doubt)}


def difference_data(found: Difference, snapshots: Sequence[tuple[Path, Snapshot]]) -> Data:
    """The keys of `catalog diff --json`; ``snapshots`` of the old folder and the new."""
    old, new = ({"folder": str(folder), **_snapshot(one)} for folder, one in snapshots)
    return {"old": old, "new": new, **_difference(found)}


def findings_data(found: Iterable[Finding], facts: Catalog) -> Data:
    """The keys of `catalog check --json`."""
    return {
        "folder": str(facts.folder),
        "offers": len(facts.offers),
        "findings": [asdict(finding) for finding in found],
    }


def where_data(active: Path, snapshot: Snapshot | None, user: Path) -> Data:
    """The keys of `catalog where --json`; name and date are null where nothing is there yet."""
    return {"folder": str(active), **_snapshot(snapshot), "imports_go_to": str(user)}


def _snapshot(snapshot: Snapshot | None) -> Data:
    if snapshot is None:
        return {"name": None, "date": None}
    return {"name": snapshot.name, "date": snapshot.date.isoformat()}


def _difference(found: Difference) -> Data:
    providers = [
        {
            "provider": one.provider,
            "changed": [_change(change) for change in one.changed],
            "added": [_offer(offer) for offer in one.added],
            "removed": [_offer(offer) for offer in one.removed],
            "gone": [{"gpu": gpu, "pricing": pricing} for gpu, pricing in one.gone],
        }
        for one in found.providers
    ]
    return {"providers": providers, "same_price": found.same_price}


def _change(change: Change) -> Data:
    return {
        **_offer(change.new),
        "was": change.old.offer,
        "old_usd_per_gpu_hour": change.old.usd_per_gpu_hour,
        "percent": round(change.percent, 2),
    }


def _offer(offer: Offer) -> Data:
    return {
        "offer": offer.offer,
        "gpu": offer.gpu,
        "pricing": offer.pricing,
        "region": offer.region,
        "gpus_per_node": offer.gpus_per_node,
        "usd_per_gpu_hour": offer.usd_per_gpu_hour,
    }
