"""Regions, storage, failures and defaults: the loader, the shipped files it lends, an audit."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from statistics import median

import pytest
from mini_catalog import mistakes, write_mini
from small_catalog import DEFAULTS

from catalog import Catalog, load_catalog
from catalog.check_bill import DEFAULT_NAMES
from catalog.load import SHIPPED
from catalog.vocabulary import GROUPS

BILL = ("regions.csv", "storage.csv", "failures.csv", "defaults.csv")
SOURCE_ROW = "mine,me,my own measurements,,what we saw,memory,\n"
EU = {"AT", "BE", "CZ", "DE", "DK", "ES", "FI", "FR", "IE", "IT", "NL", "PL", "PT", "SE"}
# What Azure calls a region says where it is; the others begin with a part of the world.
GROUP_OF_PREFIX = {
    "us": {"us"},
    "eu": {"eu", "uk"},
    "europe": {"eu", "uk", "europe"},
    "asia": {"asia"},
    "ap": {"asia", "oceania"},
    "australia": {"oceania"},
    "ca": {"americas"},
    "sa": {"americas"},
    "northamerica": {"americas"},
    "southamerica": {"americas"},
    "me": {"middle_east"},
    "af": {"africa"},
}

Own = Callable[[str, str], Path]


@pytest.fixture
def own(tmp_path: Path) -> Own:
    """A miniature catalog with a file of its own beside the five."""
    folder = write_mini(tmp_path / "mini")
    with (folder / "sources.csv").open("a", encoding="utf-8") as stream:
        stream.write(SOURCE_ROW)

    def write(file: str, text: str) -> Path:
        (folder / file).write_text(text, encoding="utf-8")
        return folder

    return write


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The shipped catalog in a folder where it can be broken."""
    for file in SHIPPED.glob("*.csv"):
        shutil.copy(file, tmp_path / file.name)
    return tmp_path


def edit(path: Path, old: str, new: str) -> None:
    """Replace text that stands once in a file."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def drop(path: Path, beginning: str) -> None:
    """Leave out the rows that begin so."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith(beginning)]
    assert len(kept) < len(lines)
    path.write_text("".join(kept), encoding="utf-8")


# The loader


def test_a_folder_of_before_takes_the_shipped_files(tmp_path: Path, catalog: Catalog) -> None:
    """The tables that it lacks, and just the sources that they cite, beside the folder's own."""
    old = load_catalog(write_mini(tmp_path / "mini"))
    assert old.regions == catalog.regions
    assert old.storage == catalog.storage
    assert old.failures == catalog.failures
    assert old.defaults == catalog.defaults
    tables = (old.regions, old.storage, old.failures, old.defaults)
    cited = {row.source for table in tables for row in table.values()}
    cited |= {reading.source for reading in old.readings}
    assert set(old.sources) == cited | {"prices", "runs", "guess", "sheet"}
    assert all(old.sources[key] == catalog.sources[key] for key in cited)


def test_a_folder_with_a_file_uses_its_own_alone(own: Own, catalog: Catalog) -> None:
    """Nothing of the shipped storage.csv is left, and no source that only it cites."""
    text = "provider,usd_per_gb_month,source,read_on,note\nany,0.05,mine,2026-11-01,a guess\n"
    mine = load_catalog(own("storage.csv", text))
    assert list(mine.storage) == ["any"]
    assert mine.storage["any"].usd_per_gb_month == 0.05
    assert mine.defaults == catalog.defaults
    assert "coreweave_storage" not in mine.sources
    assert "codecarbon_energy_mix" in mine.sources


def test_a_source_that_both_name_is_the_folder_s(own: Own, catalog: Catalog) -> None:
    """A shipped row never takes the place of one's own."""
    text = (own("x.csv", "").parent / "mini" / "sources.csv").read_text(encoding="utf-8")
    folder = own("sources.csv", text + SOURCE_ROW.replace("mine,", "spot_traces,", 1))
    assert load_catalog(folder).sources["spot_traces"].publisher == "me"


