"""The command: every way to ask, the documented JSON, exit codes, and who says what where."""

import json
import os
import shlex
import subprocess
import sys
from math import log2, sqrt
from pathlib import Path
from typing import Any

import pytest
import typer
from mini_catalog import Ran, sixnd

import problems
from catalog import load_catalog
from optimizer.commands.asking import read_question
from optimizer.commands.cli import app, main
from optimizer.commands.options import QUESTION_OPTIONS
from optimizer.physics.run_factor import RUN_FACTOR
from problems import load_problem

PROBLEMS = Path(problems.__file__).parent
PLAN_KEYS = {
    *("offer", "provider", "gpu", "pricing", "region", "nodes", "gpus_per_node", "gpus", "days"),
    *("gpu_hours", "billed_gpu_hours", "usd_per_gpu_hour", "cost_usd", "mfu", "goodput"),
    *("training_flop", "layout", "memory_gb_per_gpu", "price_read_on", "source"),
    *("runs", "block_days", "slack_days", "interruptions", "checkpoint_minutes", "bill"),
    *("energy_mwh", "co2_kg"),
}
QUESTION_KEYS = {
    *("parameters", "tokens", "deadline_days", "max_gpus", "budget_usd", "precision"),
    *("seq_len", "global_batch_tokens", "runs", "power_cap_kw", "quota", "fabric", "spot_nodes"),
    *("exclude_gpu", "exclude_provider", "exclude_region", "failures_per_1000_gpu_days"),
    "storage_usd_per_gb_month",
}
# 8B on 20 tokens a parameter, 6·N·D, on H100 of 1,000 TFLOP/s at a step's MFU of 0.4 and
# goodput 0.9; storage is free, so that hours times price is the whole bill.
FIXED = ("--goodput", "0.9", "--storage-price", "0")
FLOP_8B = 6 * 8e9 * 160e9
HOURS_8B = FLOP_8B / (1e15 * 0.4 * RUN_FACTOR * 0.9) / 3600
FLEET_405B = (
    *("--gpu", "h100-sxm", "--gpus", "16k"),
    *("--tflops-per-gpu", "400", "--usd-per-gpu-hour", "$2"),
)
Capture = pytest.CaptureFixture[str]


def as_json(ran: Ran) -> dict[str, Any]:
    """The answer, which is all of stdout."""
    data = json.loads(ran.out)
    assert isinstance(data, dict)
    return data


def real(*arguments: str, **options: Any) -> "subprocess.Popen[str]":
    """The command in a process of its own, both outputs open for reading."""
    code = "from optimizer.commands.cli import main; main()"
    words = [sys.executable, "-c", code, *arguments]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(words, **{**pipes, **options})


def test_plan(capsys: Capture, mini: str) -> None:
    """The cheapest offer by hand: H100 on demand; every documented key, nothing on stderr."""
    ran = sixnd(capsys, "plan", "8B", "--deadline", "30d", *FIXED, "--catalog", mini, "--json")
    data = as_json(ran)
    assert (ran.code, ran.err, data["status"]) == (0, "", "optimal")
    assert set(data["plan"]) >= PLAN_KEYS
    assert set(data["question"]) >= QUESTION_KEYS
    assert set(data) >= {"proof", "alternatives", "binding", "assumptions", "warnings"}
    assert set(data["proof"]) >= {"solver", "objective_usd", "bound_usd", "gap"}
    assert all(set(other) >= PLAN_KEYS for other in data["alternatives"])
    assert all(set(a) == {"name", "value", "source"} for a in data["assumptions"])
    plan = data["plan"]
    assert (plan["offer"], plan["pricing"]) == ("alpha_h100_sxm_on_demand", "on_demand")
    assert plan["cost_usd"] == pytest.approx(HOURS_8B * 2.5)
    assert plan["days"] == pytest.approx(HOURS_8B / plan["gpus"] / 24)
    assert plan["days"] <= 30
    assert data["proof"]["gap"] == 0


