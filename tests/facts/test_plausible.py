"""Prices that cannot be true: bounds from readings over time, units, what is let in."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from small_catalog import make_catalog, make_gpu, make_offer

from catalog import Catalog, CatalogError, load_catalog
from catalog.held_back import accept, judged
from catalog.load import SHIPPED
from catalog.plausible import (
    FEWEST_READINGS,
    MARGIN,
    Bounds,
    Key,
    all_in_usd,
    doubts,
    judge,
    kind_of,
    price_bounds,
)
from catalog.rows import PriceReading, ReadingKind
from optimizer.answer import best_plan
from problems import make_question


def reading(
    gpu: str = "big",
    low: float = 2.0,
    high: float = 4.0,
    kind: ReadingKind = "rent",
    prices: int = FEWEST_READINGS,
    month: str = "2026-08",
) -> PriceReading:
    """What one page asked in one month."""
    return PriceReading(gpu, kind, month, low, high, prices, "price_page")


def bounds_of(*readings: PriceReading, kind: ReadingKind = "rent") -> Bounds:
    """The bounds of ``big`` (1,000 TFLOP/s) beside its sister ``bigger`` and a stranger."""
    gpus = {
        "big": make_gpu("big", 1000),
        "bigger": replace(make_gpu("bigger", 2000), family="BIG"),
        "kin": make_gpu("kin", 500),
        "stranger": replace(make_gpu("stranger", 250), architecture="Other"),
    }
    return price_bounds(gpus, readings)["big", kind]


# The shipped readings


def test_every_shipped_offer_is_plausible() -> None:
    """Three-year terms, spot, Brazil and marketplaces: none of them is held back."""
    shipped = load_catalog()
    assert shipped.held_back == {}
    assert {kind for _, kind in price_bounds(shipped.gpus, shipped.readings)} == {"rent", "spot"}


@pytest.mark.slow
def test_the_margin_is_what_a_new_source_may_bring() -> None:
    """Judged by the readings of all other sources, one row in a hundred is outside the bounds.

    And more than one in twenty outside the range itself.
    """
    shipped = load_catalog()
    outside = unheard = 0
    for one in shipped.readings:
        others = [other for other in shipped.readings if other.source != one.source]
        known = price_bounds(shipped.gpus, others)[one.gpu, one.kind]
        low, high = one.lowest_usd_per_gpu_hour, one.highest_usd_per_gpu_hour
        outside += not known.least <= low <= high <= known.most
        unheard += not known.lowest <= low <= high <= known.highest
    assert outside / len(shipped.readings) <= 0.015
    assert unheard / len(shipped.readings) >= 0.05


def test_readings_are_what_they_say() -> None:
    """One price is the lowest and the highest; every shipped price of that source lies between."""
    shipped = load_catalog()
    for one in shipped.readings:
        assert (one.readings > 1) == (one.lowest_usd_per_gpu_hour < one.highest_usd_per_gpu_hour)
    spans = {
        (r.gpu, r.kind, r.month, r.source): (r.lowest_usd_per_gpu_hour, r.highest_usd_per_gpu_hour)
        for r in shipped.readings
    }
    for offer in shipped.offers:
        if offer.audit == "doubtful":
            continue  # what an audit doubts is no reading
        span = spans.get((offer.gpu, kind_of(offer), f"{offer.read_on:%Y-%m}", offer.source))
        if span is not None and offer.audit != "doubtful":
            assert span[0] - 5e-4 <= offer.usd_per_gpu_hour <= span[1] + 5e-4, offer.offer


def test_no_document_has_two_names() -> None:
    """It would confirm itself: readings of one month and address are never the same twice."""
    shipped = load_catalog()
    told = [
        (r.gpu, r.kind, r.month, r.lowest_usd_per_gpu_hour, r.highest_usd_per_gpu_hour, url)
        for r in shipped.readings
        if (url := shipped.sources[r.source].url)
    ]
    assert len(told) == len(set(told))


@pytest.mark.parametrize(
    ("gpu", "kind", "usd", "node", "probable"),
    [
        ("b200_sxm", "rent", 68.80, 8, ("the price of the node of 8", 8.60)),
        ("h100_sxm", "rent", 235, 8, ("in cents", 2.35)),
        ("h100_sxm", "rent", 1715, 1, ("the price of a month", 2.349)),
        ("h100_sxm", "rent", 13_720, 8, ("that of the node of 8 for a month", 2.349)),
        ("h100_sxm", "rent", 164_690, 8, ("that of the node of 8 for a year", 2.35)),
        ("h100_sxm", "rent", 4700, 8, ("in thousandths of a USD", 4.70)),
        ("h100_sxm", "rent", 0.1, 8, ("the price of a vCPU, 24 to a GPU", 2.40)),
        ("gb200_nvl72", "rent", 64, 1, ("the price of a machine of 4", 16)),
        ("l40s", "rent", 13_140, 1, ("the price of a year", 1.5)),
        ("b200_sxm", "rent", 0.01, 8, ("", None)),
        ("h100_sxm", "spot", 0.01, 8, ("", None)),
    ],
)
def test_prices_that_cannot_be_true(
    gpu: str, kind: ReadingKind, usd: float, node: int, probable: tuple[str, float | None]
) -> None:
    """Of real parts, with the unit that would explain them."""
    shipped = load_catalog()
    doubt = judge(price_bounds(shipped.gpus, shipped.readings), gpu, kind, usd, node)
    assert doubt is not None
    assert (doubt.usd_per_gpu_hour, doubt.unit) == (usd, probable[0])
    if probable[1] is None:
        assert doubt.probable_usd is None
    else:
        assert doubt.probable_usd == pytest.approx(probable[1], rel=1e-3)


# Bounds


def test_bounds_are_half_the_lowest_and_twice_the_highest() -> None:
    """Over all months."""
    found = bounds_of(reading(low=3, high=4), reading(low=2, high=2.5, month="2023-11"))
    assert (found.least, found.most) == (2 / MARGIN, 4 * MARGIN)
    assert (found.lowest, found.highest, found.first, found.last) == (2, 4, "2023-11", "2026-08")
    known: dict[Key, Bounds] = {("big", "rent"): found}
    assert judge(known, "big", "rent", 1.0) is None
    assert judge(known, "big", "rent", 8.0) is None
    below, above = judge(known, "big", "rent", 0.99), judge(known, "big", "rent", 8.01)
    assert below is not None
    assert above is not None
    span = "every reading of BIG (2.00 to 4.00, 2023-11 to 2026-08)"
    assert (below.reason, above.reason) == (f"far below {span}", f"far above {span}")


def test_few_readings_are_widened_by_parts_like_it() -> None:
    """Per TFLOP/s: the family first, then the architecture, then all; enough are not widened."""
    few = reading(low=3, high=3, prices=1)
    enough = reading(low=3, high=3)
    sister, kin, far = reading("bigger", 2, 10), reading("kin", 1, 4), reading("stranger", 0.1, 9)
    assert bounds_of(enough, sister, kin, far).lowest == 3
    family = bounds_of(few, sister, kin, far)
    assert (family.lowest, family.highest) == (1, 5)
    assert family.of == "BIG and of BIG parts per TFLOP/s"
    one_more = replace(sister, readings=1)
    assert bounds_of(few, one_more, kin, far).highest == 8
    all_parts = bounds_of(few, one_more, replace(kin, readings=1), far)
    assert (all_parts.lowest, all_parts.highest) == (0.4, 36)


def test_a_part_without_a_peak_is_judged_by_all_prices() -> None:
    """As they are."""
    gpus = {"odd": make_gpu("odd", None), "big": make_gpu("big")}
    found = price_bounds(gpus, [reading()])["odd", "rent"]
    assert (found.lowest, found.highest, found.of) == (2, 4, "any part")


def test_spot_is_judged_apart_and_may_cost_what_rent_does() -> None:
    """Below by spot prices, above by all."""
    found = bounds_of(reading(), reading(low=0.8, high=1.2, kind="spot"), kind="spot")
    assert (found.least, found.most) == (0.8 / MARGIN, 4 * MARGIN)
    assert bounds_of(reading(), reading(low=0.8, high=1.2, kind="spot")).least == 2 / MARGIN


def test_without_readings_nothing_is_judged() -> None:
    """Nobody knows better."""
    assert price_bounds({"big": make_gpu()}, ()) == {}
    assert judge({}, "big", "rent", 1e6) is None


def test_what_is_paid_at_the_start_counts() -> None:
    """A low price an hour after a large sum is no low price; what is bought has none."""
    offer = make_offer(usd=0.01, commitment=1000, upfront=2000)
    assert all_in_usd(offer) == pytest.approx(2.01)
    known: dict[Key, Bounds] = {("big", "rent"): bounds_of(reading())}
    assert doubts([offer], known) == {}
    assert set(doubts([make_offer(usd=0.01)], known)) == {"alpha_big"}
    owned = make_offer(usd=0.0, pricing="owned", purchase=30_000)
    assert doubts([owned], known) == {}


# Held back, and accepted


@pytest.fixture
def poisoned() -> Catalog:
    """Two sound offers and one at a hundredth of a dollar."""
    offers = (make_offer(), make_offer("beta_big", usd=3.0), make_offer("poison", usd=0.01))
    catalog = replace(make_catalog(offers), readings=(reading(),))
    return judged(catalog, catalog.offers)


def test_a_price_held_back_decides_nothing(poisoned: Catalog) -> None:
    """It is ruled out under a limit of its own; accepted, it wins and that is said."""
    question = make_question(model="1B", deadline="90d")
    answer = best_plan(question, poisoned)
    assert answer.plan is not None
    assert answer.plan.offer == "alpha_big"
    assert [held.offer for held in answer.held_back] == ["poison"]
    assert (answer.accepted, answer.offers_compared) == ((), 2)
    forced = best_plan(question, accept(poisoned, ["poison"]))
    assert forced.plan is not None
    assert forced.plan.offer == "poison"
    assert [(held.offer, held.decides) for held in forced.accepted] == [("poison", True)]
    assert forced.held_back == ()
    assert any("0.01 USD a GPU-hour" in warning for warning in forced.warnings)


def test_a_gpu_whose_prices_are_all_held_back_is_ruled_out_by_price(poisoned: Catalog) -> None:
    """So explain and the lists of what cannot say why."""
    offers = tuple(offer for offer in poisoned.offers if offer.offer == "poison")
    answer = best_plan(make_question(model="1B", deadline="90d"), replace(poisoned, offers=offers))
    assert answer.plan is None
    assert [(model.gpu, model.limit) for model in answer.ruled_out] == [("big", "price")]
    assert answer.reasons[0].limit == "price"


def test_names_that_are_accepted(poisoned: Catalog) -> None:
    """All, one, one that is sound anyway; a name that is none is a mistake."""
    assert set(accept(poisoned, ["all"]).accepted) == {"poison"}
    assert accept(poisoned, ["alpha_big"]).held_back == poisoned.held_back
    with pytest.raises(
        CatalogError, match=r"--accept: 'poisson' is no offer; held back are poison"
    ):
        accept(poisoned, ["poisson"])


def test_a_price_that_a_study_changes_is_not_judged_again(poisoned: Catalog) -> None:
    """Doubts belong to what was read, not to what is asked of it."""
    tenfold = tuple(replace(o, usd_per_gpu_hour=o.usd_per_gpu_hour * 10) for o in poisoned.offers)
    answer = best_plan(make_question(model="1B", deadline="90d"), replace(poisoned, offers=tenfold))
    assert answer.plan is not None
    assert answer.plan.usd_per_gpu_hour == 20


# Files


def test_a_folder_may_lack_the_table_or_have_its_own(tmp_path: Path) -> None:
    """Lent with its sources; its own may say otherwise, and is checked."""
    folder = tmp_path / "own"
    folder.mkdir()
    for path in SHIPPED.glob("*.csv"):
        (folder / path.name).write_bytes(path.read_bytes())
    readings = folder / "price_readings.csv"
    text = readings.read_text(encoding="utf-8")
    readings.unlink()
    assert load_catalog(folder).readings == load_catalog().readings
    with (SHIPPED / "price_readings.csv").open(encoding="utf-8", newline="") as stream:
        first = next(csv.DictReader(stream))
    line = ",".join(first.values())
    for wrong, said in (
        (line.replace(first["month"], "2026-13"), "month: '2026-13'; expected a month as YYYY-MM"),
        (line.replace(first["gpu"], "b201", 1), "gpu: 'b201'; expected a row of gpus.csv"),
        (line.replace(",1.99,1.99,", ",2,1.99,"), "lowest_usd_per_gpu_hour: 2; expected at most"),
    ):
        readings.write_text(text.replace(line, wrong, 1), encoding="utf-8")
        with pytest.raises(CatalogError) as raised:
            load_catalog(folder)
        assert raised.value.mistakes[0].startswith(f"price_readings.csv:2: {said}")
