"""Questions from Python and from problem files: what is read, and every mistake told at once."""

import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from problems import Fleet, ProblemError, Question, load_problem, make_question, shape_of
from problems.load import SECTIONS
from problems.question import FLEET_ROWS, ROWS

SHIPPED = sorted(
    path
    for path in Path(__file__).parents[2].joinpath("problems").iterdir()
    if path.suffix in (".toml", ".yaml")
)


def mistakes_of(**fields: object) -> list[str]:
    """What is wrong with these fields."""
    with pytest.raises(ProblemError) as caught:
        make_question("question", **fields)
    return caught.value.mistakes


def write(folder: Path, text: str, name: str = "plan.toml") -> Path:
    """A problem file with this text."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def load_mistakes(path: Path) -> list[str]:
    """What is wrong with this file."""
    with pytest.raises(ProblemError) as caught:
        load_problem(path)
    return caught.value.mistakes


def test_what_people_write_is_stored_in_known_units() -> None:
    """Hours, USD, tokens, shares."""
    q = make_question(
        "question",
        model="8x22B",
        active="39B",
        tokens="1.4T",
        precision="BF16",
        seq_len="8k",
        global_batch="4M",
        deadline="30d",
        max_gpus="2k",
        budget="$5M",
        gpu="h100_sxm, A100",
        provider=["aws", "aws", "gcp"],
        pricing="on-demand, Spot",
        mfu="42%",
        goodput=0.95,
        largest_cluster={"ethernet": "512"},
    )
    assert (q.model, q.active, q.tokens, q.precision) == ("8x22B", 39e9, 1.4e12, "bf16")
    assert (q.seq_len, q.global_batch, q.deadline) == (8192, 4e6, 720)
    assert (q.max_gpus, q.budget) == (2000, 5e6)
    assert (q.gpu, q.provider) == (("h100_sxm", "A100"), ("aws", "gcp"))
    assert q.pricing == ("on_demand", "spot")
    assert (q.mfu, q.goodput, q.largest_cluster) == (0.42, 0.95, {"ethernet": 512})


def test_only_the_model_is_needed() -> None:
    """Everything else stays open, for the answer to state as assumptions."""
    q = make_question("question", model="70B")
    assert q.minimize == "cost"
    assert all(getattr(q, key) is None for key in ("tokens", "deadline", "budget", "mfu", "fleet"))
    assert q.gpu == q.provider == q.pricing == q.region == ()


def test_a_number_is_a_model_size() -> None:
    """TOML and Python write 70_000_000_000 without quotes."""
    assert make_question("question", model=70_000_000_000).model == "70B"


def test_a_fleet_is_read_like_the_rest() -> None:
    """A table of the file or a Fleet, both do."""
    fleet = {"gpu": "h100_sxm", "gpus": "16k", "usd_per_gpu_hour": "$2"}
    q = make_question("question", model="405B", fleet=fleet)
    assert q.fleet == Fleet(gpu="h100_sxm", gpus=16000, usd_per_gpu_hour=2.0, gpus_per_node=8)
    assert make_question("question", model="405B", fleet=q.fleet) == q


def test_questions_do_not_change() -> None:
    """Frozen: a plan can hold on to its question."""
    q = make_question("question", model="70B")
    with pytest.raises(ValidationError):
        q.deadline = 1.0  # type: ignore[misc]


def test_all_mistakes_at_once() -> None:
    """Nine mistakes, nine lines; each names its key and none speaks of pydantic."""
    found = mistakes_of(
        deadine="30d",
        deadline="30 dayz",
        budget="€5M",
        max_gpus=0,
        mfu=42,
        pricing="on-demnd",
        precision="fp9",
        fleet={"gpu": "h100", "gpuz": 3},
    )
    text = "\n".join(found)
    for words in (
        "question: model: is missing",
        "unknown key 'deadine'; did you mean 'deadline'?",
        "question: deadline: '30 dayz': unknown unit 'dayz'; expected a duration",
        "question: budget: '€5M' is in '€'; expected an amount in USD",
        "question: max_gpus: 0 is not above zero",
        "question: mfu: 42 is out of range; expected a share",
        "did you mean 'on_demand'?",
        "question: precision: unknown choice 'fp9'",
        "question: fleet.gpus: is missing",
        "unknown key 'fleet.gpuz'",
    ):
        assert words in text
    assert "pydantic" not in text
    assert "validation" not in text
    assert "[type=" not in text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"mfu": 0.4, "tflops_per_gpu": 400}, "mfu, tflops_per_gpu: both"),
        ({"active": "100B"}, "active: 100,000,000,000 is more than"),
        ({"fleet": {"gpu": "a", "gpus": 8}, "gpu": "h100"}, "fleet, gpu: the fleet decides"),
        ({"fleet": {"gpu": "a", "gpus": 8}, "max_gpus": 8}, "fleet, max_gpus: the fleet"),
        ({"fleet": {"gpu": "a", "gpus": 8}, "region": "EU", "runs": 3}, "fleet, region, runs: the"),
        ({"seq_len": "8k", "global_batch": "4k"}, "does not hold one sequence"),
        ({"tokens": "1M", "global_batch": "4M"}, "more than the 1,000,000 tokens"),
        ({"model": "lama-2-7b"}, "model: unknown preset 'lama-2-7b'"),
        ({"model": "8x22B"}, "model, active: '8x22B' is a mixture of experts"),
    ],
)
def test_contradictions(fields: dict[str, object], words: str) -> None:
    """Keys that are fine alone and impossible together."""
    (mistake,) = mistakes_of(**{"model": "70B", **fields})
    assert mistake.startswith("question: ")
    assert words in mistake


@pytest.mark.parametrize(
    "fields",
    [
        {"gpu": 5}, {"gpu": [1]}, {"gpu": "a,,b"}, {"gpu": {"a": 1}}, {"model": ""},
        {"model": None}, {"model": True}, {"name": 3}, {"mfu": "fast"}, {"mfu": True},
        {"goodput": 0}, {"goodput": float("nan")}, {"tflops_per_gpu": "x"}, {"fleet": 3},
        {"tflops_per_gpu": True}, {"largest_cluster": [1]}, {"largest_cluster": {"a": 0}},
        {"minimize": "money"}, {"deadline": []}, {"seq_len": 1.5},
        {"fleet": {"gpu": "", "gpus": 1}},
    ],
)  # fmt: skip
def test_wrong_types_are_told_in_words(fields: dict[str, object]) -> None:
    """One mistake each, naming the key and what was expected."""
    (mistake,) = mistakes_of(**{"model": "70B", **fields})
    assert next(iter(fields)) in mistake
    assert "expected" in mistake


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_shipped_problems_load(path: Path) -> None:
    """Each says its one idea in the first line and asks a sound question."""
    assert path.read_text(encoding="utf-8").startswith("# ")
    question = load_problem(path)
    assert question.name
    if isinstance(question.mfu, str):
        assert Path(question.mfu).is_file()


def test_the_well_known_case_says_its_numbers() -> None:
    """The first line of llama_3_1_405b.toml follows from the rest of it: C = 6·N·D."""
    path = next(path for path in SHIPPED if path.name == "llama_3_1_405b.toml")
    q = load_problem(path)
    assert q.tokens
    assert q.fleet
    assert q.fleet.usd_per_gpu_hour
    assert isinstance(q.tflops_per_gpu, float)
    flop = 6 * shape_of(q.model).active_parameters * q.tokens
    gpu_hours = flop / (q.tflops_per_gpu * 1e12) / 3600
    days, usd = gpu_hours / q.fleet.gpus / 24, gpu_hours * q.fleet.usd_per_gpu_hour
    said = path.read_text(encoding="utf-8").splitlines()[0]
    assert f"{flop / 1e25:.2f}e25 FLOP, {days:.1f} days, {usd / 1e6:.2f} million USD" in said


def test_every_field_has_one_place_in_a_file() -> None:
    """A field added to the question and forgotten in the sections fails here."""
    placed = [key for section, keys in SECTIONS.items() if section != "fleet" for key in keys]
    assert sorted([*placed, "fleet"]) == sorted(Question.model_fields)
    assert set(SECTIONS["fleet"]) == set(Fleet.model_fields)


def test_every_key_is_in_the_readme() -> None:
    """The documentation covers what the files accept."""
    readme = SHIPPED[0].with_name("README.md").read_text(encoding="utf-8")
    for section, keys in SECTIONS.items():
        assert f"[{section}]" in readme or not section
        for key in keys:
            assert f"`{key}`" in readme


@pytest.mark.parametrize("field", [key for key, row in ROWS.items() if row.unit])
def test_the_readme_says_the_unit_that_is_stored(field: str) -> None:
    """The last cell of the key's line is the row's unit."""
    readme = SHIPPED[0].with_name("README.md").read_text(encoding="utf-8")
    (line,) = [line for line in readme.splitlines() if line.split(" | ")[1:2] == [f"`{field}`"]]
    assert line.rstrip(" |").rpartition(" | ")[2].startswith(ROWS[field].unit)


def test_every_field_says_what_it_is() -> None:
    """The description is what an error message expects."""
    for row in [*ROWS.values(), *FLEET_ROWS.values()]:
        assert row.what


def test_toml_and_yaml_ask_the_same(tmp_path: Path) -> None:
    """Two notations, one path after the parser."""
    toml = write(
        tmp_path, '[run]\nmodel="70B"\n[limits]\ndeadline="30d"\n[offers]\ngpu=["a","b"]\n'
    )
    text = "run:\n  model: 70B\nlimits:\n  deadline: 30d\noffers:\n  gpu: [a, b]\n"
    for name in ("plan.yaml", "plan.YML"):
        assert load_problem(write(tmp_path, text, name)) == load_problem(toml)


def test_file_mistakes_name_file_section_and_key(tmp_path: Path) -> None:
    """Values, unknown keys and sections, and keys in the wrong place, in one report."""
    path = write(
        tmp_path,
        """deadline = "30 dayz"
