"""The options of the command: what each is called and says, by subject."""

import inspect
from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer

DEFAULT_TIME_LIMIT = "60"
RUN, LIMITS, OFFERS, ASSUMPTIONS = "The run", "Limits and goal", "Offers considered", "Assumptions"
FLEET = "The fleet"


def option(help_text: str, metavar: str, *names: str, about: str | None = None) -> Any:
    """An option with a value, under its own name or ``names``, in the help's section ``about``."""
    return typer.Option(
        *names, help=help_text, metavar=metavar, show_default=False, rich_help_panel=about
    )


def argument(help_text: str, metavar: str) -> Any:
    """An argument of a command."""
    return typer.Argument(help=help_text, metavar=metavar, show_default=False)


ModelArgument = Annotated[
    str,
    argument(
        "A size (70B, 30B-A3B), a published model by name or Hugging Face id, a config.json "
        "(- reads one from stdin) or a problem file.",
        "MODEL",
    ),
]
Tokens = Annotated[
    str | None, option("Training tokens (default: 20 a parameter).", "1.4T", about=RUN)
]
Active = Annotated[
    str | None, option("Active parameters of a mixture of experts.", "39B", about=RUN)
]
Precision = Annotated[
    str | None,
    option("bf16, fp16, fp8, mxfp8, mxfp4 or nvfp4 (default: bf16, else fp16).", "bf16", about=RUN),
]
SeqLen = Annotated[
    str | None, option("Tokens in one sequence (default: the preset's, or 4k).", "8k", about=RUN)
]
GlobalBatch = Annotated[
    str | None, option("Tokens in one step, whole sequences.", "4194304", about=RUN)
]
Runs = Annotated[
    str | None,
    option("Such runs that follow each other on the same fleet (default: 1).", "12", about=RUN),
]

Deadline = Annotated[
    str | None, option("Time until the run is done (default: 90d).", "30d", about=LIMITS)
]
MaxGpus = Annotated[str | None, option("Most GPUs in the fleet.", "2048", about=LIMITS)]
Budget = Annotated[str | None, option("Most the run may cost, USD.", "5M", about=LIMITS)]
PowerCap = Annotated[
    str | None, option("Most power the fleet may draw, with cooling.", "500kW", about=LIMITS)
]
Confidence = Annotated[
    str | None,
    option("How sure the deadline has to be kept (default: as expected).", "0.9", about=LIMITS),
]
Quota = Annotated[
    list[str] | None,
    option("Most GPUs you may rent of a provider; repeatable.", "aws=512", about=LIMITS),
]
Minimize = Annotated[
    str | None, option("Make cost or time small (default: cost).", "cost", about=LIMITS)
]

Gpu = Annotated[
    list[str] | None,
    option("A GPU model, or a family such as H100; repeatable.", "h100_sxm", about=OFFERS),
]
Provider = Annotated[list[str] | None, option("A provider; repeatable.", "lambda", about=OFFERS)]
Region = Annotated[
    list[str] | None,
    option("US, EU, a country, or part of a region's name; repeatable.", "EU", about=OFFERS),
]
ExcludeGpu = Annotated[
    list[str] | None,
    option("A GPU model or family to leave out; repeatable.", "h100_pcie", about=OFFERS),
]
ExcludeProvider = Annotated[
    list[str] | None, option("A provider to leave out; repeatable.", "vast", about=OFFERS)
]
ExcludeRegion = Annotated[
    list[str] | None, option("Regions to leave out; repeatable.", "US", about=OFFERS)
]
Fabric = Annotated[
    list[str] | None,
    option(
        "A network between nodes: infiniband, efa, roce, ..., or rdma or fast for several; "
        "repeatable.",
        "rdma",
        about=OFFERS,
    ),
]
Capacity = Annotated[
    str | None,
    option(
        "How GPUs may be had: self-serve, approval, quota or contract, each with those before it, "
        "or published: sizes that somebody publishes (default: contract).",
        "self-serve",
        about=OFFERS,
    ),
]
SpotNodes = Annotated[
    str | None, option("Most nodes of a spot fleet (default: 8).", "32", about=OFFERS)
]
Pricing = Annotated[
    str | None,
    option(
        "Any of on_demand, reserved, spot, marketplace, owned (default: on_demand,reserved).",
        "on_demand,spot",
        about=OFFERS,
    ),
]
AnyPricing = Annotated[
    str | None,
    option(
        "Any of on_demand, reserved, spot, marketplace, owned (default: all).",
        "spot",
        about=OFFERS,
    ),
]

