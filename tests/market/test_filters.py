"""Choices among the offers: each holds, says where it binds, and is widened where nothing fits."""

from dataclasses import replace
from typing import Any

import pytest
from choices import CATALOG, FLAT, GPUS, REGIONS, RUN, ask, best, binds, widened
from small_catalog import make_catalog, make_offer

from catalog import Catalog
from catalog.vocabulary import Group
from optimizer.market.market import make_market, open_market
from optimizer.market.run import make_run
from optimizer.report.wording.limits import asked_words, without_words
from optimizer.report.wording.reasons import reason_words
from problems import ProblemError, make_question


def qualify(catalog: Catalog = CATALOG, **fields: Any) -> set[str]:
    """The offers that are considered."""
    market = open_market(make_question("", **{**RUN, **fields}), catalog)
    return {candidate.offer.offer for candidate in market.candidates}


ALL = {"alpha_us", "beta_de", "beta_both", "gamma_ch", "gamma_au", "delta_old"}


@pytest.mark.parametrize(
    ("fields", "left"),
    [
        ({}, ALL),
        ({"exclude_gpu": "old"}, ALL - {"delta_old"}),
        ({"exclude_gpu": "BIG"}, {"delta_old"}),
        ({"gpu": "big, old", "exclude_gpu": "big"}, {"delta_old"}),
        ({"exclude_provider": "Gamma"}, ALL - {"gamma_ch", "gamma_au"}),
        ({"exclude_provider": "alpha, beta, gamma"}, {"delta_old"}),
        ({"provider": "beta", "exclude_provider": "beta"}, set()),
        ({"region": "US"}, {"alpha_us", "beta_both"}),
        ({"region": "us"}, {"alpha_us", "beta_both"}),
        ({"region": "EU"}, {"beta_de", "beta_both"}),
        ({"region": "DE"}, {"beta_de", "beta_both"}),
        ({"region": "CH, AU"}, {"gamma_ch", "gamma_au"}),
        ({"region": "europe-west"}, {"beta_de", "beta_both", "gamma_ch"}),
        ({"region": "asia"}, set()),
        ({"region": "Asia"}, set()),
        ({"region": "tw"}, set()),
        # What states no region may lie anywhere; what is sold in several is left out with all.
        ({"exclude_region": "EU"}, {"alpha_us", "beta_both", "gamma_ch", "gamma_au"}),
        ({"exclude_region": "US"}, {"beta_de", "beta_both", "gamma_ch", "gamma_au"}),
        ({"exclude_region": "US, EU"}, {"gamma_ch", "gamma_au"}),
        ({"region": "US", "exclude_region": "EU"}, {"alpha_us", "beta_both"}),
        ({"fabric": "rdma"}, {"alpha_us", "beta_de", "beta_both"}),
        ({"fabric": "fast"}, {"alpha_us", "beta_de", "beta_both", "gamma_ch"}),
        ({"fabric": "tcpx, ethernet"}, {"gamma_ch", "gamma_au"}),
        ({"fabric": "none"}, {"delta_old"}),
    ],
)
def test_a_choice_holds(fields: dict[str, Any], left: set[str]) -> None:
    """What is asked for is considered, and nothing else."""
    assert qualify(**fields) == left
    plans = [other.plan for other in ask(**fields).alternatives]
    assert {plan.offer for plan in plans} <= left


def test_a_region_that_the_catalog_does_not_list_goes_by_its_name() -> None:
    """'eu-south' begins with a group, 'austria-1' does not begin with 'us' or 'au'."""
    sold = [make_offer("a", region="eu-south"), make_offer("b", region="austria-1")]
    catalog = make_catalog(sold, GPUS, FLAT, REGIONS)
    assert qualify(catalog, region="EU") == {"a"}
    assert qualify(catalog, region="US") == set()
    assert qualify(catalog, region="AU") == set()
    assert qualify(catalog, region="austria") == {"b"}


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("USA", "d"),
        ("Europe", "abc"),
        ("EMEA", "abcf"),
        ("Germany", "a"),
        ("United Kingdom", "b"),
        ("APAC", "e"),
        ("Americas", "d"),
        ("Israel", "f"),
        ("North America", "d"),
        ("Nordics", ""),
        ("Poland", ""),
    ],
)
def test_places_by_the_words_that_people_use(asked: str, names: str) -> None:
    """Europe is more than the EU, the Americas are more than the US, and countries have names."""
    regions: dict[str, tuple[str, Group]] = {
        "ra": ("DE", "eu"),
        "rb": ("GB", "uk"),
        "rc": ("CH", "europe"),
        "rd": ("US", "us"),
        "re": ("JP", "asia"),
        "rf": ("IL", "middle_east"),
    }
    sold = [make_offer(name[1:], region=name) for name in regions]
    catalog = make_catalog(sold, GPUS, FLAT, regions)
    assert qualify(catalog, region=asked) == set(names)