nmae = "x"
[run]
model = "70B"
tokns = 3
budget = "5M"
[limitz]
x = 1
[assumptions]
mfu = 0.4
tflops_per_gpu = 400
""",
    )
    text = "\n".join(load_mistakes(path))
    for words in (
        "plan.toml: key 'deadline' belongs in [limits]",
        "plan.toml: limits.deadline: '30 dayz'",
        "plan.toml: unknown key 'nmae'; did you mean 'name'?",
        "plan.toml: unknown key 'run.tokns'; did you mean 'tokens'?",
        "plan.toml: key 'budget' belongs in [limits], not in [run]",
        "plan.toml: unknown key 'limitz'; did you mean 'limits'?",
    ):
        assert words in text


def test_contradictions_name_the_keys_of_the_file(tmp_path: Path) -> None:
    """The keys are said with their section."""
    path = write(tmp_path, "[run]\nmodel='70B'\n[assumptions]\nmfu=0.4\ntflops_per_gpu=400\n")
    (mistake,) = load_mistakes(path)
    assert mistake.startswith("plan.toml: assumptions.mfu, assumptions.tflops_per_gpu: both")


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("plan.toml", "[run]\nmodel = 70B\n", "plan.toml:2: is not TOML"),
        ("plan.toml", "[run]\nmodel='a'\nmodel='b'\n", "plan.toml:3: is not TOML"),
        ("plan.toml", "x = " + "[" * 3000, "plan.toml"),
        ("plan.toml", "x = " + "9" * 5000, "plan.toml: is not TOML"),
        ("plan.toml", "\n \n", "is empty"),
        ("plan.toml", "run = 3\n", "run: 3 is not a section; expected [run]"),
        ("plan.yaml", "run:\n  model: a\n  model: b\n", "plan.yaml:3: is not YAML: key 'model'"),
        ("plan.yaml", "run: [\n", "is not YAML"),
        ("plan.yaml", "- a\n- b\n", "holds one list"),
        ("plan.yaml", "a: !!python/object/apply:os.system [ls]\n", "plan.yaml:1: is not YAML"),
        ("plan.yaml", "a: 2026-13-45\n", "plan.yaml: is not YAML"),
        ("plan.yaml", "a: 1\n---\nb: 2\n", "is not YAML"),
        ("plan.yaml", "a: \x00\n", "is not YAML"),
        ("plan.yaml", "[" * 30_000, "plan.yaml"),
        ("plan.yaml", "? [a, b]\n: 1\n", "plan.yaml"),
        ("plan.yaml", "1: 2\n", "unknown key '1'"),
        ("plan.json", "{}", "unknown ending '.json'; expected a problem file in .toml"),
    ],
)
def test_broken_files_are_told_in_words(tmp_path: Path, name: str, text: str, words: str) -> None:
    """File, line where the parser knows it, and what is wrong; never a traceback."""
    assert words in "\n".join(load_mistakes(write(tmp_path, text, name)))


def test_yaml_aliases_do_not_blow_up_the_report(tmp_path: Path) -> None:
    """A billion laughs in a field that wants text are one short line."""
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"{b}: &{b} [{', '.join([f'*{a}'] * 10)}]" for a, b in zip("abcdefgh", "bcdefghi")]  # noqa: B905
    path = write(tmp_path, "\n".join([*lines, "run:\n  model: *i\n"]), "plan.yaml")
    assert len("\n".join(load_mistakes(path))) < 5_000


def test_missing_files_name_the_nearest(tmp_path: Path) -> None:
    """A typing mistake in the path is as likely as one in the file."""
    write(tmp_path, "", "seventy.toml")
    assert "did you mean 'seventy.toml'" in load_mistakes(tmp_path / "sevnty.toml")[0]
    assert "no folder" in load_mistakes(tmp_path / "nowhere" / "x.toml")[0]
    assert "is a directory" in load_mistakes(tmp_path)[0]


def test_large_files_are_refused_before_reading(tmp_path: Path) -> None:
    """A hundred sparse megabytes take no memory and no time."""
    path = tmp_path / "plan.toml"
    with path.open("wb") as file:
        file.truncate(100_000_000)
    assert "100 MB; expected at most 1 MB" in load_mistakes(path)[0]


def test_encodings(tmp_path: Path) -> None:
    """A byte order mark and Windows line ends are fine, other encodings are not."""
    path = tmp_path / "plan.toml"
    path.write_bytes('\ufeff[run]\r\nmodel = "70B"\r\n'.encode())
    assert load_problem(path).model == "70B"
    path.write_bytes('# a\n# é\n[run]\nmodel = "70B"\n'.encode("latin-1"))
    assert "plan.toml:2: is not UTF-8" in load_mistakes(path)[0]
    path.write_bytes("[run]".encode("utf-16"))
    assert "is not UTF-8" in load_mistakes(path)[0]


def test_mfu_files_are_looked_for_beside_the_problem(tmp_path: Path) -> None:
    """A problem and its curve move together."""
    path = write(tmp_path, "[run]\nmodel='70B'\n[assumptions]\nmfu='curve.csv'\n")
    assert load_problem(path).mfu == str(tmp_path / "curve.csv")
    absolute = tmp_path / "elsewhere" / "curve.csv"
    write(tmp_path, f"[run]\nmodel='70B'\n[assumptions]\nmfu='{absolute}'\n")
    assert load_problem(path).mfu == str(absolute)


def test_empty_sections_ask_nothing(tmp_path: Path) -> None:
    """A YAML section whose keys are all commented out is no mistake."""
    path = write(tmp_path, "run:\n  model: 70B\n  tokens:\nlimits:\n", "plan.yaml")
    assert load_problem(path) == make_question("", model="70B")


def test_import_is_cheap() -> None:
    """`sixnd --help` needs neither pydantic nor YAML."""
    code = (
        "import sys, problems, problems.presets; problems.ProblemError;"
        "print([m for m in ('pydantic', 'yaml') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
