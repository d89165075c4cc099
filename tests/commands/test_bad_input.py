"""Wrong input: exit code 2, a line that says where, what and what to do, and nothing else."""

from collections.abc import Callable
from pathlib import Path

import pytest
from mini_catalog import MINI, Ran, sixnd, write_mini

Capture = pytest.CaptureFixture[str]
LONG = "x" * 5_000
FILES = {
    "good.toml": '[run]\nmodel = "8B"\n[limits]\ndeadline = "30d"\n',
    "empty.toml": "",
    "broken.toml": "[run\n",
    "twice.toml": '[run]\nmodel = "8B"\nmodel = "70B"\n',
    "twice.yaml": "run:\n  model: 8B\n  model: 70B\n",
    "unknown.toml": '[run]\nmodel = "8B"\n[limits]\ndedline = "30d"\n',
    "unknown.yaml": "run:\n  modle: 8B\n",
    "deep.toml": "x = " + "[" * 5_000,
    "deep.yaml": "[" * 3_000,
    "names.toml": '[run]\nmodel = "8B"\n[offers]\ngpu = "H1000"\n',
    "curve.toml": '[run]\nmodel = "8B"\n[assumptions]\nmfu = "nowhere.csv"\n',
    "fleet.toml": '[run]\nmodel = "8B"\n[fleet]\ngpu = "H100"\ngpus = 64\n',
    "notes.txt": "8B",
    "header.csv": "gpus,mfu\n",
    "one.csv": "gpus,mfu\n8,0.4\n",
    "unsorted.csv": "gpus,mfu\n64,0.4\n8,0.3\n",
    "columns.csv": "a,b\n1,2\n",
    "share.csv": "gpus,mfu\n8,0.4\n16,40\n",
    "nothing.csv": "",
}
# Arguments, and what the message has to say.
TABLE: list[tuple[list[str], list[str]]] = [
    # The use of the command itself.
    (["plan"], ["missing argument 'MODEL'", "sixnd plan --help"]),
    (["plam", "8B"], ["no such command 'plam'", "'plan'"]),
    (["plan", "8B", "--deadlin", "3d"], ["no such option: --deadlin", "--deadline"]),
    (["plan", "8B", "30d"], ["unexpected extra argument", "30d"]),
    (["plan", "8B", "--mfu"], ["'--mfu' requires an argument"]),
    (["plan", "8B", "--tokens", "1T", "--tokens", "2T"], ["--tokens: is given more than once"]),
    (["gpus", "H100"], ["unexpected extra argument"]),
    # Models.
    (["plan", ""], ["MODEL: is empty", "70B"]),
    (["plan", "0"], ["MODEL: '0' is not above zero"]),
    (["plan", "--", "-8B"], ["MODEL: '-8B' is not above zero"]),
    (["plan", "nan"], ["MODEL: unknown preset 'nan'"]),
    (["plan", "inf"], ["MODEL: unknown preset 'inf'"]),
    (["plan", "1e400"], ["MODEL: '1e400' is out of range", "1e15 parameters"]),
    (["plan", "70"], ["MODEL: '70' is out of range"]),
    (["plan", "70X"], ["MODEL: '70X': unknown unit 'x'"]),
    (["plan", "9" * 5_000], ["MODEL: '999", "is out of range"]),
    (["plan", LONG], ["MODEL: unknown preset 'xxx", "..."]),
    (["plan", "lama-2-7b"], ["nearest: llama-2-7b"]),
    (["plan", "llama"], ["fits several presets; say which: llama-2-13b"]),
    (["plan", "somebody/Llama-3.1-70B"], ["unknown preset", "nearest: llama-3.1-70b"]),
    (["plan", "8x22B"], ["MODEL, --active: '8x22B' is a mixture of experts", "mixtral-8x22b"]),
    (["plan", "mixtral-8x7b", "--active", "5B"], ["--active: 5,000,000,000 of", "2 of 8 experts"]),
    (["plan", "llama-3.1-8b", "--active", "3B"], ["--active: 'llama-3.1-8b' is dense"]),
    (
        ["plan", "8B", "--global-batch", "1e18"],
        ["--global-batch: one batch is more than the 160,"],
    ),
    (["plan", "8B", "--active", "9B"], ["--active: 9,000,000,000 is more than"]),
    (["plan", "1000", "--tokens", "1000"], ["MODEL, --tokens: 6·N·D = 6e+06 FLOP is under"]),
    (["plan", "\x1b[31m8B"], [r"'\x1b[31m8B'"]),
    (["plan", "[bold]8B[/bold]"], ["[bold]8B[/bold]"]),
    # Quantities.
    (["plan", "8B", "--tokens", "0"], ["--tokens: '0' is not above zero", "1.4T"]),
    (["plan", "8B", "--tokens", "-1T"], ["--tokens: '-1T' is not above zero"]),
    (["plan", "8B", "--tokens", "nan"], ["--tokens: 'nan' is not a quantity"]),
    (["plan", "8B", "--tokens", "1e400"], ["--tokens: '1e400' is out of range"]),
    (["plan", "8B", "--tokens", ""], ["--tokens: '' is not a quantity"]),
    (["plan", "8B", "--deadline", "0"], ["--deadline: '0' is not above zero"]),
    (["plan", "8B", "--deadline", "5m"], ["--deadline: '5m'", "minutes or months?"]),
    (["plan", "8B", "--deadline", "30 dayz"], ["--deadline:", "did you mean 'day'?"]),
    (["plan", "8B", "--deadline", "1000y"], ["--deadline: '1000y' is out of range"]),
    (["plan", "8B", "--max-gpus", "0"], ["--max-gpus: '0' is not above zero"]),
    (["plan", "8B", "--max-gpus", "3.5"], ["--max-gpus: '3.5' is not whole"]),
    (["plan", "8B", "--budget", "€5M"], ["--budget: '€5M' is in '€'", "convert it to USD"]),
    (["plan", "8B", "--budget", "-5"], ["--budget: '-5' is not above zero"]),
    (["plan", "8B", "--seq-len", "0"], ["--seq-len: '0' is not above zero"]),
    (["plan", "8B", "--goodput", "2"], ["--goodput: '2' is out of range"]),
    (["plan", "8B", "--tflops-per-gpu", "1e9"], ["--tflops-per-gpu: '1e9' is out of range"]),
    (
        ["plan", "8B", "--tokens", "0", "--deadline", "0", "--mfu", "2"],
        ["--tokens: '0'", "--deadline: '0'", "--mfu: '2'"],
    ),
    # Contradictions.
    (
        ["plan", "8B", "--mfu", "0.4", "--tflops-per-gpu", "400"],
        ["--mfu, --tflops-per-gpu: both say how fast a GPU is"],
    ),
    (["plan", "8B", "--seq-len", "8k", "--global-batch", "4k"], ["--global-batch: a batch of"]),
    (["plan", "8B", "--tokens", "1M", "--global-batch", "4M"], ["--global-batch: one batch"]),
    # Names.
    (["plan", "8B", "--gpu", "H1000"], ["--gpu: unknown GPU 'H1000'", "H100", "sixnd gpus"]),
    (["plan", "8B", "--gpu", "H1000", "--gpu", "B1000"], ["'H1000'", "'B1000'"]),
    (["plan", "8B", "--gpu", ""], ["--gpu: '' has an empty name"]),
    (["plan", "8B", "--gpu", LONG], ["--gpu: unknown GPU 'xxx"]),
    (["plan", "8B", "--gpu", "a\nerror: b"], [r"'a\nerror: b'"]),
    (["plan", "8B", "--provider", "alfa"], ["--provider: unknown provider 'alfa'", "'alpha'?"]),
    (["plan", "8B", "--provider", LONG], ["--provider: unknown provider 'xxx", "alpha, beta"]),
    (["plan", "8B", "--region", "mars"], ["--region: unknown region 'mars'", "us-east"]),
    (["plan", "8B", "--pricing", "on-demnd"], ["--pricing:", "did you mean 'on_demand'?"]),
    (["plan", "8B", "--precision", "fp9"], ["--precision: unknown choice 'fp9'", "'fp8'?"]),
    (["plan", "8B", "--minimize", "money"], ["--minimize: unknown choice 'money'", "cost, time"]),
    (["plan", "8B", "--solver", "gurobi"], ["--solver: unknown choice 'gurobi'", "highs, cbc"]),
    (["plan", "8B", "--time-limit", "0"], ["--time-limit: '0'", "seconds above 0"]),
    (["plan", "8B", "--time-limit", "nan"], ["--time-limit: 'nan'"]),
    (["plan", "8B", "--time-limit", "soon"], ["--time-limit: 'soon'"]),
    (["plan", "8B", "--largest-cluster", "contract"], ["--largest-cluster: 'contract' has no '='"]),
    (["plan", "8B", "--largest-cluster", "kontract=8"], ["unknown cluster class", "'contract'?"]),
    (["plan", "8B", "--largest-cluster", "contract=0"], ["--largest-cluster: '0' is not above"]),
    # MFU and its files.
    (["plan", "8B", "--mfu", "1.5"], ["--mfu: '1.5' is out of range", "0.42 for 42 %"]),
    (["plan", "8B", "--mfu", "0"], ["--mfu: '0' is out of range"]),
    (["plan", "8B", "--mfu", "fast"], ["--mfu: 'fast' is no MFU"]),
    (["plan", "8B", "--mfu", "missing.csv"], ["--mfu: missing.csv: cannot be read"]),
    (["plan", "8B", "--mfu", "nothing.csv"], ["--mfu: nothing.csv", "gpus and mfu"]),
    (["plan", "8B", "--mfu", "header.csv"], ["--mfu: header.csv", "two or more rows"]),
    (["plan", "8B", "--mfu", "one.csv"], ["--mfu: one.csv", "two or more rows"]),
    (["plan", "8B", "--mfu", "unsorted.csv"], ["--mfu: unsorted.csv:3: gpus: '8'"]),
    (["plan", "8B", "--mfu", "columns.csv"], ["--mfu: columns.csv:1", "gpus and mfu"]),
    (["plan", "8B", "--mfu", "share.csv"], ["--mfu: share.csv:3: mfu: '40'", "a share"]),
    (
        ["plan", "8B", "--mfu", "folder.csv"],
        ["--mfu: folder.csv: is no regular file"],
    ),
    (["plan", "8B", "--mfu", "huge.csv"], ["--mfu: huge.csv: larger than 1 MB"]),
    # Problem files.
    (["plan", "god.toml"], ["god.toml: no such file; did you mean 'good.toml'?"]),
    (["plan", "nowhere/good.toml"], ["no folder 'nowhere' either"]),
    (["plan", LONG + ".toml"], ["no such file", "..."]),
    (["plan", "folder"], ["folder: is a directory"]),
    (["plan", "notes.txt"], ["notes.txt: unknown ending '.txt'", ".toml, .yaml"]),
    (["plan", "empty.toml"], ["empty.toml: is empty; expected at least [run]"]),
    (["plan", "broken.toml"], ["broken.toml:1: is not TOML"]),
    (["plan", "binary.toml"], ["binary.toml:1: is not UTF-8 text"]),
    (["plan", "huge.toml"], ["huge.toml: 100 MB; expected at most 1 MB"]),
    (["plan", "twice.toml"], ["twice.toml:3", "stands twice; keep one"]),
    (["plan", "twice.yaml"], ["twice.yaml:3", "'model' stands twice"]),
    (["plan", "deep.toml"], ["deep.toml: nested too deeply"]),
    (["plan", "deep.yaml"], ["deep.yaml: nested too deeply"]),
    (["plan", "unknown.toml"], ["unknown key 'limits.dedline'; did you mean 'deadline'?"]),
    (["plan", "unknown.yaml"], ["unknown key 'run.modle'", "unknown.yaml: run.model: is missing"]),
    (["plan", "names.toml"], ["names.toml: offers.gpu: unknown GPU 'H1000'"]),
    (["plan", "curve.toml"], ["curve.toml: assumptions.mfu: nowhere.csv: cannot be read"]),
    (["plan", "fleet.toml"], ["fleet.toml: fleet.gpu: 'H100' names several GPU models"]),
    (["plan", "good.toml", "--gpu", "H1000"], ["error: --gpu: unknown GPU 'H1000'"]),
    (["plan", "good.toml", "--deadline", "0"], ["error: --deadline: '0' is not above zero"]),
    (["plan", "fleet.toml", "--gpu", "H100"], ["fleet.toml: fleet, --gpu: the fleet decides"]),
    (["plan", "fleet.toml", "--write-lp", "x.lp"], ["nothing is left to choose"]),
    (["compare", "fleet.toml"], ["nothing is left to choose", "sixnd estimate"]),
    # Where the program is to be written.
    (["plan", "8B", "--write-lp", "nowhere/x.lp"], ["--write-lp: 'nowhere/x.lp'", "no folder"]),
    (["plan", "8B", "--write-lp", "folder"], ["--write-lp: 'folder' is a directory"]),
    (["plan", "8B", "--write-lp", ""], ["--write-lp: '.' is a directory"]),
    # The other commands.
    (["estimate", "8B"], ["--gpu: is missing", "--gpus: is missing"]),
    (["estimate", "good.toml"], ["error: --gpu: is missing", "error: --gpus: is missing"]),
    (["estimate", "8B", "--gpu", "h100_sxm", "--gpus", "0"], ["--gpus: '0' is not above zero"]),
    (
        ["estimate", "8B", "--gpu", "H100", "--gpus", "8"],
        ["--gpu: 'H100' names several GPU models; say which: h100_pcie, h100_sxm"],
    ),
    (
        ["estimate", "8B", "--gpu", "h100_sxm", "--gpus", "8", "--tflops-per-gpu", "5000"],
        ["--tflops-per-gpu: 5000 TFLOP/s is above the dense bf16 peak", "at most 1000"],
    ),
    (
        ["estimate", "8B", "--gpu", "a100_sxm_80", "--gpus", "8", "--precision", "fp8"],
        ["--precision: a100_sxm_80 has no fp8 peak"],
    ),
    (["ask"], ["missing argument", "QUESTION"]),
    (["ask", ""], ["no model", "understood are"]),
    (["ask", "8B without H100"], ["not understood: 'without'"]),
    (["ask", "8B in 0 days"], ["deadline: '0 days' is not above zero"]),
    (["ask", "8B on H1000"], ["not understood: 'on H1000'", "'h100' for 'H1000'"]),
    (["ask", LONG], ["5,000 characters; expected at most 2,000"]),
    (["gpus", "--gpu", "H1000"], ["--gpu: unknown GPU 'H1000'"]),
    (["offers", "--pricing", "dear"], ["--pricing: unknown choice 'dear'"]),
    (["offers", "--provider", "gamma"], ["--provider: unknown provider 'gamma'"]),
]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> Callable[..., Ran]:
    """Run the command in a folder of bad files, on the miniature catalog."""
    mini = write_mini(tmp_path / "mini")
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "binary.toml").write_bytes(bytes(range(128, 256)))
    for name in ("folder", "folder.csv"):
        (tmp_path / name).mkdir()
    for name in ("huge.toml", "huge.csv"):
        with (tmp_path / name).open("wb") as file:
            file.truncate(100_000_000)
    monkeypatch.chdir(tmp_path)
    return lambda *words: sixnd(capsys, words[0], "--catalog", str(mini), *words[1:])