def test_a_source_of_one_s_own_file_has_to_be_one_s_own(own: Own) -> None:
    """The shipped sources serve the shipped files only."""
    text = "provider,usd_per_gb_month,source,read_on,note\nany,1,coreweave_storage,2026-11-01,x\n"
    assert mistakes(own("storage.csv", text)) == [
        "storage.csv:2: source: 'coreweave_storage'; expected a row of sources.csv; add it there"
    ]


@pytest.mark.parametrize(
    ("file", "key"), [("storage.csv", "provider"), ("failures.csv", "architecture")]
)
def test_the_default_row_has_to_be_there(copy: Path, file: str, key: str) -> None:
    """Without it most providers and architectures would have no figure."""
    drop(copy / file, "any,")
    assert mistakes(copy) == [
        f"{file}: no row whose {key} is 'any'; expected the default for every other {key}; add one"
    ]


@pytest.mark.parametrize("name", DEFAULT_NAMES)
def test_every_default_has_to_be_there(copy: Path, name: str) -> None:
    """A plan asks for each by name."""
    drop(copy / "defaults.csv", f"{name},")
    assert mistakes(copy) == [f"defaults.csv: no row {name!r}; expected its value; add one"]


def test_a_default_misspelled_is_told_twice(copy: Path) -> None:
    """The name that nobody asks for, and the one that is missing."""
    edit(copy / "defaults.csv", "\nspot_slack,", "\nspot_slck,")
    assert [mistake.split(": ", 1)[1] for mistake in mistakes(copy)] == [
        "name: 'spot_slck' is not a default that we know; did you mean 'spot_slack'?",
        "no row 'spot_slack'; expected its value; add one",
    ]


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("defaults.csv", "spot_slack,0.25,0.1,1,", "spot_slack,2,0.1,1,", "value: 2; expected be"),
        ("failures.csv", "Hopper,0.58,0.474,", "Hopper,0.4,0.474,", "interruptions_per_1000_gpu_"),
        ("regions.csv", "eastus,azure,US", "eastus,azure,USA", "country: 'USA'; expected a count"),
        ("regions.csv", "eastus,azure,US", "eastus,azure,us", "country: 'us'; expected a country"),
        ("regions.csv", "eastus,azure", "East US,azure", "region: 'East US'; expected a region"),
        ("regions.csv", "eastus,azure,US,us", "eastus,azure,US,usa", "group: 'usa'; expected one"),
        ("regions.csv", "us,412.72", "us,-1", "g_co2_per_kwh: '-1'; expected a number of g CO2e"),
        ("storage.csv", "aws,0.145", "aws,0", "usd_per_gb_month: '0'; expected a number of USD a"),
        ("failures.csv", "2.97,published", "2.97,guess", "basis: 'guess'; expected one of"),
        ("defaults.csv", ",bytes,estimate_pl", ",,estimate_pl", "unit: is blank; expected text"),
    ],
)
def test_a_cell_of_the_wrong_form_is_told(
    copy: Path, file: str, old: str, new: str, expected: str
) -> None:
    """File, line, column, what is there and what was expected."""
    edit(copy / file, old, new)
    (found,) = mistakes(copy)
    assert re.match(rf"{file}:\d+: {re.escape(expected)}", found), found


@pytest.mark.parametrize("file", BILL)
def test_a_key_twice_is_told(copy: Path, file: str) -> None:
    """One row a region, a provider, an architecture, a default."""
    lines = (copy / file).read_text(encoding="utf-8").splitlines(keepends=True)
    (copy / file).write_text("".join([*lines, lines[1]]), encoding="utf-8")
    (found,) = mistakes(copy)
    assert "is already on line 2; expected once" in found


# The audit


def test_every_region_of_an_offer_is_listed(catalog: Catalog) -> None:
    """Under the offer's own provider, but for the two names that Nebius shares with Google."""
    shared = {("nebius", "us-central1"), ("nebius", "me-west1")}
    for offer in catalog.offers:
        for region in offer.region.split():
            own = catalog.regions[region].provider == offer.provider
            assert own or (offer.provider, region) in shared, offer.offer


