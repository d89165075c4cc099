"""`sixnd export`: what is written, what is refused, and that a refusal leaves nothing behind."""

import json
import re
import subprocess
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from launch_cases import JOB, LAUNCH, MIXTURE, RACK, SHARDED, job, laid_out
from mini_catalog import Ran, sixnd, write_mini

from optimizer.report.data.answer import launch_data, layout_data
from optimizer.report.launch.choices import Choices
from optimizer.report.launch.job import NAME
from optimizer.report.launch.refusal import ExportError
from optimizer.report.launch.slurm import duration, segment_of
from optimizer.report.launch.targets import TARGETS

Capture = pytest.CaptureFixture[str]
SCRIPTS = ("megatron", "bridge", "torchtitan", "slurm")


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The miniature catalog, its providers called as launchers know them."""
    folder = write_mini(tmp_path_factory.mktemp("mini"))
    for path in folder.glob("*.csv"):
        text = (
            path.read_text(encoding="utf-8").replace("alpha,", "aws,").replace("beta,", "oracle,")
        )
        path.write_text(text, encoding="utf-8")
    return folder


def asked(capsys: Capture, catalog: Path, *options: str, model: str = "llama-3.1-70b") -> Ran:
    """The export of a plan of the miniature catalog."""
    given = () if model.endswith(".json") else ("--catalog", str(catalog), "--deadline", "60d")
    return sixnd(capsys, "export", model, *given, *options)


@pytest.fixture
def answer(capsys: Capture, catalog: Path, tmp_path: Path) -> Path:
    """An answer as --json prints it, with a layout in whole numbers."""
    ran = sixnd(
        capsys, "plan", "llama-3.1-70b", "--deadline", "60d", "--catalog", str(catalog), "--json"
    )
    data = json.loads(ran.out)
    data["plan"] |= {"gpus": 512, "nodes": 64, "layout": asdict(LAUNCH)}
    return save(tmp_path / "answer.json", data)


def save(path: Path, data: Any) -> Path:
    """The data as a file."""
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


# From a question, a saved answer, a given fleet


def test_a_question_becomes_a_script(capsys: Capture, catalog: Path) -> None:
    """The header says the command, the plan, its price and its date."""
    ran = asked(capsys, catalog, "--to", "slurm")
    assert ran.code == 0
    top = [line for line in ran.out.splitlines() if line.startswith("# ")]
    assert top[0] == "# sixnd export llama-3.1-70b --deadline 60d --to slurm"
    assert top[1].startswith("# plan: llama-3.1-70b on 1.4T tokens, ")
    assert "USD per GPU-hour, read 2026-1" in top[2]


@pytest.mark.parametrize("target", TARGETS)
def test_a_saved_answer_becomes_what_it_would_have(
    capsys: Capture, answer: Path, target: str
) -> None:
    """Whatever the target: all that is needed is in it."""
    ran = asked(capsys, answer, "--to", target, model=str(answer))
    assert (ran.code, ran.out[:1]) == (0, "#")
    assert f"# sixnd export answer.json --to {target}" in ran.out


def test_an_answer_without_a_plan_is_told(capsys: Capture, tmp_path: Path) -> None:
    """Nothing is made of nothing."""
    none: dict[str, object] = {"question": {}, "plan": None, "reasons": [{}]}
    path = save(tmp_path / "no.json", none)
    ran = asked(capsys, path, "--to", "slurm", model=str(path))
    assert (ran.code, ran.out) == (2, "")
    assert "no.json: plan: none exists for this question, as its reasons say" in ran.err
    path = save(tmp_path / "none.json", {"question": {}})
    ran = asked(capsys, path, "--to", "slurm", model=str(path))
    assert (ran.code, ran.out) == (2, "")
    assert "none.json: plan: is missing; expected the answer of a plan or an estimate" in ran.err


def test_an_answer_that_contradicts_itself_is_told(capsys: Capture, answer: Path) -> None:
    """A fleet, a node or a model of another size than the layout's."""
    whole = json.loads(answer.read_text(encoding="utf-8"))
    for at, key, value, what in (
        ("plan", "gpus", 0, "plan.gpus: 0; expected 1 or more"),
        ("plan", "gpus", 520, "GPUs and 0 idle, 520 in plan.gpus"),
        ("plan", "gpus_per_node", 0, "plan.gpus_per_node: 0; expected 1 or more"),
        ("shape", "layers", 0, "question.shape.layers: 0; expected 1 or more"),
        ("shape", "heads", 0, "question.shape.heads: 0; expected 1 or more"),
    ):
        data = json.loads(json.dumps(whole))
        place = data["plan"] if at == "plan" else data["question"]["shape"]
        place[key] = value
        ran = asked(capsys, save(answer, data), "--to", "slurm", model=str(answer))
        assert (ran.code, ran.out) == (2, "")
        assert what in ran.err