def test_one_alternative_of_each_gpu_model_that_can(capsys: Capture, mini: str) -> None:
    """The A100 costs more, the others cannot; who cannot says why."""
    data = as_json(sixnd(capsys, "plan", "8B", "--deadline", "30d", "--catalog", mini, "--json"))
    able = {data["plan"]["gpu"], *(other["gpu"] for other in data["alternatives"])}
    assert able == {"h100_sxm", "a100_sxm_80", "h100_pcie"} - {r["gpu"] for r in data["ruled_out"]}
    costs = [other["cost_usd"] for other in data["alternatives"]]
    assert costs == sorted(costs)
    assert costs[0] >= data["plan"]["cost_usd"]


def test_a_bill_by_default(capsys: Capture, mini: str) -> None:
    """Failures and storage are in it: the lines add up, and each follows from its own figures.

    At 900 in 1,000 GPU-days even 8 GPUs lose more than the 9.3 % that a whole run holds.
    """
    asked = ("plan", "8B", "--deadline", "60d", "--failures", "900", "--catalog", mini, "--json")
    plan = as_json(sixnd(capsys, *asked))["plan"]
    lines = {line["line"]: line["usd"] for line in plan["bill"]}
    assert set(lines) == {"compute used", "storage"}
    # A checkpoint every ten minutes stalls 5 s; an interruption loses half of that, the write of
    # 112 GB at 1 GB/s a node, and 15 minutes.
    once = (300 + 112 / plan["nodes"] + 900) / 3600
    lost = 5 / 600 + 900 / 24_000 * plan["gpus"] * once
    assert RUN_FACTOR * (1 + lost) > 1.01
    assert plan["goodput"] == pytest.approx(1 / (RUN_FACTOR * (1 + lost)), rel=1e-3)
    hours = FLOP_8B / (1e15 * 0.4 * RUN_FACTOR * plan["goodput"]) / 3600
    assert lines["compute used"] == pytest.approx(hours * 2.5)
    # 640 GB of tokens and ten checkpoints of 112 GB, for as long as the run takes.
    price = load_catalog().storage["any"].usd_per_gb_month
    stored = 1760 * price * hours / plan["gpus"] / 730
    assert stored <= lines["storage"] <= stored * 1.0125
    assert plan["cost_usd"] == pytest.approx(sum(lines.values()))


def test_spot_only_when_asked_for(capsys: Capture, mini: str) -> None:
    """It is the cheapest here, and can be taken away, which costs hours."""
    arguments = ("plan", "8B", "--deadline", "30d", *FIXED, "--catalog", mini, "--json")
    plan = as_json(sixnd(capsys, *arguments, "--pricing", "spot"))["plan"]
    assert plan["offer"] == "alpha_h100_sxm_spot"
    known, nodes = load_catalog().planning, plan["nodes"]
    rate = known("spot_interruptions_per_node_day") / 24
    rate *= 1 + known("spot_growth_per_doubling") * log2(nodes)
    # A checkpoint of 8e9 parameters and 14 bytes each is written by all nodes.
    write = 112 / (known("checkpoint_gb_per_s_per_node") * nodes) / 3600
    stall = known("checkpoint_stall_s") / 3600
    interval = sqrt(2 * stall / rate)
    lost = stall / interval
    lost += rate * (interval / 2 + write + known("restart_minutes") / 60)
    # Between two breakpoints hours are a chord, which leaves the formula by so much at most.
    assert plan["cost_usd"] == pytest.approx(HOURS_8B * (1 + 0.9 * lost), rel=2e-3)
    assert plan["cost_usd"] > HOURS_8B


def test_fastest_under_a_budget(capsys: Capture, mini: str) -> None:
    """Time is minimized, the bound is in days, and the budget holds."""
    arguments = ("plan", "8B", "--minimize", "time", "--budget", "$20k", *FIXED, "--catalog", mini)
    data = as_json(sixnd(capsys, *arguments, "--json"))
    assert data["plan"]["gpus"] == 4096
    assert data["plan"]["cost_usd"] <= 20_000
    assert data["proof"]["objective_days"] == pytest.approx(HOURS_8B / 4096 / 24)