def test_a_choice_of_the_run_alone_is_one() -> None:
    """Studies narrow a run whose question names nothing."""
    run = make_run(make_question("", **RUN), CATALOG)
    narrowed = make_market(replace(run, gpus=frozenset({"old"})), CATALOG)
    assert {one.offer.offer for one in narrowed.candidates} == {"delta_old"}


def test_a_region_goes_by_its_city_too() -> None:
    """As regions.csv has the words: the whole word, in any spelling."""
    catalog = make_catalog([make_offer("a", region="ra")], GPUS, FLAT, {"ra": ("DE", "eu")})
    region = replace(catalog.regions["ra"], also=("Frankfurt am Main", "Germany 1"))
    catalog = replace(catalog, regions={"ra": region})
    assert qualify(catalog, region="frankfurt-am-main") == {"a"}
    assert qualify(catalog, region="germany 1") == {"a"}
    with pytest.raises(ProblemError):
        qualify(catalog, region="Frankfurter")


def test_a_region_outside_the_catalog_lies_where_its_name_says() -> None:
    """As quotes write them: a country, its code, a city that regions.csv knows, or a group."""
    names = {"a": "Germany", "b": "DE", "c": "Frankfurt", "d": "EU", "e": "Texas"}
    sold = [make_offer(key, region=name) for key, name in names.items()]
    catalog = make_catalog(sold, GPUS, FLAT, {"r": ("DE", "eu"), "s": ("US", "us")})
    frankfurt = replace(catalog.regions["r"], also=("Frankfurt",))
    catalog = replace(catalog, regions={**catalog.regions, "r": frankfurt})
    assert qualify(catalog, region="Germany") == {"a", "b", "c"}
    assert qualify(catalog, region="Europe") == {"a", "b", "c", "d"}
    # Nobody knows where Texas is; it may lie in what is left out.
    assert qualify(catalog, exclude_region="Germany") == {"d"}
    assert qualify(catalog, exclude_region="US") == {"a", "b", "c", "d"}


def test_what_is_left_out_is_gone_where_it_is_asked_for() -> None:
    """One region has to pass both: another of the same offer is not asked for."""
    sold = [make_offer("a", region="ra rb")]
    regions: dict[str, tuple[str, Group]] = {"ra": ("DE", "eu"), "rb": ("FR", "eu")}
    catalog = make_catalog(sold, GPUS, FLAT, regions)
    assert qualify(catalog, region="DE", exclude_region="DE") == set()
    assert qualify(catalog, region="EU", exclude_region="DE") == {"a"}


