"""One question, one fleet: plan, risk, explain, compare, estimate.

Everything that takes long to import is imported by the call that needs it.
"""

from typing import TYPE_CHECKING, Annotated, Literal, Unpack, overload

from sixnd.keywords import EstimateKeywords, Keyword, Model, PlanKeywords, Quantity
from sixnd.signature import with_keywords

if TYPE_CHECKING:
    from sixnd.answers import Answer, Explanation, Risk
    from sixnd.fleets import Comparison, Estimate, PricingComparison

Asked = Annotated[
    Model,
    Keyword(
        "a size, a published model by name or Hugging Face id, a config.json or a problem file by "
        "its path, a size as a number, or what a config.json holds",
        '"70B"',
        unit="parameters",
    ),
]
Draws = Annotated[int | None, Keyword("how many random draws", "20_000", "10,000")]
Seed = Annotated[int | None, Keyword("where the draws begin", "7", "0")]


@with_keywords
def plan(model: Asked, **asked: Unpack[PlanKeywords]) -> "Answer":
    """The cheapest (or fastest) fleet for one training run, proven by an integer program.

    The same as `sixnd plan`: ``answer.plan`` has days from signature to the last step, USD of all
    runs, GPU-hours and the MFU as a share; it is None, and ``answer.reasons`` say why, where no
    fleet keeps the limits. With ``confidence`` the answer says how sure it is as well. Figures are
    the catalog's, each with its source and day; the formulas are in the README.

    Raises ProblemError for a question that cannot be asked (every mistake at once, each beginning
    with its keyword), CatalogError for a catalog that cannot be read, SolverError where the solver
    is missing or fails, TypeError for a keyword that does not exist.

        answer = sixnd.plan("70B", deadline="30d", gpu=["H100"])
        answer.plan.offer, answer.plan.cost_usd
    """
    from sixnd.deciding import decided, implied
    from sixnd.reading import read

    reading = read(model, asked)
    return decided(reading, implied(reading))


@with_keywords
def risk(
    model: Asked, *, draws: Draws = None, seed: Seed = None, **asked: Unpack[PlanKeywords]
) -> "Risk":
    """How sure a plan is: percentiles of days and USD, and the chance to be in time.

    The same as `sixnd plan --risk`: ``risk.risk.days.p90`` is the 90th percentile of days over
    draws of MFU, failures and price, ``risk.risk.p_deadline`` a share of the draws. The same seed
    and day give the same figures. Raises what ``plan`` raises, and ProblemError for draws outside
    100 to 1,000,000.

        sixnd.risk("70B", deadline="30d").risk.p_deadline
    """
    from sixnd.deciding import drawing, surely_decided
    from sixnd.reading import read

    return surely_decided(read(model, asked), drawing(draws, seed))


@with_keywords
def explain(model: Asked, **asked: Unpack[PlanKeywords]) -> "Explanation":
    """Why the plan won, and what would change it.

    The same as `sixnd explain`: ``found.levers.lost`` are the offers that lost, with the USD per
    GPU-hour below which each would win, ``found.levers`` what one more day and one more node are
    worth in USD. Raises what ``plan`` raises.

        sixnd.explain("70B", deadline="30d").frame
    """
    from sixnd.deciding import explained, implied
    from sixnd.reading import read

    reading = read(model, asked)
    return explained(reading, implied(reading))


By = Annotated[
    Literal["gpu", "pricing"] | None,
    Keyword("what is set side by side: GPUs, or ways to pay", '"pricing"', "gpu"),
]


@overload
def compare(
    model: Model, *, by: Literal["gpu"] | None = None, **asked: Unpack[PlanKeywords]
) -> "Comparison": ...
@overload
def compare(
    model: Model, *, by: Literal["pricing"], **asked: Unpack[PlanKeywords]
) -> "PricingComparison": ...
@with_keywords
def compare(
    model: Asked, *, by: By = None, **asked: Unpack[PlanKeywords]
) -> "Comparison | PricingComparison":
    """The best fleet of each GPU side by side, or of each way to pay, or why one has none.

    The same as `sixnd compare`: every family on offer where no ``gpu`` is given. With
    ``by="pricing"``: to rent, to reserve and to buy, and from how many such runs buying wins.
    Raises what ``plan`` raises.

        sixnd.compare("70B", gpu=["H100", "A100"], deadline="30d").frame
    """
    from optimizer.commands.asking import read_one_of
    from optimizer.study.compare import compare_gpus
    from optimizer.study.rent_or_buy import compare_pricing
    from sixnd.fleets import Comparison, PricingComparison
    from sixnd.reading import read

    reading = read(model, asked)
    kind = read_one_of("by", "gpu" if by is None else by, ("gpu", "pricing"))
    how = {**reading.solving, "today": reading.today}
    with reading.asked.mistakes_placed():
        reading.asked.expect_open_fleet()
        if kind == "pricing":
            return PricingComparison(compare_pricing(reading.question, reading.facts, **how))
        return Comparison(tuple(compare_gpus(reading.question, reading.facts, **how)))


@with_keywords
def estimate(
    model: Asked,
    *,
    gpu: Annotated[str | None, Keyword("the GPU model", '"h100_sxm"')] = None,
    gpus: Annotated[Quantity | None, Keyword("how many GPUs", "16_000", unit="GPUs")] = None,
    usd_per_gpu_hour: Annotated[
        Quantity | None,
        Keyword("the price", "2.5", "the lowest on sale for so many", "USD per GPU-hour"),
    ] = None,
    gpus_per_node: Annotated[Quantity | None, Keyword("GPUs in one node", "4", "8", "GPUs")] = None,
    **asked: Unpack[EstimateKeywords],
) -> "Estimate":
    """Time and cost of a fleet that you give; nothing is chosen.

    The same as `sixnd estimate`: ``found.days`` from signature to the last step, ``found.cost_usd``
    of all runs, None where nobody has a price. The fleet may be a problem file's. Raises
    ProblemError for a fleet that is none or a part that nobody knows.

        sixnd.estimate("llama-3.1-405b", gpu="h100_sxm", gpus=16_000, tokens="15.6T").days
    """
    from optimizer.plan.estimate import estimate_fleet
    from sixnd.fleets import Estimate
    from sixnd.reading import plain, read

    given = {"gpu": gpu, "gpus": gpus}
    given |= {"usd_per_gpu_hour": usd_per_gpu_hour, "gpus_per_node": gpus_per_node}
    fleet = {name: plain(value) for name, value in given.items() if value is not None}
    reading = read(model, asked, fleet=fleet)
    with reading.asked.mistakes_placed():
        return Estimate(estimate_fleet(reading.question, reading.facts, reading.today))
