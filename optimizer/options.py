"""The options of the command: what each is called and says, and how they become a question."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from problems import ProblemError, Question, load_problem
from problems.document import SUFFIXES
from problems.question import question_from

ModelArgument = Annotated[
    str,
    typer.Argument(
        metavar="MODEL",
        help="A size (70B, 8x22B with --active), a preset (llama-3.1-405b) or a problem file.",
        show_default=False,
    ),
]


def _option(help_text: str, metavar: str, *names: str) -> Any:
    return typer.Option(*names, help=help_text, metavar=metavar, show_default=False)


Tokens = Annotated[str | None, _option("Training tokens; default 20 a parameter.", "1.4T")]
Deadline = Annotated[str | None, _option("Time until the run is done; default 90d.", "30d")]
MaxGpus = Annotated[str | None, _option("Most GPUs in the fleet.", "2048")]
Budget = Annotated[str | None, _option("Most the run may cost, USD.", "5M")]
Active = Annotated[str | None, _option("Active parameters of a mixture of experts.", "39B")]
Gpu = Annotated[
    list[str] | None, _option("A GPU model or family (H100); may be repeated.", "h100_sxm")
]
OneGpu = Annotated[str | None, _option("The GPU model of the fleet.", "h100_sxm")]
Provider = Annotated[list[str] | None, _option("A provider; may be repeated.", "lambda")]
Region = Annotated[
    list[str] | None, _option("Part of a region's name; may be repeated.", "us-east")
]
Pricing = Annotated[
    str | None,
    _option(
        "Kinds of price; default on_demand,reserved; also spot, marketplace.", "on_demand,spot"
    ),
]
Precision = Annotated[str | None, _option("Number format: bf16, fp16 or fp8.", "bf16")]
SeqLen = Annotated[str | None, _option("Tokens in one sequence.", "8k")]
GlobalBatch = Annotated[str | None, _option("Tokens in one optimizer step.", "4M")]
Mfu = Annotated[
    str | None, _option("MFU as a share, or a CSV file with the columns gpus,mfu.", "0.42")
]
TflopsPerGpu = Annotated[str | None, _option("Useful TFLOP/s of one GPU, as measured.", "400")]
Goodput = Annotated[
    str | None, _option("Share of the time that is productive; default 0.9.", "0.95")
]
LargestCluster = Annotated[
    list[str] | None,
    _option(
        "Most GPUs of a cluster class, instead of our judgement; may be repeated.",
        "neocloud_rdma=1024",
    ),
]
Minimize = Annotated[str | None, _option("What to make small: cost (default) or time.", "cost")]
Gpus = Annotated[str | None, _option("How many GPUs the fleet has.", "16000")]
GpusPerNode = Annotated[str | None, _option("GPUs in one node; default 8.", "8")]
UsdPerGpuHour = Annotated[str | None, _option("The price; default the lowest on sale.", "2")]
CatalogFolder = Annotated[
    Path | None,
    _option("A catalogue of your own instead of the shipped one.", "FOLDER", "--catalog"),
]
Solver = Annotated[str, typer.Option(help="The solver: highs or cbc.", metavar="highs")]
TimeLimit = Annotated[
    float, typer.Option(help="Seconds the solver may take.", min=0.0, metavar="SECONDS")
]
WriteLp = Annotated[
    Path | None, _option("Also write the integer program, before anything is dropped.", "FILE")
]
Json = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]


def read_question(model: str, options: Mapping[str, object]) -> Question:
    """The question of a command line: MODEL or a problem file, options over the file's keys."""
    given = {key: value for key, value in options.items() if value not in (None, [], {})}
    if "largest_cluster" in given:
        given["largest_cluster"] = _sizes(given["largest_cluster"])
    if _is_file(model):
        return load_problem(model, {key: given[key] for key in given if key != "model"})
    try:
        return question_from({**given, "model": model}, option_name)
    except ProblemError as error:
        raise ProblemError([_in_options(mistake) for mistake in error.mistakes]) from None


def _is_file(model: str) -> bool:
    return model.lower().endswith(SUFFIXES) or "/" in model or Path(model).is_dir()


def _sizes(written: object) -> dict[str, str]:
    """'class=1024' as {'class': '1024'}."""
    sizes = {}
    for pair in written if isinstance(written, list) else []:
        name, found, size = str(pair).partition("=")
        if not found:
            what = f"--largest-cluster: {pair!r} has no '='"
            raise ProblemError([f"{what}; expected a class and its GPUs: neocloud_rdma=1024"])
        sizes[name.strip()] = size
    return sizes


def option_name(field: str) -> str:
    """The option that sets a field of the question."""
    return "MODEL" if field == "model" else "--" + field.replace("_", "-")


def _in_options(mistake: str) -> str:
    """The keys of a given fleet are options of their own."""
    return re.sub(r"--fleet\.(\w+)", lambda found: option_name(found[1]), mistake)
