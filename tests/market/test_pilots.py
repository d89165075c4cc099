"""The user's own measured steps: what they change, how far they carry over, and what is refused."""

import csv
import json
from collections.abc import Sequence
from dataclasses import replace
from math import log
from pathlib import Path

import numpy as np
import pytest
from mini_catalog import sixnd
from step_cases import gpus

from catalog import Precision, load_catalog
from optimizer import best_plan, estimate_fleet
from optimizer.market.pilot_file import Usual, read_pilots
from optimizer.physics.compute import mfu_of
from optimizer.step.machine import HIGHEST_MFU
from optimizer.step.posterior import (
    NOISE,
    Pilot,
    Place,
    informed,
    moved,
    place_of,
    posterior,
    spreads_of,
)
from optimizer.step.practice import NINE_IN_TEN, Practice
from optimizer.step.predict import curve, place_on, predict, setting_of
from optimizer.step.setting import Setting
from problems import ProblemError, load_problem, make_question, shape_of

Capture = pytest.CaptureFixture[str]
HEADER = "gpu,gpus,tokens_per_sec_per_gpu"
SHAPE = shape_of("llama-3.1-8b")
BATCH = 4e6
FASTER = log(1.2)


def place(gpu: str = "h100_sxm", precision: Precision = "bf16", on: int = 256) -> Place:
    """Where steps of an 8B model are on so many GPUs."""
    shape = setting(gpu, precision).shape
    return place_on(shape, gpus()[gpu], precision, 8192).on(on, BATCH)


def setting(
    gpu: str = "h100_sxm", precision: Precision = "bf16", pilots: Sequence[Pilot] = ()
) -> Setting:
    """The steps of an 8B model as they are predicted with these pilots."""
    return setting_of(
        SHAPE,
        gpus()[gpu],
        precision,
        gpus_per_node=8,
        nic_gbps_per_gpu=400.0,
        seq_len=8192,
        global_batch_tokens=BATCH,
        pilots=tuple(pilots),
    )


def change(
    pilots: Sequence[Pilot], gpu: str = "h100_sxm", precision: Precision = "bf16", on: int = 256
) -> tuple[float, float]:
    """By which share the MFU moves, and what share of the range, as a log, is left."""
    before, after = (
        predict(setting(gpu, precision, found), gpus()[gpu], on) for found in ((), pilots)
    )
    widths = [log(one.high / one.low) for one in (before, after)]
    return after.mfu / before.mfu - 1, widths[1] / widths[0]


def test_a_pilot_as_predicted_changes_nothing_but_narrows() -> None:
    """On its own size, on others, and on another part."""
    pilot = (Pilot(place(), 0.0),)
    for gpu, on in (("h100_sxm", 256), ("h100_sxm", 64), ("b200_sxm", 256)):
        moves, left = change(pilot, gpu, on=on)
        assert moves == pytest.approx(0, abs=1e-12)
        assert left < 1


def test_a_faster_pilot_carries_over_less_the_farther_a_step_is_away() -> None:
    """Nearly all to its own size and part, less to others, least to another part and kind."""
    pilot = (Pilot(place(), FASTER),)
    own, own_left = change(pilot)
    size, size_left = change(pilot, on=1024)
    part, part_left = change(pilot, "b200_sxm")
    kind, kind_left = change(pilot, precision="fp8")
    both, both_left = change(pilot, "b200_sxm", "fp8")
    assert 0.13 < own < 0.2
    assert own > size > part > both > 0
    assert own > kind > both
    assert own_left < size_left < part_left < both_left < 1
    assert kind_left < 1


def test_more_rows_narrow_more() -> None:
    """And move nearer to what was measured, never beyond."""
    changes = [change((Pilot(place(), FASTER),) * rows) for rows in (1, 2, 4, 8)]
    moves, left = zip(*changes, strict=True)
    assert list(moves) == sorted(moves)
    assert list(left) == sorted(left, reverse=True)
    assert moves[-1] < 0.2


def test_one_absurd_row_is_outvoted() -> None:
    """Three that agree and one that is out by a factor of five."""
    good = [Pilot(place(on=size), 0.1) for size in (64, 128, 256)]
    without = change(good)[0]
    with_it = change([*good, Pilot(place(on=512), log(0.2))])[0]
    assert abs(with_it - without) < 0.04
    assert with_it > 0