def test_a_batch_script_lasts_as_long_as_nine_runs_of_ten(capsys: Capture, answer: Path) -> None:
    """Not only half of them."""
    plan = json.loads(answer.read_text(encoding="utf-8"))["plan"]
    ran = asked(capsys, answer, "--to", "slurm", model=str(answer))
    days, rest = re.search(r"--time=(\d+)-(\S+)", ran.out).groups()  # type: ignore[union-attr]
    hours, minutes, seconds = map(int, rest.split(":"))
    told = int(days) + hours / 24 + minutes / 1440 + seconds / 86_400
    assert told == pytest.approx(plan["days_range"]["high"] - plan["lead_days"], abs=2 / 86_400)


@pytest.mark.parametrize("target", TARGETS)
def test_a_saved_estimate_becomes_what_its_fleet_would(
    capsys: Capture, catalog: Path, tmp_path: Path, target: str
) -> None:
    """As the same fleet asked for, but for the command at the top."""
    fleet = ("llama-3.1-70b", "--gpu", "h100_sxm", "--gpus", "512", "--catalog", str(catalog))
    estimate = sixnd(capsys, "estimate", *fleet, "--json")
    path = save(tmp_path / "e.json", json.loads(estimate.out))
    told = asked(capsys, path, "--to", target, model=str(path))
    fresh = sixnd(capsys, "export", *fleet, "--to", target)
    written = [line for line in told.out.splitlines() if "# sixnd export" not in line]
    assert written == [line for line in fresh.out.splitlines() if "# sixnd export" not in line]
    assert told.err.replace("e.json: ", "") == fresh.err


@pytest.mark.parametrize(
    ("key", "value", "what"),
    [
        ("tensor", "8", "plan.layout.tensor: '8'; expected a whole number"),
        ("tensor", 7, "plan.layout: 512 GPUs, 448 by its other numbers; expected them to agree"),
        ("idle", 8, "plan.layout: 512 GPUs and 8 idle, 512 in plan.gpus; expected them to agree"),
        ("interleave", 3, "plan.layout: "),
        ("shard", 7, "plan.layout: "),
        ("seq_len", 0, "plan.layout: holds a 0; expected numbers from 1"),
        ("micro_batch", True, "plan.layout.micro_batch: 'True'; expected a whole number"),
        ("recompute", "all", "plan.layout.recompute: 'all'; expected none, selective or full"),
        ("split", [1.5], "plan.layout.split: '[1.5]'; expected a list of whole numbers"),
        ("gpus", 1e400, "plan.layout.gpus: 'inf'; expected a whole number"),
    ],
)
def test_a_changed_answer_is_told_by_its_key(
    capsys: Capture, answer: Path, key: str, value: object, what: str
) -> None:
    """With its file, and what to do."""
    data = json.loads(answer.read_text(encoding="utf-8"))
    data["plan"]["layout"][key] = value
    ran = asked(capsys, save(answer, data), "--to", "megatron", model=str(answer))
    assert (ran.code, ran.out) == (2, "")
    assert f"answer.json: {what}" in ran.err


