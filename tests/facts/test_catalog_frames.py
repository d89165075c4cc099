"""The catalog as pandas tables."""

from catalog import load_catalog
from catalog.frames import efficiency_frame, gpus_frame, offers_frame


def test_frames_hold_every_row() -> None:
    """One row a GPU model, an offer and a breakpoint."""
    catalog = load_catalog()
    assert len(gpus_frame(catalog)) == len(catalog.gpus)
    assert len(offers_frame(catalog)) == len(catalog.offers)
    assert len(efficiency_frame(catalog)) == sum(map(len, catalog.efficiency.values()))


def test_offers_show_their_resolved_largest_cluster() -> None:
    """No blank where the class's default applies."""
    offers = offers_frame(load_catalog())
    assert bool(offers["max_gpus"].notna().all())
    assert set(offers["max_gpus_basis"]) == {"published", "estimate"}
