"""The options of the command: what each is called and says, and how they become a question."""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from optimizer.mfu import CurveError
from problems import ProblemError, Question, load_problem
from problems.document import LONGEST_NAME
from problems.fields import read_choice
from problems.load import key_in_file
from problems.mistakes import keys_of, relabeled, shown
from problems.presets import find_presets
from problems.quantities import QuantityError
from problems.question import question_from

SOLVERS = ("highs", "cbc")
DEFAULT_TIME_LIMIT = "60"
RUN, LIMITS, OFFERS, ASSUMPTIONS = "The run", "Limits and goal", "Offers considered", "Assumptions"
FLEET = "The fleet"

ModelArgument = Annotated[
    str,
    typer.Argument(
        metavar="MODEL",
        help="A size (70B; 8x22B with --active), a preset (llama-3.1-405b) or a problem file.",
        show_default=False,
    ),
]


def _option(help_text: str, metavar: str, *names: str, about: str | None = None) -> Any:
    return typer.Option(
        *names, help=help_text, metavar=metavar, show_default=False, rich_help_panel=about
    )


Tokens = Annotated[
    str | None, _option("Training tokens (default: 20 a parameter).", "1.4T", about=RUN)
]
Active = Annotated[
    str | None, _option("Active parameters of a mixture of experts.", "39B", about=RUN)
]
Precision = Annotated[
    str | None, _option("bf16, fp16 or fp8 (default: bf16, else fp16).", "bf16", about=RUN)
]
SeqLen = Annotated[
    str | None, _option("Tokens in one sequence (default: the preset's, or 4k).", "8k", about=RUN)
]
GlobalBatch = Annotated[str | None, _option("Tokens in one optimizer step.", "4M", about=RUN)]

Deadline = Annotated[
    str | None, _option("Time until the run is done (default: 90d).", "30d", about=LIMITS)
]
MaxGpus = Annotated[str | None, _option("Most GPUs in the fleet.", "2048", about=LIMITS)]
Budget = Annotated[str | None, _option("Most the run may cost, USD.", "5M", about=LIMITS)]
Minimize = Annotated[
    str | None, _option("Make cost or time small (default: cost).", "cost", about=LIMITS)
]

Gpu = Annotated[
    list[str] | None,
    _option("A GPU model, or a family such as H100; repeatable.", "h100_sxm", about=OFFERS),
]
Provider = Annotated[list[str] | None, _option("A provider; repeatable.", "lambda", about=OFFERS)]
Region = Annotated[
    list[str] | None, _option("Part of a region's name; repeatable.", "us-east", about=OFFERS)
]
Pricing = Annotated[
    str | None,
    _option(
        "Any of on_demand, reserved, spot, marketplace (default: on_demand,reserved).",
        "on_demand,spot",
        about=OFFERS,
    ),
]
AnyPricing = Annotated[
    str | None,
    _option("Any of on_demand, reserved, spot, marketplace (default: all).", "spot", about=OFFERS),
]

Mfu = Annotated[
    str | None,
    _option(
        "MFU as a share, or a CSV file with the columns gpus,mfu (default: predicted).",
        "0.42",
        about=ASSUMPTIONS,
    ),
]
TflopsPerGpu = Annotated[
    str | None,
    _option("Useful TFLOP/s of one GPU, instead of an MFU.", "400", about=ASSUMPTIONS),
]
Goodput = Annotated[
    str | None,
    _option(
        "Share of the time that is productive (default: 0.9; 1 with a speed of your own).",
        "0.95",
        about=ASSUMPTIONS,
    ),
]
StackName = Annotated[
    str | None,
    _option("typical, or tuned as a vendor's own (default: typical).", "tuned", about=ASSUMPTIONS),
]
LargestCluster = Annotated[
    list[str] | None,
    _option(
        "Most GPUs of a cluster class, such as neocloud_rdma=1024; repeatable.",
        "CLASS=GPUS",
        about=ASSUMPTIONS,
    ),
]

OneGpu = Annotated[str | None, _option("The GPU model.", "h100_sxm", about=FLEET)]
Gpus = Annotated[str | None, _option("How many GPUs.", "16000", about=FLEET)]
GpusPerNode = Annotated[str | None, _option("GPUs in one node (default: 8).", "8", about=FLEET)]
UsdPerGpuHour = Annotated[
    str | None,
    _option("The price (default: the lowest on sale for so many).", "2", about=FLEET),
]

CatalogFolder = Annotated[
    Path | None,
    _option("A folder with a catalog of your own (default: the shipped one).", "FOLDER"),
]
Quotes = Annotated[
    list[Path] | None,
    _option(
        "A CSV file of your own offers, beside or instead of the catalog's; repeatable.",
        "QUOTES.csv",
        "--offers",
    ),
]
Solver = Annotated[str, _option("The solver, highs or cbc (default: highs).", "highs")]
TimeLimit = Annotated[
    str, _option(f"Seconds the solver may take (default: {DEFAULT_TIME_LIMIT}).", "SECONDS")
]
WriteLp = Annotated[
    Path | None, _option("Also write the integer program, before anything is dropped.", "FILE")
]
Json = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and where a mistake in it is: in an option, or in a key of the problem file."""

    question: Question
    place: Callable[[str], str]

    @contextmanager
    def mistakes_placed(self) -> Iterator[None]:
        """Say of the mistakes found on the way to the answer where they were made."""
        try:
            yield
        except CurveError as error:
            raise ProblemError([self.place(f"mfu: {error}")]) from None
        except ProblemError as error:
            raise ProblemError([self.place(self._of_fleet(m)) for m in error.mistakes]) from None

    def expect_open_fleet(self) -> None:
        """Refuse a question whose fleet is given where the answer would be a fleet."""
        if self.question.fleet is not None:
            what = "the fleet is given and nothing is left to choose; expected a question without"
            raise ProblemError([f"fleet: {what} one; ask `sixnd estimate`"])

    def _of_fleet(self, mistake: str) -> str:
        """The GPU of a given fleet is the fleet's, not one to choose from."""
        given = self.question.fleet is not None and keys_of(mistake) == ["gpu"]
        return f"fleet.{mistake}" if given else mistake