def test_a_question_beside_an_answer_is_refused(capsys: Capture, answer: Path) -> None:
    """It would change nothing."""
    ran = asked(capsys, answer, "--to", "slurm", "--tokens", "1T", model=str(answer))
    assert ran.code == 2
    assert "--tokens: the answer in answer.json is to a question already" in ran.err


def test_a_given_fleet_has_no_provider(capsys: Capture, catalog: Path) -> None:
    """Any cloud will do."""
    ran = asked(
        capsys,
        catalog,
        "--gpu",
        "h100_sxm",
        "--gpus",
        "64",
        "--to",
        "skypilot",
        "--pricing",
        "spot",
    )
    assert ran.code == 0
    assert "accelerators: H100:8" in ran.out
    assert "infra:" not in ran.out


# Refusals leave nothing behind


@pytest.mark.parametrize(
    ("options", "what"),
    [
        (("--to", "pbs"), "--to: unknown choice 'pbs'; expected one of megatron"),
        (("--to", "slurm", "--start", "nemo"), "--start: unknown choice 'nemo'"),
        (("--to", "slurm", "--kubernetes", "x"), "--kubernetes: --to slurm runs on no Kubernetes"),
        (("--to", "dstack", "--kubernetes", "a b"), "--kubernetes: 'a b'; expected a context"),
    ],
)
def test_what_cannot_be_written_is_told(
    capsys: Capture, catalog: Path, tmp_path: Path, options: tuple[str, ...], what: str
) -> None:
    """In a line, with exit code 2 and no file."""
    path = tmp_path / "run.yaml"
    ran = asked(capsys, catalog, *options, "-o", str(path))
    assert (ran.code, ran.out) == (2, "")
    assert what in ran.err
    assert list(tmp_path.glob("run*")) == []


@pytest.mark.parametrize(
    ("target", "provider", "what"),
    [
        (
            "skypilot",
            "coreweave",
            "provider: SkyPilot does not know coreweave; expected one of aws",
        ),
        ("skypilot", "crusoe", "SkyPilot does not know crusoe"),
        ("dstack", "together", "provider: dstack does not know together"),
        ("dstack", "own", "dstack does not know servers of your own"),
    ],
)
def test_a_provider_that_a_launcher_does_not_know_is_told(
    target: str, provider: str, what: str
) -> None:
    """With the ways round."""
    with pytest.raises(ExportError, match=what) as told:
        TARGETS[target](job(provider=provider), Choices())
    assert "--kubernetes CONTEXT" in str(told.value)
    assert "--to slurm" in str(told.value)


def test_nebius_has_platforms_and_presets() -> None:
    """SkyPilot joins the two with '_', dstack with a blank."""
    one = job(provider="nebius", regions=(), instance_type="gpu-h100-sxm_8gpu-128vcpu-1600gb")
    sky, fleet = ("".join(TARGETS[to](one, Choices()).values()) for to in ("skypilot", "dstack"))
    assert "instance_type: gpu-h100-sxm_8gpu-128vcpu-1600gb\n" in sky
    assert "gpu-h100-sxm 8gpu-128vcpu-1600gb" in fleet


@pytest.mark.parametrize("target", ["skypilot", "dstack"])
def test_a_cluster_of_kubernetes_is_the_way_round(target: str) -> None:
    """Whoever's it is; a machine's name is no matter there."""
    one = job(provider="coreweave", instance_type="")
    written = "".join(TARGETS[target](one, Choices(kubernetes="cw")).values())
    assert "k8s/cw" in written or "kubernetes" in written
    assert "regions" not in written


@pytest.mark.parametrize(
    ("target", "changed", "what"),
    [
        ("skypilot", {"gpu": "b300_sxm", "provider": "runpod"}, "expected it at aws, verda"),
        ("dstack", {"gpu": "trainium2"}, "gpu: dstack has no name for"),
        ("slurm", {"gpu": "tpu_v5p"}, "are not machines that Slurm runs"),
        ("skypilot", {"gpu": "tpu_v5p", "nodes": 231, "gpus_per_node": 4}, "expected 896 or 960"),
        ("skypilot", {"gpu": "tpu_v7"}, "expected one of tpu_v5e, tpu_v5p, tpu_v6e"),
        ("dstack", {"gpu": "tpu_v6e"}, "dstack names no slice of 512"),
    ],
)
def test_a_part_without_a_name_is_told(target: str, changed: dict[str, Any], what: str) -> None:
    """With what the launcher has."""
    with pytest.raises(ExportError, match=what):
        TARGETS[target](job(**changed), Choices())