def test_no_plan_is_an_answer(capsys: Capture, mini: str) -> None:
    """Exit 1, reasons on stdout; what is to be tried works, and a little less does not."""
    asked = ("plan", "8B", "--deadline", "30d", *FIXED, "--catalog", mini)
    ran = sixnd(capsys, *asked, "--budget", "10k", "--json")
    data = as_json(ran)
    assert (ran.code, ran.err, data["status"]) == (1, "", "infeasible")
    assert set(data) >= {"question", "reasons"}
    assert all(set(r) == {"limit", "asked", "needed", "try"} for r in data["reasons"])
    tries = {reason["limit"]: shlex.split(reason["try"]) for reason in data["reasons"]}
    option, amount = tries["budget"]
    assert option == "--budget"
    assert float(amount) == pytest.approx(HOURS_8B * 2.5, abs=1)
    assert sixnd(capsys, *asked, option, amount).code == 0
    assert sixnd(capsys, *asked, option, str(int(amount) - 1)).code == 1


def test_no_plan_in_words(capsys: Capture, mini: str) -> None:
    """The same on a page, exit 1 as well."""
    ran = sixnd(capsys, "plan", "8B", "--budget", "10k", "--catalog", mini)
    assert (ran.code, ran.err) == (1, "")
    assert "No plan exists" in ran.out
    assert "try --budget" in ran.out


def test_a_problem_file_and_options_over_its_keys(
    capsys: Capture, mini: str, tmp_path: Path
) -> None:
    """What the file chooses counts unless an option says otherwise."""
    path = tmp_path / "ask.toml"
    path.write_text(
        '[run]\nmodel = "8B"\n[limits]\ndeadline = "30d"\n[offers]\ngpu = ["A100"]\n'
        'provider = "alpha"\nregion = "us-east"\n'
        "[assumptions]\nlargest_cluster = {contract = 512}\n",
        encoding="utf-8",
    )
    data = as_json(sixnd(capsys, "plan", str(path), "--catalog", mini, "--json"))
    assert data["plan"]["gpu"] == "a100_sxm_80"
    assert data["question"]["gpu"] == ["A100"]
    assert data["question"]["provider"] == ["alpha"]
    assert data["question"]["region"] == ["us-east"]
    assert data["question"]["largest_cluster"] == {"contract": 512}
    changed = ("--gpu", "H100", "--deadline", "60d", "--catalog", mini, "--json")
    data = as_json(sixnd(capsys, "plan", str(path), *changed))
    assert data["plan"]["gpu"] == "h100_sxm"
    assert data["question"]["deadline_days"] == 60


@pytest.mark.parametrize("path", sorted(PROBLEMS.glob("*.toml")), ids=lambda path: path.name)
def test_options_that_are_not_given_change_no_file(path: Path) -> None:
    """The empty lists that the command line starts from override nothing."""
    nothing: dict[str, object] = {
        "gpu": (),
        "provider": [],
        "region": (),
        "exclude_gpu": [],
        "exclude_provider": (),
        "exclude_region": [],
        "quota": [],
        "largest_cluster": [],
        "tokens": None,
    }
    assert read_question(str(path), nothing).question == load_problem(path)


def test_repeated_options_and_commas(capsys: Capture, mini: str) -> None:
    """Names may come one by one or side by side."""
    for words in (["--gpu", "A100", "--gpu", "h100-sxm"], ["--gpu", "A100, h100-sxm"]):
        data = as_json(sixnd(capsys, "plan", "8B", *words, "--catalog", mini, "--json"))
        assert data["question"]["gpu"] == ["A100", "h100-sxm"]


def test_ask_prints_the_command_it_understood(capsys: Capture, mini: str) -> None:
    """The command asks the same question and gives the same plan."""
    question = "cheapest way to train 8B on 99B tokens in 30 days on H100 or A100 from alpha, spot"
    ran = sixnd(capsys, "ask", question, "--catalog", mini)
    understood, _, text = ran.out.partition("\n\n")
    command = shlex.split(understood.removeprefix("understood: "))
    assert (ran.code, command[:3]) == (0, ["sixnd", "plan", "8B"])
    assert sixnd(capsys, *command[1:], "--catalog", mini).out == text
    asked = sixnd(capsys, "ask", question, "--catalog", mini, "--json")
    told = as_json(sixnd(capsys, *command[1:], "--catalog", mini, "--json"))
    assert as_json(asked) == told
    assert asked.err.strip() == understood