def test_an_unstated_region_is_not_known_to_be_outside() -> None:
    """Nothing on sale in the EU names it, and still what states no region may lie there."""
    sold = [make_offer("a", region="us-east-1"), make_offer("b", region="")]
    catalog = make_catalog(sold, GPUS, FLAT, {"us-east-1": ("US", "us")})
    assert qualify(catalog, exclude_region="EU") == {"a"}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"exclude_gpu": "h1000"}, "exclude_gpu: unknown GPU 'h1000'"),
        ({"exclude_provider": "alhpa"}, "exclude_provider: unknown provider 'alhpa'"),
        ({"region": "Avalon"}, "region: unknown region 'Avalon'"),
        ({"exclude_region": "mars"}, "exclude_region: unknown region 'mars'"),
        ({"quota": {"omega": 8}}, "quota: unknown provider 'omega'"),
        ({"fabric": "infinband"}, "did you mean 'infiniband'"),
    ],
)
def test_a_name_that_nobody_has_is_a_mistake(fields: dict[str, Any], said: str) -> None:
    """Misspelled, a choice would silently change nothing."""
    with pytest.raises(ProblemError) as caught:
        ask(**fields)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("limit", "fields", "asked", "without"),
    [
        # gamma_au sells 2,000 h at 1 USD, delta_old 8,000 h at 0.3 USD, alpha_us 2,000 h at 2 USD.
        ("exclude_gpu", {"exclude_gpu": "big"}, "big", "2,000 USD"),
        ("exclude_provider", {"exclude_provider": "gamma"}, "gamma", "2,000 USD"),
        ("exclude_region", {"exclude_region": "AU"}, "AU", "2,000 USD"),
        ("region", {"region": "EU"}, "EU", "2,000 USD"),
        ("fabric", {"fabric": "rdma"}, "rdma", "2,000 USD"),
    ],
)
def test_a_choice_that_binds_says_what_it_costs(
    limit: str, fields: dict[str, Any], asked: str, without: str
) -> None:
    """The best plan without it is cheaper, and told."""
    binding = binds(limit, **fields)
    assert asked_words(binding.limit, binding.found) == asked
    assert without_words(binding).startswith(f"{without} in ")
    assert without_words(binding).partition(" with ")[2].startswith("8 BIG of gamma")
    assert best(**fields).cost_usd > 2000


@pytest.mark.parametrize("limit", ["exclude_gpu", "exclude_provider", "region", "fabric"])
def test_a_choice_that_costs_nothing_does_not_bind(limit: str) -> None:
    """The cheapest offer passes each of these."""
    fields: dict[str, Any] = {
        "exclude_gpu": "old",
        "exclude_provider": "delta",
        "region": "AU",
        "fabric": "ethernet",
    }
    answer = ask(**{limit: fields[limit]})
    assert answer.plan is not None
    assert answer.plan.offer == "gamma_au"
    assert not answer.binding


@pytest.mark.parametrize(
    ("left_out", "needed"),
    [
        ({"exclude_gpu": ["big", "old"]}, "big"),
        ({"exclude_provider": ["alpha", "beta", "gamma", "delta"]}, "gamma"),
        ({"exclude_region": ["US", "EU", "CH", "AU"]}, "australia-southeast1"),
    ],
)
def test_what_is_left_out_is_let_in_again(left_out: dict[str, Any], needed: str) -> None:
    """No option takes back another, so the one name that would help is said in words."""
    # In 5 days old would need 66.7 GPUs, and one node is sold.
    ((limit, names),) = left_out.items()
    reason = widened(limit, deadline="5d", **left_out)
    option = "--" + limit.replace("_", "-")
    assert reason_words(reason)[1] == f"{needed} not left out; try a shorter {option}"
    assert reason.options == ""
    own = "AU" if limit == "exclude_region" else needed
    fewer: dict[str, Any] = {limit: [name for name in names if name != own]}
    assert best(deadline="5d", **fewer).days <= 5


def test_letting_another_name_in_again_is_not_enough() -> None:
    """Of what is left out, old alone would not do."""
    assert ask(deadline="5d", exclude_gpu="big").plan is None
    assert ask(deadline="5d", exclude_gpu="old").plan is not None


@pytest.mark.parametrize(
    ("fields", "options"),
    [
        # Of those that state a region gamma_au is the cheapest; delta_old cannot be asked for.
        ({"region": "asia"}, "--region asia --region australia-southeast1"),
        ({"region": "asia", "provider": "alpha"}, "--region asia --region us-east"),
        ({"fabric": "ici"}, "--fabric ici --fabric ethernet"),
        ({"fabric": "ici, roce", "region": "DE"}, "--fabric ici --fabric roce --fabric efa"),
    ],
)
def test_a_choice_that_nothing_passes_is_widened(fields: dict[str, Any], options: str) -> None:
    """By the one name of the cheapest plan, written as the command takes it."""
    limit = next(iter(fields))
    assert widened(limit, **fields).options == options


def test_a_cheaper_offer_without_a_region_hides_no_suggestion() -> None:
    """It cannot be asked for by region; the next best that can is told."""
    sold = [make_offer("a", usd=1.0, region=""), make_offer("b", usd=2.0)]
    catalog = make_catalog(sold, GPUS, FLAT, REGIONS)
    assert best(catalog).offer == "a"
    assert widened("region", catalog, region="EU").options == "--region EU --region us-east"