def test_two_rows_that_contradict_each_other_leave_a_wider_range() -> None:
    """Than two that agree on the mean of both."""
    agree = change((Pilot(place(), 0.0),) * 2)[1]
    differ = change((Pilot(place(), 0.3), Pilot(place(), -0.3)))[1]
    assert agree < differ < 1


def test_nothing_comes_above_its_peak() -> None:
    """However fast the pilots: neither a prediction, nor its range, nor a curve."""
    fast = setting(pilots=(Pilot(place(), log(3)),) * 3)
    found = predict(fast, gpus()["h100_sxm"], 64)
    assert found.mfu <= HIGHEST_MFU * (1 + 1e-12)
    assert found.high <= 1
    assert max(mfu for _, mfu in curve(fast, 1024)) <= HIGHEST_MFU * (1 + 1e-12)


def test_a_curve_with_pilots_is_that_of_its_fleets() -> None:
    """Breakpoints follow what the pilots change from size to size."""
    known = setting(pilots=(Pilot(place(on=64), -0.2), Pilot(place("b200_sxm", on=16), 0.1)))
    sizes, shares = zip(*curve(known, 1024), strict=True)
    for on in (64, 128, 512, 1024):
        between = 1 / np.interp(on, sizes, 1 / np.array(shares))
        assert between == pytest.approx(predict(known, gpus()["h100_sxm"], on).mfu, rel=0.01)


def test_far_from_a_slow_pilot_a_larger_fleet_is_not_expected_to_be_faster() -> None:
    """Knowing less there must not look like a reason to rent more."""
    practice = Practice(below=0.3, above=0.3)
    found = moved(practice, practice, [Pilot(place(on=64), -0.2)], place(), BATCH)
    shifts = [one.shift for one in found if one.gpus >= 64]
    assert shifts == sorted(shifts, reverse=True)


def test_without_pilots_practice_is_what_it_was() -> None:
    """And a setting is the same object again: what is remembered by it is not worked out anew."""
    practice = Practice(below=0.3, above=0.2)
    assert informed(practice, practice, (), place(), BATCH) == practice
    assert practice.range_on(64) == (0.3, 0.2)
    assert setting() is setting()
    assert setting(pilots=[Pilot(place(), 0.1)]) is setting(pilots=[Pilot(place(), 0.1)])


@pytest.mark.parametrize("spread", [0.05, 0.3, 0.9])
def test_covariances_are_those_of_something(spread: float) -> None:
    """No variance below zero, whatever is measured and asked."""
    known = spreads_of(Practice(below=spread, above=spread))
    steps = [
        replace(place_of(gpu, kind, False, size, 4096), fleet=float(fleet), scarce=float(fleet % 3))
        for gpu in ("h100_sxm", "b200_sxm")
        for kind in ("dense_16_bit", "dense_8_bit")
        for size in (7e9, 7.2e9, 70e9)
        for fleet in (0, 3, 8)
    ]
    _, covariance = posterior([Pilot(step, 0.1) for step in steps[::4]], steps, known)
    assert np.linalg.eigvalsh(covariance).min() > -1e-9


def written(folder: Path, *rows: str, header: str = HEADER) -> str:
    """The path of a file of pilots with these rows."""
    path = folder / "own.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return str(path)


USUAL = Usual(SHAPE, 8192, BATCH, None, None)


def test_three_columns_are_enough(tmp_path: Path) -> None:
    """All else is as in the question, and the MFU is 6·N·tokens/s over the peak."""
    found = read_pilots(Path(written(tmp_path, "h100_sxm,256,9000")), USUAL, load_catalog())
    (row,) = found
    peak = gpus()["h100_sxm"].peak_bf16_tflops or 0.0
    assert row.mfu == pytest.approx(mfu_of(6 * SHAPE.active_parameters * 9000 / 1e12, peak))
    assert row.predicted == pytest.approx(predict(setting(), gpus()["h100_sxm"], 256).mfu)
    assert row.pilot.place == place()
    assert row.pilot.error == pytest.approx(log(row.mfu / row.predicted))


def test_a_row_may_say_more(tmp_path: Path) -> None:
    """Another model, precision, context, batch and stack than those of the question."""
    header = f"{HEADER},params_b,precision,seq_len,global_batch_seqs,stack,note"
    path = Path(written(tmp_path, "H100 SXM,64,6000,13,fp8,4096,512,megatron,x", header=header))
    (row,) = read_pilots(path, USUAL, load_catalog())
    assert (row.precision, row.pilot.place.length) == ("fp8", 12)
    assert row.pilot.place.size == pytest.approx(np.log2(13e9))
    assert row.pilot.place.kind == "dense_8_bit"