def test_printed_commands_are_read_back() -> None:
    """Every field of a question, through the options of the command itself."""
    question = problems.make_question(
        model="8x22B", active="39B", tokens="1T", precision="bf16", seq_len="8k", runs=3,
        global_batch="4M", minimize="time", deadline="30d", max_gpus=512, budget="5M",
        power_cap="2 MW", quota={"aws": 512, "gcp": 64}, gpu="h100, a100", exclude_gpu="h100_pcie",
        provider="aws, gcp", exclude_provider="vast, lambda", region="US, eu-west",
        exclude_region="DE, asia", fabric="rdma, ici", pricing="spot, owned", spot_nodes=32,
        mfu=0.4, goodput=0.9, stack="tuned", storage_price=0.07, largest_cluster={"contract": 1024},
        confidence=0.9, capacity="self_serve",
    )  # fmt: skip
    unset = {"name", "fleet", "failures", "tflops_per_gpu", "tokens_per_second_per_gpu", "pilot"}
    assert question.model_fields_set == set(problems.Question.model_fields) - unset
    assert set(QUESTION_OPTIONS) == set(problems.Question.model_fields) - {"name", "model", "fleet"}
    _, _, *words = shlex.split(problems.as_command(question))
    group: Any = typer.main.get_command(app)
    given = group.commands["plan"].make_context("plan", words).params
    known = {key: value for key, value in given.items() if key in problems.Question.model_fields}
    assert read_question(given["model"], known).question == question


def test_compare(capsys: Capture, mini: str) -> None:
    """One entry a GPU in the order asked, a plan or reasons in each; exit 0 while one has one."""
    gpus = ("--gpu", "A6000", "--gpu", "H100", "--gpu", "A100")
    ran = sixnd(capsys, "compare", "70B", *gpus, "--catalog", mini, "--json")
    fleets = as_json(ran)["fleets"]
    assert [fleet["gpu"] for fleet in fleets] == ["A6000", "H100", "A100"]
    assert [fleet["status"] for fleet in fleets] == ["infeasible", "optimal", "optimal"]
    assert "reasons" in fleets[0]
    assert set(fleets[1]["plan"]) >= PLAN_KEYS
    assert ran.code == 0
    assert sixnd(capsys, "compare", "70B", "--gpu", "A6000", "--catalog", mini).code == 1
    table = sixnd(capsys, "compare", "70B", *gpus, "--catalog", mini).out
    assert "A6000: no plan" in table
    assert "alpha_a100_sxm_80_on_demand" in table


def test_compare_takes_every_family_on_offer(capsys: Capture, mini: str) -> None:
    """Without --gpu, newest first."""
    fleets = as_json(sixnd(capsys, "compare", "8B", "--catalog", mini, "--json"))["fleets"]
    assert [fleet["gpu"] for fleet in fleets] == ["H100", "A100", "A6000"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["plan", str(PROBLEMS / "llama_3_1_405b.toml")],
        ["estimate", str(PROBLEMS / "llama_3_1_405b.toml")],
        ["estimate", "llama-3.1-405b", "--tokens", "15.6T", *FLEET_405B],
    ],
    ids=["plan of the file", "estimate of the file", "options"],
)
def test_the_well_known_case(capsys: Capture, arguments: list[str]) -> None:
    """Llama 3.1 405B on 16,000 H100 at 400 TFLOP/s: 3.79e25 FLOP, 68.5 days, 52.6 million USD."""
    ran = sixnd(capsys, *arguments, "--json")
    data = as_json(ran)
    assert ran.code == 0
    keys = {"days", "gpu_hours", "cost_usd", "mfu", "gpus", "training_flop"}
    assert set(data) >= keys
    assert data["gpus"] == 16_000
    assert data["training_flop"] == pytest.approx(3.79e25, rel=1e-3)
    assert data["days"] == pytest.approx(68.5, abs=0.1)
    assert data["cost_usd"] == pytest.approx(52.6e6, rel=2e-3)
    text = sixnd(capsys, *arguments).out
    for words in ("3.79e25 FLOP", "68.55 days", "52.65 million USD", "16,000 H100"):
        assert words in text