def read_question(model: str, options: Mapping[str, object]) -> Asked:
    """The question of a command line: MODEL or a problem file, options over the file's keys."""
    given = {
        key: _joined(key, value) for key, value in options.items() if value not in (None, (), [])
    }
    given.pop("model", None)
    place: Callable[[str], str] = _in_options
    if _is_file(model):
        place = _placed_in(Path(model).name, given)
        return Asked(load_problem(model, given, place), place)
    try:
        return Asked(question_from({**given, "model": model}), place)
    except ProblemError as error:
        raise ProblemError([place(mistake) for mistake in error.mistakes]) from None


def _joined(key: str, value: object) -> object:
    """Options that repeat as what a problem file would hold; each may hold commas."""
    if not isinstance(value, (list, tuple)):
        return value
    return _sizes(value) if key == "largest_cluster" else ",".join(value)


def names(written: list[str] | None) -> list[str]:
    """The names of an option that repeats, several in one with commas."""
    parts = (part.strip() for one in written or [] for part in one.split(","))
    return [part for part in parts if part]


def _sizes(written: list[str] | tuple[str, ...]) -> dict[str, str]:
    """'class=1024' as {'class': '1024'}."""
    sizes: dict[str, str] = {}
    for pair in written:
        name, found, size = pair.partition("=")
        name = name.strip()
        if not found:
            what = f"--largest-cluster: {shown(pair)} has no '='"
            raise ProblemError([f"{what}; expected a class and its GPUs: neocloud_rdma=1024"])
        if name in sizes:
            what = f"--largest-cluster: {shown(name)} is given more than once"
            raise ProblemError([f"{what}; expected one size; leave out the others"])
        sizes[name] = size
    return sizes


def _is_file(model: str) -> bool:
    """Whether MODEL is a path: it has a file's ending, or is there and is no size or preset."""
    if re.search(r"\.[a-z]{3,4}$", model.strip().lower()):
        return True
    is_name = re.match(r"\s*[-+]?\.?[0-9]", model) or find_presets(model)
    return not is_name and 0 < len(model.strip()) <= LONGEST_NAME and Path(model).exists()


def option_name(field: str) -> str:
    """The option that sets a field of the question; what is no field stays as it is."""
    if field.partition(".")[0] not in Question.model_fields:
        return field
    named = {"model": "MODEL", "fleet": "--gpus"}
    key = field.removeprefix("fleet.")
    return named.get(key, "--" + key.replace("_", "-"))


def _in_options(mistake: str) -> str:
    return relabeled(mistake, option_name)


@contextmanager
def placed_in_options() -> Iterator[None]:
    """Say of mistakes in the fields of a question in which options they were made."""
    try:
        yield
    except ProblemError as error:
        raise ProblemError([_in_options(mistake) for mistake in error.mistakes]) from None


def _placed_in(file: str, given: Mapping[str, object]) -> Callable[[str], str]:
    """Mistakes in the keys of a problem file, or in the options that took their place."""
    fleet = given.get("fleet")
    typed = {f"fleet.{key}" for key in fleet} if isinstance(fleet, Mapping) else set()
    typed |= set(given) - {"fleet"}

    def is_typed(mistake: str, key: str) -> bool:
        # What a command asks for and the file lacks has to come from an option as well.
        lacking = fleet is not None and key.startswith("fleet.") and ": is missing" in mistake
        return key in typed or lacking

    def place(mistake: str) -> str:
        keys = keys_of(mistake)
        own = {key: option_name(key) for key in keys if is_typed(mistake, key)}
        said = relabeled(mistake, lambda key: own.get(key) or key_in_file(key))
        return said if keys and len(own) == len(keys) else f"{file}: {said}"

    return place


def read_solver(written: str) -> str:
    """One of the solvers."""
    try:
        return read_choice(written, SOLVERS)
    except QuantityError as error:
        raise ProblemError([f"--solver: {error}"]) from None


def read_seconds(written: str) -> float:
    """The solver's time limit, seconds."""
    try:
        seconds = float(written)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        what = f"--time-limit: {shown(written)}"
        raise ProblemError([f"{what}; expected a number of seconds above 0, such as 60"])
    return seconds


def check_place(option: str, path: Path) -> None:
    """Refuse a place where no file can be written, before anything is decided."""
    where = f"{option}: {shown(str(path))}"
    if path.is_dir():
        raise ProblemError([f"{where} is a directory; expected a file to write; name one in it"])
    if path.exists() and not path.is_file():
        raise ProblemError([f"{where} is not a regular file; expected a file to write"])
    if not path.parent.is_dir():
        what = f"there is no folder {shown(str(path.parent))}"
        raise ProblemError([f"{where}: {what}; expected a file to write; make the folder first"])