def test_files_are_written_together_or_not_at_all(
    capsys: Capture, answer: Path, tmp_path: Path
) -> None:
    """dstack's two: where one cannot be, the other is not."""
    path = tmp_path / "run.yaml"
    ran = asked(capsys, answer, "--to", "dstack", "-o", str(path), model=str(answer))
    assert ran.code == 0
    assert {p.name for p in tmp_path.glob("run*")} == {"run.yaml", "run-fleet.yaml"}
    path.unlink()
    (tmp_path / "run-fleet.yaml").unlink()
    (tmp_path / "run-fleet.yaml").mkdir()
    ran = asked(capsys, answer, "--to", "dstack", "-o", str(path), model=str(answer))
    assert ran.code == 2
    assert not path.exists()


@pytest.mark.parametrize("target", ["megatron", "torchtitan", "bridge"])
def test_arguments_need_a_layout(target: str) -> None:
    """Of whole numbers; clouds and batch schedulers go without."""
    with pytest.raises(ExportError, match="layout: none of whole numbers is known on 512 GPUs"):
        TARGETS[target](job(launch=None), Choices())
    assert "no layout of whole numbers" in TARGETS["slurm"](job(launch=None), Choices())[""]


# What is in them


@pytest.mark.parametrize("target", SCRIPTS)
def test_scripts_are_shell(target: str) -> None:
    """bash reads each without running it."""
    for one in (JOB, job(launch=SHARDED), job("qwen3-30b-a3b", launch=MIXTURE, nodes=8)):
        text = TARGETS[target](one, Choices())[""]
        ran = subprocess.run(
            ["bash", "-n"], input=text, text=True, capture_output=True, check=False
        )
        assert ran.stderr == ""


def test_a_model_cannot_end_a_comment() -> None:
    """Its name stays on the header's line."""
    one = job(command="sixnd export 'x\nrm -rf /' --to slurm")
    text = TARGETS["slurm"](one, Choices())[""]
    assert "\nrm" not in text
    assert r"x\nrm -rf /" in text


@pytest.mark.parametrize("model", ["70B", "8B", "llama-3.1-405b", "mt-nlg-530b"])
def test_names_pass_both_launchers(model: str) -> None:
    """They begin with a letter and have no dot."""
    one = job(model)
    assert NAME.fullmatch(one.named("train"))
    assert NAME.fullmatch(one.named("fleet"))


def test_steps_hold_all_tokens() -> None:
    """A whole number, not one too few."""
    batch = LAUNCH.sequences * LAUNCH.seq_len
    assert job(tokens=batch * 1000.0).steps == 1000
    assert job(tokens=batch * 1000.0 + 1).steps == 1001


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(0, "0-00:00:00"), (59, "0-00:00:59"), (93_784, "1-02:03:04"), (2_592_000, "30-00:00:00")],
)
def test_a_duration_as_slurm_reads_it(seconds: int, written: str) -> None:
    """Days, hours, minutes, seconds."""
    assert duration(seconds) == written


@pytest.mark.parametrize(
    ("nodes", "launch", "segment"),
    [
        (27, RACK, 9),
        (48, None, 16),
        (27, None, None),
        (32, laid_out(gpus=128, gpus_per_node=4, tensor=4, pipeline=32, data=1), 16),
    ],
)
def test_a_segment_divides_the_nodes(nodes: int, launch: Any, segment: int | None) -> None:
    """One replica where it fits a rack, else 16; none where neither divides."""
    one = job(gpu="gb200_nvl72", gpus_per_node=4, nodes=nodes, launch=launch)
    assert segment_of(one) == segment
    text = TARGETS["slurm"](one, Choices())[""]
    assert (f"#SBATCH --segment={segment}\n" in text) is (segment is not None)
    assert "#SBATCH --segment" not in TARGETS["slurm"](one, Choices(segment=False))[""]