def test_options_replace_parts_of_a_given_fleet(capsys: Capture) -> None:
    """Half of the GPUs take twice as long and cost the same."""
    path = str(PROBLEMS / "llama_3_1_405b.toml")
    whole = as_json(sixnd(capsys, "estimate", path, "--json"))
    half = as_json(sixnd(capsys, "estimate", path, "--gpus", "8000", "--json"))
    assert half["days"] == pytest.approx(2 * whole["days"])
    assert half["cost_usd"] == pytest.approx(whole["cost_usd"])


def test_estimate_takes_the_catalogs_figures(capsys: Capture, mini: str) -> None:
    """MFU from the curve, the price from the offers."""
    fleet = ("--gpu", "a100_sxm_80", "--gpus", "64", *FIXED)
    data = as_json(sixnd(capsys, "estimate", "8B", *fleet, "--catalog", mini, "--json"))
    hours = FLOP_8B / (312e12 * 0.5 * RUN_FACTOR * 0.9) / 3600
    assert data["mfu"] == pytest.approx(0.5 * RUN_FACTOR)
    assert data["days"] == pytest.approx(hours / 64 / 24)
    assert data["cost_usd"] == pytest.approx(hours * 1.2)


def test_gpus(capsys: Capture, mini: str) -> None:
    """Facts with source and date; a family is all of its variants."""
    rows = as_json(sixnd(capsys, "gpus", "--catalog", mini, "--json"))["gpus"]
    assert [row["gpu"] for row in rows] == ["a100_sxm_80", "h100_pcie", "h100_sxm", "rtx_a6000"]
    assert all(row["source"] and row["read_on"] == "2026-11-01" for row in rows)
    text = sixnd(capsys, "gpus", "--gpu", "H100", "--catalog", mini).out
    assert "h100_pcie" in text
    assert "rtx_a6000" not in text
    assert "https://nvidia.example" in text


def test_offers(capsys: Capture, mini: str) -> None:
    """Cheapest first, filtered by GPU, provider and kind of price."""
    rows = as_json(sixnd(capsys, "offers", "--catalog", mini, "--json"))["offers"]
    prices = [row["usd_per_gpu_hour"] for row in rows]
    assert (len(rows), prices) == (6, sorted(prices))
    chosen = ("--gpu", "H100", "--provider", "Alpha", "--pricing", "spot")
    (row,) = as_json(sixnd(capsys, "offers", *chosen, "--catalog", mini, "--json"))["offers"]
    assert row["offer"] == "alpha_h100_sxm_spot"
    nothing = ("--gpu", "A6000", "--pricing", "spot")
    assert "No offer" in sixnd(capsys, "offers", *nothing, "--catalog", mini).out


def test_the_shipped_catalog_answers(capsys: Capture) -> None:
    """Whatever today's prices are, the everyday question has a proven plan with sources."""
    data = as_json(sixnd(capsys, "plan", "70B", "--deadline", "30d", "--json"))
    assert data["status"] == "optimal"
    assert data["plan"]["days"] <= 30
    assert data["plan"]["source"]
    assert data["proof"]["gap"] == 0
    assert data["proof"]["bound_usd"] == pytest.approx(data["plan"]["cost_usd"])


def test_write_lp(capsys: Capture, mini: str, tmp_path: Path) -> None:
    """The program lands whole under its name, and nothing else is left beside it."""
    folder = tmp_path / "lp"
    folder.mkdir()
    path = folder / "program.txt"
    path.write_text("old", encoding="utf-8")
    ran = sixnd(capsys, "plan", "8B", "--catalog", mini, "--write-lp", str(path))
    assert ran.code == 0
    assert [file.name for file in folder.iterdir()] == ["program.txt"]
    assert "one_fleet" in path.read_text(encoding="utf-8")