Mfu = Annotated[
    str | None,
    option(
        "MFU as a share, 0.42@torchtitan as a framework logs it, or a CSV with gpus,mfu "
        "(default: predicted).",
        "0.42",
        about=ASSUMPTIONS,
    ),
]
TflopsPerGpu = Annotated[
    str | None,
    option(
        "Useful TFLOP/s of one GPU, instead of an MFU; 400@megatron as a framework counts them.",
        "400",
        about=ASSUMPTIONS,
    ),
]
TokensPerSecondPerGpu = Annotated[
    str | None,
    option(
        "Tokens a second of one GPU, instead of an MFU; they need no convention.",
        "3400",
        about=ASSUMPTIONS,
    ),
]
Goodput = Annotated[
    str | None,
    option(
        "Share of the time that is productive (default: by --failures; 1 with your own speed).",
        "0.95",
        about=ASSUMPTIONS,
    ),
]
Failures = Annotated[
    str | None,
    option(
        "Interruptions per 1,000 GPU-days (default: as published of the GPU's generation).",
        "0.8",
        about=ASSUMPTIONS,
    ),
]
StoragePrice = Annotated[
    str | None,
    option("USD per GB and month of storage (default: the provider's).", "0.07", about=ASSUMPTIONS),
]
StackName = Annotated[
    str | None,
    option(
        "Training software: typical, tuned, or one such as megatron or torchtitan (default: any).",
        "NAME",
        about=ASSUMPTIONS,
    ),
]
PilotFile = Annotated[
    str | None,
    option(
        "A CSV of steps that you measured, from which the prediction learns (see `sixnd pilot`).",
        "PILOTS.csv",
        about=ASSUMPTIONS,
    ),
]
LargestCluster = Annotated[
    list[str] | None,
    option(
        "Most GPUs of a cluster class, such as neocloud_rdma=1024; repeatable.",
        "CLASS=GPUS",
        about=ASSUMPTIONS,
    ),
]

OneGpu = Annotated[str | None, option("The GPU model.", "h100_sxm", about=FLEET)]
Gpus = Annotated[str | None, option("How many GPUs.", "16000", about=FLEET)]
GpusPerNode = Annotated[str | None, option("GPUs in one node (default: 8).", "8", about=FLEET)]
UsdPerGpuHour = Annotated[
    str | None,
    option("The price (default: the lowest on sale for so many).", "2", about=FLEET),
]

