"""The text answers: they fit a page, say what the JSON says, and interpret nothing."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import typer
from mini_catalog import sixnd

from optimizer import say
from optimizer.commands.cli import app
from optimizer.report.text.parts import aligned, in_column
from optimizer.say import price

Capture = pytest.CaptureFixture[str]
PAGE = 80
pytestmark = pytest.mark.usefixtures("page")
TITLE = "[bold]8B[/bold] \x1b[31mred"
ANSWERS = [
    ["plan", "8B"],
    ["plan", "8B", "--deadline", "3d", "--provider", "alpha", "--max-gpus", "512"],
    ["plan", "8B", "--pricing", "on_demand,reserved,spot,marketplace"],
    ["plan", "8B", "--minimize", "time", "--budget", "20k"],
    ["plan", "8B", "--provider", "beta", "--gpu", "H100"],
    ["plan", "8B", "--budget", "10k"],
    ["plan", "8B", "--deadline", "1d", "--budget", "10k", "--max-gpus", "64"],
    ["plan", "1T", "--deadline", "1d"],
    ["plan", "1000T"],
    ["plan", "mixtral-8x7b", "--precision", "fp8"],
    ["plan", "8B", "--mfu", "0.4", "--goodput", "0.95", "--tokens", "1T"],
    ["plan", "8B", "--time-limit", "1e-9"],
    ["plan", "8B", "--runs", "12", "--power-cap", "40kW"],
    ["plan", "8B", "--power-cap", "1", "--budget", "10k"],
    ["plan", "8B", "--quota", "alpha=16", "--provider", "alpha", "--deadline", "3d"],
    ["plan", "8B", "--pricing", "spot", "--spot-nodes", "2", "--deadline", "9d"],
    ["plan", "8B", "--exclude-gpu", "h100", "--exclude-region", "EU", "--fabric", "rdma"],
    ["plan", "8B", "--exclude-provider", "alpha,beta"],
    ["compare", "70B"],
    ["compare", "8B", "--gpu", "A6000", "--deadline", "1d"],
    ["compare", "8B", "--by", "pricing"],
    ["estimate", "8B", "--gpu", "h100_sxm", "--gpus", "60"],
    ["estimate", "405B", "--gpu", "rtx_a6000", "--gpus", "1000"],
    ["gpus"],
    ["offers"],
    ["offers", "--gpu", "A6000", "--pricing", "spot"],
]


def both(capsys: Capture, mini: str, words: list[str]) -> tuple[str, dict[str, Any]]:
    """An answer in words, its lines joined, and as data."""
    text = sixnd(capsys, *words, "--catalog", mini).out
    return joined(text), json.loads(sixnd(capsys, *words, "--catalog", mini, "--json").out)


def joined(text: str) -> str:
    """The text as if it had one long line."""
    return re.sub(r"\s+", " ", text)


@pytest.mark.parametrize("words", ANSWERS, ids=" ".join)
def test_answers_fit_a_page(capsys: Capture, mini: str, words: list[str]) -> None:
    """No line is longer than 80 columns or ends in spaces; no colors go into a file."""
    ran = sixnd(capsys, *words, "--catalog", mini)
    assert ran.code in (0, 1)
    assert ran.err == ""
    for line in ran.out.splitlines():
        assert len(line) <= PAGE
        assert line == line.rstrip()
        assert line.isprintable()


@pytest.mark.parametrize(
    "words",
    [
        ["gpus"],
        ["offers"],
        ["plan", "70B"],
        pytest.param(["compare", "70B"], marks=pytest.mark.slow),
    ],
)
def test_the_shipped_catalog_fits_a_page(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    """However long its names are; in a table no offer's name is broken."""
    monkeypatch.setenv("COLUMNS", str(PAGE))
    text = sixnd(capsys, *words).out
    assert all(len(line) <= PAGE for line in text.splitlines())
    if words == ["offers"]:
        offers = json.loads(sixnd(capsys, "offers", "--json").out)["offers"]
        assert {row["offer"] for row in offers} <= set(text.split())


