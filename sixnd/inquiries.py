"""Around a question: frontier, sensitivity, afford, report; and how good the model is: validate.

Everything that takes long to import is imported by the call that needs it.
"""

from typing import TYPE_CHECKING, Annotated, Literal, Unpack

from sixnd.keywords import (
    AffordKeywords,
    FilePath,
    Keyword,
    PlanKeywords,
    Quantity,
    StudyKeywords,
)
from sixnd.questions import Asked
from sixnd.signature import with_keywords

if TYPE_CHECKING:
    from sixnd.evidence import Recommendation, Validation
    from sixnd.fleets import Affordable
    from sixnd.studies import Frontier, Sensitivity

Points = Annotated[
    int | Literal["all"] | None,
    Keyword("how many plans at most, spread evenly in log days, or all", "20", "50", "plans"),
]


@with_keywords
def frontier(model: Asked, *, points: Points = None, **asked: Unpack[StudyKeywords]) -> "Frontier":
    """What a day less costs: the plans that nothing beats on both cost and days.

    The same as `sixnd frontier`: from the cheapest to the fastest, exact, each with days from
    signature to the last step and USD of all runs; without a deadline there is none. Has a
    ``chart``. Raises what ``plan`` raises, and ProblemError below two points.

        sixnd.frontier("70B", deadline="60d").chart
    """
    from optimizer.commands.asking import read_points
    from optimizer.study.frontier import DEFAULT_POINTS, why_nothing
    from optimizer.study.frontier import frontier as find_frontier
    from sixnd.deciding import opened
    from sixnd.reading import read
    from sixnd.studies import Frontier

    reading = read(model, asked)
    most = read_points(str(DEFAULT_POINTS if points is None else points), "points")
    with opened(reading) as market:
        found = find_frontier(market, most)
    return Frontier(found, None if found.points else why_nothing(market, reading.today))


@with_keywords
def sensitivity(model: Asked, **asked: Unpack[StudyKeywords]) -> "Sensitivity":
    """How cost and choice change where one figure is off.

    The same as `sixnd sensitivity`: ``found.record.cases`` with each change as a share of 1, and
    ``found.record.flips``, from which change on another offer wins, sought between -50 % and
    +100 %. Has a ``chart``, a tornado. Raises what ``plan`` raises.

        sixnd.sensitivity("70B", deadline="30d").frame
    """
    from optimizer.answer import without_plan
    from optimizer.study.sensitivity import sensitivity_of
    from sixnd.deciding import opened
    from sixnd.reading import read
    from sixnd.studies import Sensitivity

    reading = read(model, asked)
    with opened(reading) as market:
        found = sensitivity_of(market)
    none = without_plan(market, reading.today) if found is None else None
    return Sensitivity(market.run, found, none)


@with_keywords
def afford(
    *,
    tokens_per_parameter: Annotated[
        Quantity | None,
        Keyword("training tokens for each parameter, instead of tokens", "20", "20", "tokens"),
    ] = None,
    **asked: Unpack[AffordKeywords],
) -> "Affordable":
    """The largest compute-optimal model that a budget and a deadline afford.

    The same as `sixnd afford`: ``found.largest`` has parameters, of three digits, and tokens; also
    what a tenth more money and a tenth more time buy. Raises ProblemError without a budget, and
    what ``plan`` raises.

        sixnd.afford(budget="5M", deadline="30d").largest.parameters
    """
    from optimizer.commands.asking import read_ratio
    from optimizer.study.afford import SMALLEST
    from optimizer.study.afford import afford as find_largest
    from sixnd.fleets import Affordable
    from sixnd.reading import read

    ratio = read_ratio(tokens_per_parameter, "tokens_per_parameter")
    reading = read(SMALLEST, asked)
    with reading.asked.mistakes_placed():
        found = find_largest(
            reading.question,
            reading.facts,
            tokens_per_parameter=ratio,
            today=reading.today,
            **reading.solving,
        )
    return Affordable(found)


@with_keywords
def report(
    model: Asked,
    path: Annotated[
        FilePath | None,
        Keyword("a file to write as well: .html, .md, .xlsx or .json", '"report.html"', "none"),
    ] = None,
    **asked: Unpack[PlanKeywords],
) -> "Recommendation":
    """The decision, bill, risks and sources as one document.

    The same as `sixnd report`; ``name`` is its title. ``found.write(path)`` writes another form.
    The same question, catalog and day give the same bytes. Raises what ``plan`` raises,
    ProblemError for a path that cannot be written, before anything is decided, and NoPlanError,
    whose ``answer`` says why, where there is nothing to recommend.

        sixnd.report("70B", "report.html", deadline="30d", name="Llama, spring")
    """
    from sixnd.reporting import recommended

    return recommended(model, path, asked)


@with_keywords
def validate(
    runs: Annotated[
        FilePath | None,
        Keyword("runs of your own, columns as in observed_runs.csv", '"runs.csv"', "the shipped"),
    ] = None,
    *,
    as_configured: Annotated[
        bool, Keyword("score each run under its own layout", "True", "False")
    ] = False,
    stack_told: Annotated[
        bool, Keyword("tell the model the stack of each run's framework", "True", "False")
    ] = False,
    cross: Annotated[
        bool,
        Keyword("score each run by a calibration without its source; slow", "True", "False"),
    ] = False,
) -> "Validation":
    """The model's predictions against published training runs.

    The same as `sixnd validate`: MFU observed and predicted of each run as shares of the dense
    peak, errors as |ln(predicted / observed)|. The runs and their sources are in
    catalog/observed_runs.csv. Has a ``chart``. Raises CatalogError with all mistakes of a file.

        sixnd.validate().summary["median_abs_error"]
    """
    from pathlib import Path

    from optimizer.study.scoring import score_runs
    from sixnd.evidence import Validation

    mode: Literal["configured", "told", "asked"]
    mode = "configured" if as_configured else "told" if stack_told else "asked"
    found = score_runs(None if runs is None else Path(runs), mode, cross)
    return Validation(found, mode, cross)