def test_the_usual_regions_are_listed(catalog: Catalog) -> None:
    """Some of each large cloud and of each group that has any."""
    providers = [region.provider for region in catalog.regions.values()]
    assert 90 <= len(providers) <= 120
    assert min(providers.count(name) for name in ("aws", "azure", "gcp")) >= 15
    assert {region.group for region in catalog.regions.values()} == set(GROUPS)


def test_a_region_s_group_is_that_of_its_country_and_name(catalog: Catalog) -> None:
    """A London that counts as the EU would break somebody's law."""
    for region in catalog.regions.values():
        assert (region.group == "us") == (region.country == "US"), region
        assert (region.group == "uk") == (region.country == "GB"), region
        assert (region.group == "eu") == (region.country in EU), region
        if region.provider in {"aws", "gcp"}:
            assert region.group in GROUP_OF_PREFIX[region.region.split("-")[0]], region


def test_a_region_goes_by_the_words_people_use(catalog: Catalog) -> None:
    """The city or the land, and what the provider's own pages call it."""
    assert all(region.also for region in catalog.regions.values())
    assert "Stockholm" in catalog.regions["eu-north-1"].also
    assert "Sweden Central" in catalog.regions["swedencentral"].also
    assert {"FIN-01", "CANADA-1", "fr-par-2", "eu-frankfurt-1"} <= set(catalog.regions)


def test_grids_are_plausible(catalog: Catalog) -> None:
    """Hydro power to coal, in grams; none was read but for AWS and Google."""
    for region in catalog.regions.values():
        assert (region.g_co2_per_kwh is None) == ("no figure for the grid" in region.note), region
        assert region.g_co2_per_kwh is None or region.provider in {"aws", "gcp"}, region
        assert 0 <= (region.g_co2_per_kwh or 0) <= 1200, region


def test_two_clouds_in_one_country_agree_on_its_grid(catalog: Catalog) -> None:
    """Within a factor of 2.2: a slip of units would be a factor of 1,000 or 2.2 (pounds)."""
    grids: dict[tuple[str, str], list[float]] = {}
    for region in catalog.regions.values():
        if region.g_co2_per_kwh is not None:
            key = region.country, region.provider
            grids.setdefault(key, []).append(region.g_co2_per_kwh)
    for country in ("JP", "KR", "SG", "DE", "BR", "US"):
        aws, gcp = median(grids[country, "aws"]), median(grids[country, "gcp"])
        assert 1 / 2.2 < aws / gcp < 2.2, country


def test_storage_prices_are_plausible(catalog: Catalog) -> None:
    """USD a GB and month, not a TB or a year."""
    for price in catalog.storage.values():
        assert 0.005 <= price.usd_per_gb_month <= 0.5, price
    sellers = {offer.provider for offer in catalog.offers}
    assert set(catalog.storage) - {"any"} <= sellers


def test_the_storage_default_is_the_median_of_file_systems(catalog: Catalog) -> None:
    """Recomputed from the rows that are one."""
    files = [p for p in catalog.storage.values() if p.note.startswith("file system")]
    assert len(files) >= 5
    expected = median(price.usd_per_gb_month for price in files)
    assert catalog.storage["any"].usd_per_gb_month == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize(("provider", "gib"), [("crusoe", 0.07), ("lambda", 0.2), ("nebius", 0.1)])
def test_prices_a_gib_are_converted(catalog: Catalog, provider: str, gib: float) -> None:
    """A GiB is 2^30 bytes."""
    price = catalog.storage[provider]
    assert price.usd_per_gb_month == pytest.approx(gib * 1e9 / 2**30, abs=5e-5)
    assert "GiB" in price.note