def id_of(arguments: object) -> str:
    """The command as typed, cut short."""
    return " ".join(map(str, arguments))[:60] if isinstance(arguments, list) else ""


@pytest.mark.parametrize(("arguments", "fragments"), TABLE, ids=id_of)
def test_bad_input(
    run: Callable[..., Ran], tmp_path: Path, arguments: list[str], fragments: list[str]
) -> None:
    """Exit 2, every mistake said in lines of 'error: ...', stdout empty, nothing written."""
    before = sorted(tmp_path.iterdir())
    ran = run(*arguments)
    assert (ran.code, ran.out) == (2, "")
    for fragment in fragments:
        assert fragment in ran.err
    mistakes = ran.err.partition("\n\n")[0].splitlines()
    assert mistakes
    assert all(line.startswith("error: ") and len(line) < 2_100 for line in mistakes)
    assert all(line.isprintable() for line in ran.err.splitlines())
    assert "Traceback" not in ran.err
    assert sorted(tmp_path.iterdir()) == before


def test_json_changes_nothing_about_mistakes(run: Callable[..., Ran]) -> None:
    """Text on stderr and an empty stdout, so that no half answer is parsed."""
    assert run("plan", "8B", "--tokens", "0", "--json") == run("plan", "8B", "--tokens", "0")


