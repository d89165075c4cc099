"""What every function of ``sixnd`` may be told by keyword: type, meaning, unit, default, example.

The names are the fields of a question, which a problem file spells the same, and their values are
read as there: a number, or a text as people write it. None means not given.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from os import PathLike
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple, TypedDict

if TYPE_CHECKING:
    from catalog import Catalog


class Keyword(NamedTuple):
    """What a keyword means; the unit is that of a bare number."""

    about: str
    example: str
    default: str = ""
    unit: str = ""


# A number in the unit that the keyword names, or a text such as "70B", "30d" or "$5M".
Quantity = str | float
# One name, several in one text with commas, or several names.
Names = str | Iterable[str]
# Names, each with a number of GPUs.
GpusByName = Mapping[str, Quantity]
FilePath = str | PathLike[str]
# A size, a published model, the path of a config.json or of a problem file; or a size in
# parameters, or what a config.json holds.
Model = str | float | Mapping[str, object] | PathLike[str]


class RunKeywords(TypedDict, total=False):
    """The training run."""

    name: Annotated[str | None, Keyword("a title for reports", '"Llama, spring"', "none")]
    tokens: Annotated[
        Quantity | None, Keyword("training tokens", '"1.4T"', "20 a parameter", "tokens")
    ]
    precision: Annotated[
        str | None,
        Keyword(
            "number format: bf16, fp16, fp8, mxfp8, mxfp4 or nvfp4", '"fp8"', "bf16, else fp16"
        ),
    ]
    seq_len: Annotated[
        Quantity | None,
        Keyword("tokens in one sequence", '"8k"', "the published model's, or 4k", "tokens"),
    ]
    global_batch: Annotated[
        Quantity | None,
        Keyword("tokens in one optimizer step, whole sequences", "4194304", "by rule", "tokens"),
    ]


class SizeKeywords(TypedDict, total=False):
    """What a size alone does not say."""

    active: Annotated[
        Quantity | None,
        Keyword(
            "active parameters of a mixture of experts", '"39B"', "the model's own", "parameters"
        ),
    ]


class LimitKeywords(TypedDict, total=False):
    """Limits and goal."""

    runs: Annotated[
        Quantity | None,
        Keyword("such runs that follow each other on the same fleet", "12", "1", "runs"),
    ]
    deadline: Annotated[
        Quantity | None,
        Keyword("time from signature until the run is done", '"30d"', "90 days", "days"),
    ]
    max_gpus: Annotated[
        Quantity | None, Keyword("most GPUs in the fleet", "2048", "no limit", "GPUs")
    ]
    budget: Annotated[
        Quantity | None, Keyword("most that all runs may cost", '"$5M"', "no limit", "USD")
    ]
    power_cap: Annotated[
        Quantity | None,
        Keyword("most power the fleet may draw, with cooling", '"500kW"', "no limit", "kW"),
    ]
    confidence: Annotated[
        Quantity | None,
        Keyword("how sure the deadline has to be kept", "0.9", "as expected", "share of 1"),
    ]
    quota: Annotated[
        GpusByName | None,
        Keyword("most GPUs you may rent of each provider", '{"aws": 512}', "no limit", "GPUs"),
    ]
    minimize: Annotated[
        Literal["cost", "time"] | None, Keyword("what is made small", '"time"', "cost")
    ]


class PricingKeywords(TypedDict, total=False):
    """Ways to pay."""

    pricing: Annotated[
        Names | None,
        Keyword(
            "kinds of price: on_demand, reserved, spot, marketplace, owned",
            '["on_demand", "spot"]',
            "on_demand and reserved",
        ),
    ]


class OfferKeywords(PricingKeywords, total=False):
    """The offers that are considered."""

    gpu: Annotated[Names | None, Keyword("GPU models or families", '["H100", "b200_sxm"]', "all")]
    exclude_gpu: Annotated[
        Names | None, Keyword("GPU models or families to leave out", '"h100_pcie"', "none")
    ]
    provider: Annotated[Names | None, Keyword("providers", '["aws", "lambda"]', "all")]
    exclude_provider: Annotated[Names | None, Keyword("providers to leave out", '"vast"', "none")]
    region: Annotated[
        Names | None, Keyword("US, EU, a country, or part of a region's name", '"EU"', "all")
    ]
    exclude_region: Annotated[
        Names | None, Keyword("regions to leave out, named the same way", '"US"', "none")
    ]
    fabric: Annotated[
        Names | None,
        Keyword("networks between nodes: infiniband, efa, rdma, fast, ...", '"rdma"', "all"),
    ]
    capacity: Annotated[
        str | None,
        Keyword(
            "how GPUs may be had: self_serve, approval, quota or contract, each with those before "
            "it, or published: sizes that somebody publishes",
            '"self_serve"',
            "contract",
        ),
    ]
    spot_nodes: Annotated[
        Quantity | None, Keyword("most nodes of a spot fleet", "32", "8", "nodes")
    ]


class AssumedKeywords(TypedDict, total=False):
    """Assumptions in the place of the catalog's and the prediction's."""

    mfu: Annotated[
        Quantity | PathLike[str] | None,
        Keyword(
            "MFU by 6·N·D over the dense peak, a framework's (0.42@torchtitan), or a CSV file with "
            "gpus and mfu",
            "0.42",
            "predicted",
            "share of 1",
        ),
    ]
    tflops_per_gpu: Annotated[
        Quantity | None,
        Keyword(
            "useful speed of one GPU, or a framework's (400@megatron)",
            "400",
            "predicted",
            "TFLOP/s",
        ),
    ]
    tokens_per_second_per_gpu: Annotated[
        Quantity | None,
        Keyword("tokens that one GPU trains on in a second", "3400", "predicted", "tokens/s"),
    ]
    goodput: Annotated[
        Quantity | None,
        Keyword("share of the time that is productive", "0.95", "by failures", "share of 1"),
    ]
    failures: Annotated[
        Quantity | None,
        Keyword("interruptions", "0.8", "as published of the part", "per 1,000 GPU-days"),
    ]
    stack: Annotated[
        str | None,
        Keyword("training software: typical, tuned, or one by name", '"torchtitan"', "any"),
    ]
    pilot: Annotated[
        FilePath | None,
        Keyword("a CSV file of steps that you measured", '"pilots.csv"', "none"),
    ]
    storage_price: Annotated[
        Quantity | None,
        Keyword("price of storage", "0.07", "the provider's", "USD per GB and month"),
    ]
    largest_cluster: Annotated[
        GpusByName | None,
        Keyword("most GPUs of a cluster class", '{"neocloud_rdma": 1024}', "the catalog's", "GPUs"),
    ]


class FactKeywords(TypedDict, total=False):
    """What the answer rests on."""

    catalog: Annotated[
        "Catalog | str | PathLike[str] | None",
        Keyword(
            "a catalog of sixnd.catalog.load, or the folder of one",
            '"my_catalog"',
            "yours if there is one, else the shipped one",
        ),
    ]
    today: Annotated[
        date | None,
        Keyword("the day on which prices are judged", "date(2026, 11, 25)", "today"),
    ]


class SolverKeywords(TypedDict, total=False):
    """How it is decided."""

    solver: Annotated[Literal["highs", "cbc"] | None, Keyword("the solver", '"cbc"', "highs")]
    time_limit_s: Annotated[
        float | None, Keyword("time that the solver may take", "10", "60", "seconds")
    ]


class EstimateKeywords(
    RunKeywords, SizeKeywords, PricingKeywords, AssumedKeywords, FactKeywords, total=False
):
    """What ``estimate`` may be told: the fleet is given, so there are no limits and no choices."""


class StudyKeywords(
    RunKeywords,
    SizeKeywords,
    LimitKeywords,
    OfferKeywords,
    AssumedKeywords,
    FactKeywords,
    total=False,
):
    """What ``frontier`` and ``sensitivity`` may be told: they need no solver."""


class PlanKeywords(StudyKeywords, SolverKeywords, total=False):
    """What ``plan`` and most others may be told."""


class AffordKeywords(
    RunKeywords,
    LimitKeywords,
    OfferKeywords,
    AssumedKeywords,
    FactKeywords,
    SolverKeywords,
    total=False,
):
    """What ``afford`` may be told: the model is what is asked for, so nothing is active of it."""