def test_a_wide_window_is_not_filled(
    capsys: Capture, mini: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lines of 200 characters are hard to read."""
    monkeypatch.setenv("COLUMNS", "200")
    text = sixnd(capsys, "plan", "8B", "--catalog", mini).out
    assert PAGE < max(map(len, text.splitlines())) <= 100


def test_text_says_what_json_says(capsys: Capture, mini: str) -> None:
    """Fleet, time, money, speed and dates are the same figures."""
    text, data = both(capsys, mini, ["plan", "8B", "--deadline", "30d"])
    plan = data["plan"]
    for words in (
        f"({plan['gpus']:,} {plan['gpu_name']})",
        f"takes {say.days(plan['days'] * 24)} and costs {say.usd(plan['cost_usd'])}.",
        f"MFU {plan['mfu']:.1%}",
        f"goodput {plan['goodput']:.3g}",
        f"{say.digits(plan['billed_gpu_hours'])} GPU-hours at 2.50 USD",
        f"2.50 USD per GPU-hour, read {plan['price_read_on']}",
        *(f"{line['line']} {line['usd']:,.0f} {line['basis']}" for line in plan["bill"]),
        f"total, USD {plan['cost_usd']:,.0f}",
        f"energy {say.digits(plan['energy_mwh'])} MWh, {say.tonnes(plan['co2_kg'])} of CO2",
        f"{plan['memory_gb_per_gpu']:.1f} GB a GPU",
        f"with those that compete {data['oldest_price']} to {data['newest_price']}",
        f"of the {data['offers_compared']} offers that qualify",
    ):
        assert words in text


def test_every_part_of_the_answer_is_told(capsys: Capture, mini: str) -> None:
    """Runners-up with their reasons, ruled-out models, limits, assumptions, warnings."""
    text, data = both(capsys, mini, ["plan", "8B", "--deadline", "9d", "--max-gpus", "256"])
    assert data["alternatives"]
    for other in data["alternatives"]:
        assert other["offer"] in text
        assert other["reason"] in text
        assert say.usd(other["cost_usd"]).removesuffix(" USD") in text
    assert data["ruled_out"]
    assert all(model["gpu"] in text for model in data["ruled_out"])
    for limit in data["binding"]:
        assert joined(f"{limit['limit']}: {limit['asked']}; without it {limit['without']}") in text
    for assumed in data["assumptions"]:
        assert joined(f"{assumed['name']}: {assumed['value']}") in text
        # An address that is longer than a line is folded, so spaces do not count.
        assert assumed["source"].replace(" ", "") in text.replace(" ", "")
    assert data["warnings"]
    assert all(joined(warning) in text for warning in data["warnings"])


@pytest.mark.parametrize("words", [ANSWERS[5], ANSWERS[6], ANSWERS[7]], ids=" ".join)
def test_every_reason_is_told(capsys: Capture, mini: str, words: list[str]) -> None:
    """What stands in the way, what would do, and the options to copy."""
    text, data = both(capsys, mini, words)
    assert data["reasons"]
    for reason in data["reasons"]:
        assert joined(reason["needed"]) in text
        assert f"try {reason['try']}" in text or reason["try"] is None


def test_a_comparison_tells_every_fleet(capsys: Capture, mini: str) -> None:
    """Each GPU with its plan, or with why it has none."""
    text, data = both(capsys, mini, ["compare", "70B"])
    for fleet in data["fleets"]:
        if fleet["status"] == "infeasible":
            assert f"{fleet['gpu']}: no plan" in text
            assert all(f"try {r['try']}" in text for r in fleet["reasons"] if r["try"])
        else:
            assert f"{fleet['gpu']} {fleet['plan']['offer']} {fleet['plan']['gpus']:,}" in text


def test_an_estimate_names_its_price(capsys: Capture, mini: str) -> None:
    """The offer, the price and the day it was read."""
    words = ["estimate", "8B", "--gpu", "h100_sxm", "--gpus", "64"]
    text, data = both(capsys, mini, words)
    assert f"takes {say.days(data['days'] * 24)} and costs {say.usd(data['cost_usd'])}." in text
    assert "2.50 USD per GPU-hour" in text
    assert data["price_read_on"] in text


def test_a_given_fleet_is_an_estimate(capsys: Capture, mini: str, tmp_path: Path) -> None:
    """The remark is commentary, so it stays out of the answer."""
    path = tmp_path / "fleet.toml"
    path.write_text('[run]\nmodel="8B"\n[fleet]\ngpu="h100_sxm"\ngpus=64\n', encoding="utf-8")
    ran = sixnd(capsys, "plan", str(path), "--catalog", mini)
    assert ran.out == sixnd(capsys, "estimate", str(path), "--catalog", mini).out
    assert "estimate" in ran.err


def test_markup_is_text(capsys: Capture, mini: str, tmp_path: Path) -> None:
    """Square brackets in a note, a source or a title stay; control characters do not."""
    path = tmp_path / "ask.toml"
    path.write_text(f'name = {json.dumps(TITLE)}\n[run]\nmodel = "8B"\n', encoding="utf-8")
    text = joined(sixnd(capsys, "plan", str(path), "--catalog", mini).out)
    assert "[red]read at a reseller[/red]" in text
    assert "Alpha Cloud [b]GPU[/b] pricing" in text
    assert "problem [bold]8B[/bold] ?[31mred" in text


def test_every_command_and_option_has_help(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Short help fits its line, long help a page, and every option says what it does."""
    monkeypatch.setenv("COLUMNS", str(PAGE))
    group: Any = typer.main.get_command(app)
    overview = sixnd(capsys, "--help").out
    assert "..." not in overview.partition("Commands:")[2]
    for name, command in group.commands.items():
        assert name in overview
        assert command.help
        shown = sixnd(capsys, name, "--help").out
        assert all(len(line) <= PAGE for line in shown.splitlines())
        for param in command.params:
            assert param.help
            assert param.opts[-1].replace("model", "MODEL") in shown or param.nargs == -1


def test_plan_help_is_sorted_by_subject(capsys: Capture) -> None:
    """As a problem file is."""
    shown = sixnd(capsys, "plan", "--help").out
    subjects = ["Arguments", "The run", "Limits and goal", "Offers considered", "Assumptions"]
    places = [shown.index(f"\n{subject}:\n") for subject in [*subjects, "Other options"]]
    assert places == sorted(places)


def test_formats() -> None:
    """Columns line up, prices have cents, and small numbers keep their digits."""
    rows = [("offer", "GPUs"), ("a", "8"), ("longer", "1,024")]
    assert aligned(rows) == ["offer    GPUs", "a           8", "longer  1,024"]
    assert [price(p) for p in (2, 8.6, 2.4638, 0.355)] == ["2.00", "8.60", "2.4638", "0.355"]
    assert [in_column(n) for n in (1234.5, 29.96, 1.25, 0.0123)] == [
        "1,234.5",
        "30.0",
        "1.25",
        "0.0123",
    ]