# What was published: the rate that the notes name, interruptions, GPUs, days, and whether
# interruptions and GPU-days are those of runs as a whole, so that they can be counted together.
PUBLISHED = {
    "llama3_paper_interruptions": (0.474, 419, 16_384, 54, True),
    "megascale_reliability": (0.476, 100, 10_000, 21, True),
    "mpt_7b_blog": (0.96, 4, 440, 9.5, True),
    "lockwood_crusoe_h200": (1.07, 205, 1_600, 120, True),
    "opt_175b_paper": (1.76, 105, 992, 60, True),
    "rsc_reliability_paper": (2.97, 1, 1_024, 7.9 / 24, False),
}


def test_failure_rates_are_pooled_over_what_the_note_names(catalog: Catalog) -> None:
    """Interruptions over GPU-days, counted together; low and high are the extremes."""
    for rate in catalog.failures.values():
        named = re.findall(r"([\d.]+) \((\w+)\)", rate.note)
        rates = [float(value) for value, _ in named]
        assert rates == [PUBLISHED[source][0] for _, source in named], rate
        assert {source for _, source in named} <= set(catalog.sources), rate
        assert (rate.low, rate.high) == (min(rates), max(rates)), rate
        assert 0.05 <= rate.low < rate.interruptions_per_1000_gpu_days < rate.high <= 20, rate
        pooled = [PUBLISHED[source][1:4] for _, source in named if PUBLISHED[source][4]]
        interruptions = sum(count for count, _, _ in pooled)
        gpu_days = sum(gpus * days for _, gpus, days in pooled)
        said = re.match(r"([\d,]+) interruptions in ([\d,]+) GPU-days", rate.note)
        assert said, rate
        stated = [float(figure.replace(",", "")) for figure in said.groups()]
        assert stated == [interruptions, pytest.approx(gpu_days, rel=1e-3)], rate
        for days in (gpu_days, stated[1]):
            per_1000 = 1000 * interruptions / days
            assert rate.interruptions_per_1000_gpu_days == pytest.approx(per_1000, abs=5e-4), rate


def test_the_failure_default_rests_on_every_rate(catalog: Catalog) -> None:
    """And is an estimate: it serves architectures that nobody has reported on."""
    any_rate = catalog.failures["any"]
    assert any_rate.basis == "estimate"
    for rate in catalog.failures.values():
        for source in re.findall(r"\((\w+)\)", rate.note):
            assert source in any_rate.note
    known = {gpu.architecture for gpu in catalog.gpus.values()}
    assert set(catalog.failures) - {"any"} <= known


@pytest.mark.parametrize("source", PUBLISHED)
def test_rates_follow_from_what_was_published(catalog: Catalog, source: str) -> None:
    """Interruptions over thousands of GPU-days."""
    rate, interruptions, gpus, days, _ = PUBLISHED[source]
    assert f"{rate:g} ({source})" in catalog.failures["any"].note
    assert interruptions / (gpus * days / 1000) == pytest.approx(rate, rel=0.005)


def test_defaults_are_what_a_planner_starts_from(catalog: Catalog) -> None:
    """All of them, in their range, and as the tests of plans take them."""
    assert set(catalog.defaults) == set(DEFAULT_NAMES) == set(DEFAULTS)
    for default in catalog.defaults.values():
        assert default.low <= default.value <= default.high, default
        assert default.value == DEFAULTS[default.name], default


def test_shares_and_ratios_are_that(catalog: Catalog) -> None:
    """PUE is at least 1; a share is at most 1."""
    for default in catalog.defaults.values():
        if default.name.startswith("pue_"):
            assert default.low >= 1, default
        if default.unit == "share":
            assert default.high <= 1, default


def test_what_nothing_published_supports_says_so(catalog: Catalog) -> None:
    """Our judgments cite no page; a default that cites one has a range around it."""
    for default in catalog.defaults.values():
        judged = default.note.startswith("judgment")
        assert judged == (catalog.sources[default.source].kind == "estimate"), default


def test_the_readme_names_every_default() -> None:
    """What each means is said once, there."""
    readme = (SHIPPED / "README.md").read_text(encoding="utf-8")
    section = readme.split("### defaults.csv\n", 1)[1].split("\n###", 1)[0]
    assert set(DEFAULT_NAMES) <= set(re.findall(r"`(\w+)`", section))