def test_every_mistake_is_told_at_once_with_row_and_column(tmp_path: Path) -> None:
    """What is there, what was expected, and the nearest right word."""
    header = f"{HEADER},precision,stack,kind"
    rows = (
        *("h10_sxm,64,900,,,", "h100_sxm,64,0,,,", "h100_sxm,64,90000,,,", "h100_sxm,64,,,,"),
        *("a100_sxm_80,64,900,fp8,,", "h100_sxm,12,900,,,", "H100,64,900,,,"),
        *("h100_sxm,64,900,,megatrom,", "h100_sxm,64,900,,,production", "rtx_a6000,1,900,,,"),
    )
    with pytest.raises(ProblemError) as refused:
        read_pilots(Path(written(tmp_path, *rows, header=header)), USUAL, load_catalog())
    told = refused.value.mistakes
    speed = "tokens_per_sec_per_gpu"
    columns = ("gpu", speed, speed, speed, "precision", "gpus", "gpu", "stack", "kind", "gpus")
    assert [line.split(": ")[:3] for line in told] == [
        ["pilot", f"own.csv:{at}", column] for at, column in enumerate(columns, 2)
    ]
    assert all("expected" in line for line in told)
    assert "h100_sxm" in told[0]
    assert "MFU of 437%" in told[2]
    assert "did you mean 'megatron'" in told[7]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is empty"),
        (f"{HEADER}\n", "no rows"),
        ("gpu,gpus\nh100_sxm,8\n", "column 'tokens_per_sec_per_gpu' is missing"),
        (f"{HEADER},sequence_len\nh100_sxm,8,1,2\n", "did you mean 'seq_len'"),
        (f"{HEADER}\n" + "h100_sxm,64,9000\n" * 101, "at most 100 rows"),
        (f"{HEADER}\n" + "#" * 1_000_001, "expected at most 1 MB"),
    ],
)
def test_a_file_that_is_none_is_refused(tmp_path: Path, text: str, says: str) -> None:
    """Before anything is worked out."""
    path = tmp_path / "own.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ProblemError, match=says):
        read_pilots(path, USUAL, load_catalog())


def test_a_missing_file_a_folder_and_another_speed(tmp_path: Path, capsys: Capture) -> None:
    """Each is a line on stderr and exit code 2."""
    (tmp_path / "folder.csv").mkdir()
    path = written(tmp_path, "h100_sxm,64,900")
    for words, says in (
        (("--pilot", str(tmp_path / "no.csv")), "no such file"),
        (("--pilot", str(tmp_path / "folder.csv")), "is a directory"),
        (("--pilot", "own.txt"), "expected a .csv file"),
        (("--pilot", path, "--mfu", "0.4"), "--pilot, --mfu: both say how fast"),
    ):
        ran = sixnd(capsys, "plan", "70B", *words)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.startswith("error: --pilot")
        assert says in ran.err
    ran = sixnd(capsys, "afford", "--budget", "1M", "--pilot", path)
    assert ran.code == 2
    assert "pilots are of one model" in ran.err


def test_a_problem_file_names_pilots_beside_it(tmp_path: Path) -> None:
    """The path is read from the folder of the file."""
    file = tmp_path / "ask.toml"
    file.write_text('[run]\nmodel = "8B"\n[assumptions]\npilot = "own.csv"\n', encoding="utf-8")
    assert load_problem(file).pilot == str(tmp_path / "own.csv")


def test_plan_and_estimate_say_the_same_of_pilots(tmp_path: Path) -> None:
    """The fleet of the plan, estimated: its MFU, and that before and after."""
    path = written(tmp_path, "h100_sxm,64,11000", "h100_sxm,128,10800")
    asked = {"model": "llama-3.1-8b", "tokens": "1T", "pilot": path}
    answer = best_plan(make_question(**asked, deadline="30d", gpu="h100_sxm"))
    assert answer.plan is not None
    assert answer.pilot is not None
    offer = next(o for o in load_catalog().offers if o.offer == answer.plan.offer)
    fleet = {"gpu": "h100_sxm", "gpus": answer.plan.gpus}
    found = estimate_fleet(make_question(**asked, fleet=fleet, pricing=offer.pricing))
    assert found.pilot is not None
    assert answer.plan.mfu == pytest.approx(answer.pilot.mfu_after)
    for key in ("mfu_before", "mfu_after", "shift"):
        mine, other = getattr(answer.pilot, key), getattr(found.pilot, key)
        assert mine == pytest.approx(other, rel=0.01, abs=0.002)
    before, after = answer.pilot.range_before, answer.pilot.range_after
    assert log(after.high / after.low) < log(before.high / before.low)