@pytest.mark.parametrize(
    ("file", "text", "fragments"),
    [
        ("offers.csv", "", ["offers.csv: is empty"]),
        ("offers.csv", MINI["offers.csv"] + "a,b\n", ["offers.csv:8: row: has 2 cells"]),
        (
            "offers.csv",
            MINI["offers.csv"] + MINI["offers.csv"].splitlines()[1] + "\n",
            ["offers.csv:8: offer", "already on line 2"],
        ),
        ("gpus.csv", None, ["gpus.csv: no such file"]),
    ],
    ids=["empty", "broken row", "duplicate", "missing"],
)
def test_bad_catalogs(
    capsys: Capture, tmp_path: Path, file: str, text: str | None, fragments: list[str]
) -> None:
    """A catalog with a mistake answers nothing."""
    folder = write_mini(tmp_path / "mini")
    (folder / file).unlink()
    if text is not None:
        (folder / file).write_text(text, encoding="utf-8")
    for command in (["plan", "8B"], ["compare", "8B"], ["gpus"], ["offers"], ["ask", "8B"]):
        ran = sixnd(capsys, *command, "--catalog", str(folder))
        assert (ran.code, ran.out) == (2, "")
        assert all(fragment in ran.err for fragment in fragments)


def test_no_catalog_there(capsys: Capture, tmp_path: Path) -> None:
    """A folder that does not exist, and a file in its place."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    for name in ("nowhere", "file"):
        ran = sixnd(capsys, "gpus", "--catalog", str(tmp_path / name))
        assert (ran.code, ran.out) == (2, "")
        assert f"{name}: no such folder" in ran.err


def test_marks_and_line_ends_of_windows_are_fine(
    capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A byte order mark and CRLF, in problem files, curves and catalogs."""
    monkeypatch.chdir(tmp_path)
    folder = write_mini(tmp_path / "mini")
    for file, text in MINI.items():
        (folder / file).write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    (tmp_path / "ask.toml").write_bytes(b'\xef\xbb\xbf[run]\r\nmodel = "8B"\r\n')
    (tmp_path / "mfu.csv").write_bytes(b"\xef\xbb\xbfgpus,mfu\r\n8,0.4\r\n64,0.39\r\n")
    ran = sixnd(capsys, "plan", "ask.toml", "--mfu", "mfu.csv", "--catalog", str(folder))
    assert (ran.code, ran.err) == (0, "")


def test_a_folder_named_like_a_size_is_no_problem_file(
    capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """People keep their checkpoints in 8B/."""
    monkeypatch.chdir(tmp_path)
    folder = write_mini(tmp_path / "mini")
    (tmp_path / "8B").mkdir()
    assert sixnd(capsys, "plan", "8B", "--catalog", str(folder)).code == 0