def test_nothing_is_written_for_a_bad_question(capsys: Capture, mini: str, tmp_path: Path) -> None:
    """An unknown GPU stops before the file is touched."""
    path = tmp_path / "program.lp"
    arguments = ("plan", "8B", "--gpu", "H1000", "--catalog", mini, "--write-lp", str(path))
    assert sixnd(capsys, *arguments).code == 2
    assert not path.exists()


def test_both_solvers(capsys: Capture, mini: str) -> None:
    """CBC, the second opinion, agrees; names forgive case."""
    costs = []
    for solver in ("HiGHS", "cbc"):
        arguments = ("plan", "8B", "--catalog", mini, "--solver", solver, "--json")
        costs.append(as_json(sixnd(capsys, *arguments))["plan"]["cost_usd"])
    assert costs[0] == pytest.approx(costs[1])


@pytest.mark.parametrize(
    "name", [c.callback.__name__ for c in app.registered_commands if c.callback]
)
def test_a_command_alone_is_the_same_as_among_the_others(capsys: Capture, name: str) -> None:
    """Only the one that is called is made ready."""
    alone = sixnd(capsys, name, "--help").out
    app([name, "--help"], prog_name="sixnd", standalone_mode=False)
    assert alone == capsys.readouterr().out
    assert alone.startswith(f"Usage: sixnd {name} ")


def test_version_and_help(capsys: Capture) -> None:
    """Both end well and print on stdout; without a command there is help as well."""
    assert sixnd(capsys, "--version").out.startswith("sixnd ")
    assert sixnd(capsys, "-h") == sixnd(capsys, "--help")
    bare = sixnd(capsys)
    assert "Commands:" in bare.out + bare.err


def test_main_returns_when_all_is_well(capsys: Capture, mini: str) -> None:
    """Only a code other than 0 ends the process."""
    main(["gpus", "--catalog", mini])
    assert capsys.readouterr().out


@pytest.mark.skipif(os.name == "nt", reason="pipes end otherwise")
def test_in_a_process_of_its_own(mini: str) -> None:
    """No solver banner on stdout, which is JSON from the first brace to the last."""
    with real("plan", "8B", "--catalog", mini, "--json") as process:
        out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    assert out.startswith("{\n")
    assert json.loads(out)["status"] == "optimal"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes end otherwise")
def test_a_reader_that_leaves_early(mini: str) -> None:
    """`sixnd gpus --json | head -1` ends quietly."""
    with real("offers", "--json") as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline() == "{\n"
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode not in (1, 2)


def test_your_own_offers(capsys: Capture, mini: str, tmp_path: Path) -> None:
    """--offers adds a cheaper offer, which then is the plan, with the buyer as its source."""
    quotes = tmp_path / "quotes.csv"
    quotes.write_text(
        "provider,gpu,usd_per_gpu_hour,max_gpus,fabric\nzeta,h100-sxm,0.98,256,infiniband\n",
        encoding="utf-8",
    )
    facts = ("--catalog", mini, "--offers", str(quotes))
    words = ("plan", "8B", "--deadline", "30d", *FIXED, *facts)
    plan = as_json(sixnd(capsys, *words, "--json"))["plan"]
    assert (plan["provider"], plan["source"]) == ("zeta", "your_quote")
    assert plan["cost_usd"] == pytest.approx(HOURS_8B * 0.98)


def test_quotes_that_cannot_be_used(capsys: Capture, mini: str, tmp_path: Path) -> None:
    """A missing file and a missing price are refused like any other input."""
    quotes = tmp_path / "quotes.csv"
    ran = sixnd(capsys, "plan", "8B", "--catalog", mini, "--offers", str(quotes))
    assert (ran.code, ran.out) == (2, "")
    assert "no such file" in ran.err
    quotes.write_text("provider,gpu,usd_per_gpu_hour\nzeta,h100_sxm,\n", encoding="utf-8")
    ran = sixnd(capsys, "plan", "8B", "--catalog", mini, "--offers", str(quotes))
    assert ran.code == 2
    assert "quotes.csv:2: usd_per_gpu_hour: is blank" in ran.err