def test_the_answer_says_what_pilots_changed(tmp_path: Path, capsys: Capture) -> None:
    """A line in the text, the same as shares in the JSON, and a plan that passes its check."""
    path = written(tmp_path, "h100_sxm,64,11000")
    words = ("plan", "llama-3.1-8b", "--tokens", "1T", "--deadline", "30d", "--gpu", "h100_sxm")
    ran = sixnd(capsys, *words, "--pilot", path, "--confidence", "0.9")
    assert ran.code == 0
    assert "  pilot" in ran.out
    assert "1 row: MFU" in ran.out
    data = json.loads(sixnd(capsys, *words, "--pilot", path, "--json").out)
    pilot = data["pilot"]
    assert pilot["rows"] == 1
    assert pilot["mfu_after"] == pytest.approx(data["plan"]["mfu"])
    assert pilot["range_after"] == data["plan"]["mfu_range"]
    assert pilot["shift"] == pytest.approx(pilot["mfu_after"] / pilot["mfu_before"] - 1)
    assert json.loads(sixnd(capsys, *words, "--json").out)["pilot"] is None


def test_what_to_measure(tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cheap runs that narrow the plan, as text of 80 columns, as JSON and as a file to fill in."""
    monkeypatch.setenv("COLUMNS", "80")
    words = ("pilot", "70B", "--deadline", "60d", "--gpu", "H100", "--gpu", "H200")
    file = tmp_path / "to_fill.csv"
    ran = sixnd(capsys, *words, "-o", str(file))
    assert ran.code == 0
    assert ran.out.startswith("Three short runs narrow this decision most.")
    assert max(map(len, ran.out.splitlines()[:-1])) <= 80
    data = json.loads(sixnd(capsys, *words, "--json").out)
    assert len(data["pilots"]) == 3
    assert all(run["hours"] >= 0.5 and run["nodes"] <= 16 for run in data["pilots"])
    assert data["pilots_cost_usd"] == pytest.approx(sum(run["cost_usd"] for run in data["pilots"]))
    assert data["pilots_cost_usd"] < 0.02 * data["cost_usd"]
    widths = [
        log(span["high"] / span["low"])
        for span in (data["range_before"], *(run["range_after"] for run in data["pilots"]))
    ]
    assert widths == sorted(widths, reverse=True)
    assert data["spread_after"] < data["spread_before"]
    filled = fill(file, data["mfu"])
    again = json.loads(sixnd(capsys, *words, "--pilot", filled, "--json").out)
    assert log(again["range_before"]["high"] / again["range_before"]["low"]) < widths[0]


def fill(file: Path, mfu: float) -> str:
    """The template with speeds of about that MFU in its last column."""
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    for row in rows:
        peak = gpus()[row["gpu"]].peak_bf16_tflops or 0.0
        row["tokens_per_sec_per_gpu"] = f"{mfu * peak * 1e12 / (6 * 70e9):.0f}"
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return str(file)


def test_nothing_to_measure(capsys: Capture, tmp_path: Path) -> None:
    """Without a plan exit code 1; with a speed that is given, or no place for the file, 2."""
    ran = sixnd(capsys, "pilot", "8B", "--deadline", "1h", "--gpu", "a6000")
    assert ran.code == 1
    ran = sixnd(capsys, "pilot", "8B", "--mfu", "0.4")
    assert ran.code == 2
    assert "error: --mfu: the speed is given" in ran.err
    ran = sixnd(capsys, "pilot", "8B", "-o", str(tmp_path))
    assert ran.code == 2
    assert "--template" in ran.err


def test_the_shift_of_a_pilot_is_what_is_left_of_its_error() -> None:
    """By hand for one row: variance shared over variance shared and noise."""
    practice = Practice(below=0.3, above=0.3)
    known, at = spreads_of(practice), place()
    prior = float(posterior([], [at], known)[1][0, 0])
    assert prior == pytest.approx((0.3 / NINE_IN_TEN) ** 2 - NOISE**2)
    mean, covariance = posterior([Pilot(at, 0.1)], [at], known)
    kept = prior / (prior + NOISE**2)
    assert mean[0] == pytest.approx(0.1 * kept, rel=1e-3)
    assert covariance[0, 0] == pytest.approx(prior * (1 - kept), rel=1e-3)