CatalogFolder = Annotated[
    Path | None,
    option("A folder with a catalog (default: yours if there is one, else ours).", "FOLDER"),
]
Quotes = Annotated[
    list[Path] | None,
    option(
        "A CSV file of your own offers, beside or instead of the catalog's; repeatable.",
        "QUOTES.csv",
        "--offers",
    ),
]
Accept = Annotated[
    list[str] | None,
    option(
        "An offer to take although its price cannot be true, or all; repeatable.",
        "OFFER",
        "--accept",
    ),
]
Fx = Annotated[
    list[str] | None,
    option("Your rate for quotes in a currency: USD of one unit; repeatable.", "EUR=1.09"),
]
SkipUnreadable = Annotated[
    bool,
    typer.Option("--skip-unreadable", help="Leave out quotes that cannot be read, and say which."),
]
Solver = Annotated[str, option("The solver, highs or cbc (default: highs).", "highs")]
TimeLimit = Annotated[
    str, option(f"Seconds the solver may take (default: {DEFAULT_TIME_LIMIT}).", "SECONDS")
]
WriteLp = Annotated[
    Path | None, option("Also write the integer program, before anything is dropped.", "FILE")
]
Template = Annotated[
    bool, typer.Option("--template", help="Print a CSV to fill in with your quotes, for --offers.")
]
Risk = Annotated[
    bool, typer.Option("--risk", help="Also say how sure days and cost are, by random draws.")
]
Draws = Annotated[str | None, option("Draws of --risk (default: 10,000).", "N")]
Seed = Annotated[str | None, option("Where the draws of --risk begin (default: 0).", "N")]
By = Annotated[str, option("What is set side by side: gpu or pricing (default: gpu).", "pricing")]
Json = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]

RUN_OPTIONS: dict[str, Any] = {
    "tokens": Tokens,
    "active": Active,
    "precision": Precision,
    "seq_len": SeqLen,
    "global_batch": GlobalBatch,
}
LIMIT_OPTIONS: dict[str, Any] = {
    "runs": Runs,
    "deadline": Deadline,
    "max_gpus": MaxGpus,
    "budget": Budget,
    "power_cap": PowerCap,
    "confidence": Confidence,
    "quota": Quota,
    "minimize": Minimize,
}
OFFER_OPTIONS: dict[str, Any] = {
    "gpu": Gpu,
    "exclude_gpu": ExcludeGpu,
    "provider": Provider,
    "exclude_provider": ExcludeProvider,
    "region": Region,
    "exclude_region": ExcludeRegion,
    "fabric": Fabric,
    "capacity": Capacity,
    "pricing": Pricing,
    "spot_nodes": SpotNodes,
}
ASSUMED_OPTIONS: dict[str, Any] = {
    "mfu": Mfu,
    "tflops_per_gpu": TflopsPerGpu,
    "tokens_per_second_per_gpu": TokensPerSecondPerGpu,
    "goodput": Goodput,
    "failures": Failures,
    "stack": StackName,
    "pilot": PilotFile,
    "storage_price": StoragePrice,
    "largest_cluster": LargestCluster,
}
CATALOG_OPTIONS: dict[str, Any] = {
    "quotes": Quotes,
    "accept": Accept,
    "fx": Fx,
    "skip_unreadable": SkipUnreadable,
    "catalog": CatalogFolder,
}
SOLVER_OPTIONS: dict[str, Any] = {"solver": Solver, "time_limit": TimeLimit}
QUESTION_OPTIONS = RUN_OPTIONS | LIMIT_OPTIONS | OFFER_OPTIONS | ASSUMED_OPTIONS
RISK_OPTIONS: dict[str, Any] = {"risk": Risk, "draws": Draws, "seed": Seed}
DEFAULTS: dict[str, Any] = {"solver": "highs", "time_limit": DEFAULT_TIME_LIMIT}
DEFAULTS |= {"risk": False, "skip_unreadable": False}


def takes(options: Mapping[str, Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command these options besides its own; it finds them in its context by name.

    Every command that asks a question takes the same two dozen, so they are listed once.
    """

    def add(command: Callable[..., None]) -> Callable[..., None]:
        own = inspect.signature(command, eval_str=True).parameters

        @wraps(command)
        def called(**values: Any) -> None:
            command(**{name: value for name, value in values.items() if name in own})

        more = [
            inspect.Parameter(
                name, inspect.Parameter.KEYWORD_ONLY, default=DEFAULTS.get(name), annotation=kind
            )
            for name, kind in options.items()
        ]
        before = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own.values()]
        parameters = [*before, *more]
        called.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        called.__annotations__ = {p.name: p.annotation for p in parameters}
        return called

    return add
