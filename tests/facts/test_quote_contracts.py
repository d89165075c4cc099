"""What a contract costs beside its GPU-hours, by hand: in the bill, the program, the studies."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from exhaustive import every_fleet
from quote_cases import small
from small_catalog import TODAY, make_catalog, make_gpu, make_offer

from catalog import Catalog, CatalogError, Offer
from catalog.quotes import add_quotes
from optimizer.answer import answer_market, best_plan
from optimizer.explain.break_even import fleet_of
from optimizer.market.market import open_market
from optimizer.plan.bill import cost_at
from optimizer.plan.check import broken_promises
from optimizer.plan.plan import Plan
from optimizer.program.enumerate import Fleet
from optimizer.report.wording.losses import lost_words
from optimizer.study.factors import factors_of
from optimizer.study.levers import Levers, levers
from optimizer.study.risk import risk_of
from problems import Question, make_question

# 2,000 GPU-hours at an MFU of 0.5 a run; 1e9 parameters are a checkpoint of 14 GB.
FLAT = {"big": ((8, 0.5),)}
RUN: dict[str, object] = {"model": "1B", "tokens": "600B", "goodput": 1, "seq_len": 1024}
HOURS, CHECKPOINT_GB = 2000.0, 14.0


def contract(name: str = "alpha_big", **terms: Any) -> Offer:
    """One node of 8 GPUs at 2 USD, with these terms."""
    fields = {key: terms.pop(key) for key in ("usd", "most", "commitment") if key in terms}
    return replace(make_offer(name, **{"most": 8, **fields}), **terms)


def asked(**fields: object) -> Question:
    """The 2,000 GPU-hour run without storage."""
    return make_question("", **{**RUN, "storage_price": 0, "deadline": "60d", **fields})


def catalog_of(*offers: Offer) -> Catalog:
    """A catalog of one GPU with these offers."""
    return make_catalog(offers, [make_gpu()], FLAT)


def planned(*offers: Offer, **fields: object) -> Plan:
    """The plan, found true by the judge and as cheap as the count of all fleets says."""
    question, catalog = asked(**fields), catalog_of(*offers)
    answer = best_plan(question, catalog, today=TODAY)
    assert answer.plan is not None
    assert answer.proof is not None
    assert answer.proof.gap < 1e-6
    market = open_market(question, catalog)
    curve = fleet_of(market, answer.plan).candidate.hardware.curve
    assert broken_promises(answer.plan, market.run, catalog, curve) == []
    counted = min(fleet.cost_usd for fleet in every_fleet(question, catalog) if fleet.ends_in_time)
    assert answer.plan.cost_usd == pytest.approx(counted)
    return answer.plan


def lines(plan: Plan) -> dict[str, float]:
    """USD by line."""
    assert sum(line.usd for line in plan.bill) == pytest.approx(plan.cost_usd)
    return {line.line: line.usd for line in plan.bill}


def written(tmp_path: Path, text: str) -> Offer:
    """The offer that a quote of the given header and row is read as."""
    path = tmp_path / "quotes.csv"
    path.write_text(text, encoding="utf-8")
    (offer,) = (o for o in add_quotes(small(), path, TODAY).offers if o.provider == "zeta")
    return offer


def test_sums_a_gpu_have_no_third_decimal(tmp_path: Path) -> None:
    """'30.000' and '30,000' of a server, or up front, are thirty thousand."""
    bought = written(
        tmp_path, "provider;gpu;price;pricing;purchase_usd_per_gpu\nzeta;big;;owned;30.000\n"
    )
    assert bought.purchase_usd_per_gpu == 30_000
    rented = written(
        tmp_path, "provider;gpu;price;term;upfront_usd_per_gpu\nzeta;big;2.1;1 year;10.000\n"
    )
    assert rented.upfront_usd_per_gpu == 10_000


@pytest.mark.parametrize(
    ("column", "cell"),
    [("term", "8.760 h"), ("term", "2.190h"), ("commitment_hours", "8.760"), ("max_gpus", "1.000")],
)
def test_a_point_before_three_digits_is_asked_back(tmp_path: Path, column: str, cell: str) -> None:
    """A year of hours is no 8.76 hours, and a thousand GPUs are not one."""
    text = f"provider,gpu,price,{column}\nzeta,big,2.1,{cell}\n"
    with pytest.raises(CatalogError, match=r"may be \d+(\.\d+)? or \d000|may be .* or \d{4}"):
        written(tmp_path, text)


@pytest.mark.parametrize("header", ["support %", "prepayment %"])
def test_a_share_below_one_under_a_header_in_percent_is_asked_back(
    tmp_path: Path, header: str
) -> None:
    """0.1 may be a tenth, or a tenth of a percent."""
    with pytest.raises(CatalogError, match="under a header in %"):
        written(tmp_path, f"provider,gpu,price,{header}\nzeta,big,2.1,0.1\n")
    assert written(tmp_path, "provider,gpu,price,support %\nzeta,big,2.1,10\n").support_share == 0.1


def test_a_size_is_the_quote_s_own(tmp_path: Path) -> None:
    """Whoever published the offer whose place it takes did not publish that one."""
    offer = written(tmp_path, "provider,gpu,price,largest cluster,network\nzeta,big,2,640,ib\n")
    assert (offer.max_gpus, offer.size_source) == (640, "your_quote")


def test_reserved_without_a_term_is_said(tmp_path: Path) -> None:
    """Nothing is committed to, and whoever forgot the term is told."""
    path = tmp_path / "quotes.csv"
    path.write_text("provider,gpu,price,pricing\nzeta,big,2.1,reserved\n", encoding="utf-8")
    remarks = add_quotes(small(), path, TODAY).remarks
    assert any("reserved without a term" in remark for remark in remarks)


def test_every_line_by_hand() -> None:
    """4,000 USD of hours, 10 % support, 500 and 100 once, and 14 GB at 0.5 USD a run."""
    terms: dict[str, Any] = {"setup_usd": 500.0, "support_share": 0.1, "egress_usd": 100.0}
    plan = planned(contract(**terms, egress_usd_per_gb=0.5), runs=2)
    assert lines(plan) == pytest.approx(
        {"compute used": 8000, "support": 800, "set-up": 500, "egress, flat": 100}
        | {"egress": 2 * CHECKPOINT_GB * 0.5}
    )


def test_a_minimum_spend_is_paid_whole() -> None:
    """10,000 USD of a contract whose hours cost 4,000; support is on what is paid."""
    plan = planned(contract(minimum_usd=10_000.0, support_share=0.05))
    assert lines(plan) == pytest.approx(
        {"compute used": 4000, "minimum spend, not used": 6000, "support": 500}
    )
    assert plan.billed_gpu_hours == pytest.approx(5000)
    assert "at least" in plan.bill[1].basis


def test_what_is_not_used_is_said_before_signing() -> None:
    """As of a commitment: the minimum, and the share of it that pays for nothing."""
    answer = best_plan(asked(), catalog_of(contract(minimum_usd=10_000.0)), today=TODAY)
    said = "the minimum spend of 10,000 USD is billed in full: 60% of it is not used"
    assert said in answer.warnings


def test_dearer_offers_are_dearer_in_all_they_ask() -> None:
    """A tenth more on every price is a tenth more on the bill of a contract."""
    terms: dict[str, Any] = {"setup_usd": 500.0, "minimum_usd": 9000.0, "support_share": 0.1}
    question, catalog = asked(), catalog_of(contract(**terms, egress_usd_per_gb=1.0))
    market = open_market(question, catalog)
    answer = answer_market(market, "highs", 60, TODAY)
    assert answer.plan is not None
    fleet = fleet_of(market, answer.plan)
    (prices,) = [f for f in factors_of(market, fleet.candidate) if f.name == "prices"]
    dearer = fleet_of(prices.changed(0.1), answer.plan)
    assert dearer.cost_usd == pytest.approx(1.1 * answer.plan.cost_usd)


def test_a_minimum_that_is_reached_costs_nothing() -> None:
    """Three runs use 12,000 USD."""
    assert lines(planned(contract(minimum_usd=10_000.0), runs=3)) == pytest.approx(
        {"compute used": 12_000}
    )


@pytest.mark.parametrize(("minimum", "line"), [(6000.0, "committed"), (20_000.0, "minimum spend")])
def test_a_commitment_and_a_minimum(minimum: float, line: str) -> None:
    """The larger of the two is paid: 8 GPUs for 1,000 hours are 16,000 USD."""
    plan = planned(contract(minimum_usd=minimum, commitment=1000.0, pricing="reserved"))
    assert plan.cost_usd == pytest.approx(max(minimum, 16_000))
    assert f"{line}, not used" in lines(plan)


def test_a_set_up_fee_decides() -> None:
    """A GPU-hour 0.5 USD cheaper saves 1,000 USD: no more than a fee of that."""
    listed = contract("listed", usd=2.0)
    assert planned(listed, contract("cheaper", usd=1.5, setup_usd=999.0)).offer == "cheaper"
    assert planned(listed, contract("cheaper", usd=1.5, setup_usd=1001.0)).offer == "listed"
    assert planned(listed, contract("cheaper", usd=1.5, setup_usd=1001.0), runs=2).offer == (
        "cheaper"
    )


def test_a_budget_counts_all_of_it() -> None:
    """What is within it is found, and what a cent less would exclude is not."""
    offer = contract(setup_usd=500.0, minimum_usd=5000.0, support_share=0.1)
    assert planned(offer, budget="6000").cost_usd == pytest.approx(6000)
    none = best_plan(asked(budget="5999"), catalog_of(offer), today=TODAY)
    assert none.plan is None
    assert none.reasons[0].fields == {"budget": "6000"}


def test_a_minimum_makes_a_larger_fleet_free() -> None:
    """MFU falls with size, so a month on more nodes is dearer, but not under what is paid."""
    curve = {"big": ((8, 0.5), (64, 0.25))}
    offer = contract(most=64, minimum_usd=6000.0)
    catalog = make_catalog([offer], [make_gpu()], curve)
    question = asked(minimize="time", budget="6000")
    plan = best_plan(question, catalog, today=TODAY).plan
    assert plan is not None
    fleets = [f for f in every_fleet(question, catalog) if f.cost_usd <= 6000 * (1 + 1e-9)]
    assert plan.gpus == max(fleet.gpus for fleet in fleets) > 8


@pytest.mark.parametrize(
    ("share", "payment", "said"),
    [
        (
            0.25,
            "quarterly",
            "25 % of the bill, 1,000 USD, is due on signature, the rest is paid each quarter",
        ),
        (0.0, "monthly", "all of the bill is paid each month"),
        (1.0, "", "all of the bill is due on signature"),
        (0.3, "", "30 % of the bill, 1,200 USD, is due on signature"),
        (0.0, "upfront", "all of the bill is paid on signature"),
    ],
)
def test_when_the_bill_is_due(share: float, payment: Any, said: str) -> None:
    """It changes no total, and stands on the first line."""
    plan = planned(contract(prepaid_share=share, payment=payment))
    assert lines(plan) == pytest.approx({"compute used": 4000})
    assert plan.bill[0].basis.endswith(f"; {said}")


def test_slower_hours_count_against_the_minimum() -> None:
    """Up to twice as long is free; beyond it every hour is paid, with its support."""
    offer = contract(minimum_usd=8000.0, support_share=0.1, setup_usd=50.0)
    market = open_market(asked(), catalog_of(offer))
    fleet = fleet_of(market, planned(offer))
    assert isinstance(fleet, Fleet)
    assert cost_at(fleet, 1, 1.5) == pytest.approx(8850)
    assert cost_at(fleet, 1, 3.0) == pytest.approx(12_000 * 1.1 + 50)


def test_draws_pay_the_contract_too() -> None:
    """No draw of a plan costs less than the contract by itself."""
    offer = contract(minimum_usd=50_000.0, setup_usd=5000.0)
    question, catalog = asked(), catalog_of(offer)
    plan = planned(offer)
    quoted = catalog_of(replace(offer, source="your_quote"))
    risk = risk_of(open_market(question, catalog).run, plan, quoted, draws=100, today=TODAY)
    assert risk.cost_usd.p50 == pytest.approx(55_000)


def study(other: Offer) -> Levers:
    """The run on 8 GPUs at 2 USD, 4,000 in all, against another offer."""
    market = open_market(asked(), catalog_of(contract("plan"), other))
    return levers(market, answer_market(market, "highs", 60, TODAY))


@pytest.mark.parametrize(
    ("other", "wins_below"),
    [
        (contract("b", usd=2.5, setup_usd=1000.0), 1.5),
        (contract("b", usd=2.5, support_share=0.25), 1.6),
        (contract("b", usd=2.5, egress_usd_per_gb=10.0), (4000 - 140) / 2000),
        (contract("b", usd=2.5, minimum_usd=3000.0), 2.0),
        (contract("b", usd=2.5, minimum_usd=3999.0), 2.0),
        (contract("b", usd=1.0, minimum_usd=4001.0), None),
        (contract("b", usd=1.0, minimum_usd=3800.0, support_share=0.1), None),
        (contract("b", usd=1.0, minimum_usd=3800.0, setup_usd=300.0), None),
    ],
)
def test_the_price_that_wins(other: Offer, wins_below: float | None) -> None:
    """What is left for the hours; none where the contract alone costs more than the plan."""
    (lost,) = study(other).lost
    if wins_below is None:
        assert lost.break_even_usd_per_gpu_hour is None
        assert "the least that its contract costs is more by itself" in lost_words(lost)
    else:
        assert lost.break_even_usd_per_gpu_hour == pytest.approx(wins_below)


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        (contract("b", usd=1.0, minimum_usd=9000.0), "9,000 USD are paid at least, 78% of it idle"),
        (contract("b", usd=2.0, setup_usd=900.0), "900.00 USD for storage, set-up and egress"),
    ],
)
def test_why_it_lost(other: Offer, reason: str) -> None:
    """The largest part of what it costs more."""
    assert reason in lost_words(study(other).lost[0])


@pytest.mark.parametrize("line", ["support", "set-up", "egress, flat", "egress", "minimum spend, "])
def test_the_judge_counts_the_contract_again(line: str) -> None:
    """A line of the bill that is bent is caught, whatever the total."""
    terms: dict[str, Any] = {"setup_usd": 500.0, "support_share": 0.1, "egress_usd": 100.0}
    offer = contract(**terms, egress_usd_per_gb=0.5, minimum_usd=9000.0)
    question, catalog = asked(), catalog_of(offer)
    plan, market = planned(offer), open_market(question, catalog)
    bill = tuple(
        replace(one, usd=one.usd * 1.01) if one.line.startswith(line) else one for one in plan.bill
    )
    assert bill != plan.bill
    bent = replace(plan, bill=bill, cost_usd=sum(one.usd for one in bill))
    curve = fleet_of(market, plan).candidate.hardware.curve
    assert broken_promises(bent, market.run, catalog, curve)


def test_owned_hardware_has_no_contract(tmp_path: Path) -> None:
    """Columns of one are a mistake where the GPUs are bought."""
    path = tmp_path / "q.csv"
    header = "provider,gpu,price,pricing,purchase_usd_per_gpu,minimum spend,support"
    path.write_text(f"{header}\nme,big,,owned,30000,5000,10 %\n", encoding="utf-8")
    with pytest.raises(CatalogError) as caught:
        add_quotes(small(), path, TODAY)
    assert [said.split(": ", 1)[1] for said in caught.value.mistakes] == [
        "minimum spend: 5000; expected none for an owned offer; leave it blank",
        "support: 0.1; expected none for an owned offer; leave it blank",
    ]