def test_other_parts_have_no_segment() -> None:
    """Only racks are blocks."""
    assert segment_of(JOB) is None


def test_nodes_that_train_nothing_leave() -> None:
    """They are rented, and end at once; Slurm is asked for the others alone."""
    one = job(nodes=66, launch=laid_out(idle=16))
    assert 'if [ "$SKYPILOT_NODE_RANK" -ge 64 ]' in TARGETS["skypilot"](one, Choices())[""]
    assert "#SBATCH --nodes=64\n" in TARGETS["slurm"](one, Choices())[""]


def test_spot_capacity_is_asked_for_and_recovered() -> None:
    """Where that is what the plan rents."""
    one = job(pricing="spot")
    assert "use_spot: true" in TARGETS["skypilot"](one, Choices())[""]
    task, fleet = TARGETS["dstack"](one, Choices()).values()
    assert "spot_policy: spot" in task
    assert "spot_policy: spot" in fleet


def test_the_price_of_a_machine_is_a_limit() -> None:
    """Of eight GPUs at 3.933 USD."""
    assert "max_price: 31.47\n" in TARGETS["dstack"](JOB, Choices())["-fleet"]


@pytest.mark.parametrize(
    ("changed", "recipe", "said"),
    [
        ({}, "llama3_70b_pretrain_64gpu_h100_bf16_config", "the nearest"),
        ({"precision": "fp8"}, "llama3_70b_pretrain_64gpu_h100_fp8cs_config", "the nearest"),
        (
            {"launch": laid_out(gpus=64, tensor=4, context=2, data=2), "nodes": 8},
            "llama3_70b_pretrain_64gpu_h100_bf16_config",
            "is for 64 h100_sxm\n",
        ),
    ],
)
def test_a_recipe_is_named(changed: dict[str, Any], recipe: str, said: str) -> None:
    """That of the model, the precision and the part, nearest in size."""
    text = TARGETS["bridge"](job(**changed), Choices())[""]
    assert f"--recipe {recipe} " in text
    assert said in text


def test_a_recipe_is_told_what_differs() -> None:
    """Degrees that are its own are not repeated; a layout is quoted for Hydra and the shell."""
    launch = laid_out(gpus=384, tensor=4, pipeline=3, data=32, split=(27, 27, 26))
    text = TARGETS["bridge"](job(launch=launch), Choices())[""]
    assert "model.tensor_model_parallel_size" not in text
    assert "model.pipeline_model_parallel_size=3" in text
    assert "model.virtual_pipeline_model_parallel_size=null" in text
    assert "(t*27|)*" not in text.split("--recipe", maxsplit=1)[0]


def test_a_recipe_that_predicts_more_tokens_is_told_not_to() -> None:
    """DeepSeek-V3's trains one more layer, which a layout of the plan has no place for."""
    launch = laid_out(gpus=512, tensor=2, pipeline=16, data=16, split=(3,) + 14 * (4,) + (2,))
    text = TARGETS["bridge"](job("deepseek-v3", launch=launch), Choices())[""]
    assert "model.mtp_num_layers=null" in text
    assert "mtp" not in TARGETS["bridge"](job(), Choices())[""]


def test_a_model_without_a_recipe_is_told() -> None:
    """With what takes any shape."""
    with pytest.raises(ExportError, match="ships no recipe of 70B"):
        TARGETS["bridge"](job("70B"), Choices())


def test_an_answer_says_the_layout() -> None:
    """The keys that README lists."""
    launch = launch_data(LAUNCH)
    assert launch is not None
    assert launch["global_batch_sequences"] == 1024
    assert launch["data_parallel"] == 16
    assert launch["flags"] == []
    assert launch_data(None) is None
    layout = layout_data(LAUNCH)
    assert layout is not None
    assert layout["sharding"] == "distributed optimizer"
    assert layout["tensor"] == 8
    assert layout_data(None) is None
