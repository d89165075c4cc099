"""The question a planner answers: checked once here, plain numbers with known units after."""

from collections.abc import Mapping

from pydantic import ValidationError, model_validator

from problems.fields import SPEEDS
from problems.mistakes import ProblemError, did_you_mean, shown
from problems.presets import shape_of
from problems.table.assumptions import AssumptionFields
from problems.table.fleet import Fleet as Fleet
from problems.table.fleet import FleetFields
from problems.table.limits import LimitFields
from problems.table.offers import OfferFields
from problems.table.row import LIMITS, OFFERS, RUN, TOP, Row, left_out, rows_of
from problems.table.run import RunFields


# Pydantic takes the fields of the last base first: they stand in the order of a problem file.
class Question(FleetFields, AssumptionFields, OfferFields, LimitFields, RunFields):
    """One training run to plan; make it with ``make_question``, which reads '70B' and '30d'.

    Its fields are the rows of the table in problems/table. To change a question use
    ``model_copy(update=...)`` with the units stored here: validating its numbers again would read
    a deadline of 720 hours as 720 days.
    """

    @model_validator(mode="after")
    def _consistent(self) -> "Question":
        mistakes = _contradictions(self)
        try:
            shape_of(self.model, self.active)
        except ProblemError as error:
            mistakes += error.mistakes
        if mistakes:
            raise ProblemError(mistakes)
        return self

    def gives(self, field: str) -> bool:
        """Whether a field says anything but what it says when it is left out."""
        return bool(getattr(self, field) != left_out(Question, field))


ROWS = rows_of(Question)
FLEET_ROWS = rows_of(Fleet)
# What a question chooses by, which a fleet that is given does not leave open.
_CHOICES = sorted(
    (key for key, row in ROWS.items() if row.chosen),
    key=lambda key: (OFFERS, LIMITS, RUN, TOP).index(ROWS[key].section),
)


def limit_words(limit: str) -> str:
    """A limit in words."""
    row = ROWS.get(limit)
    return row.limit if row is not None and row.limit else limit.replace("_", " ")


def make_question(where: str = "", **fields: object) -> Question:
    """The question with these fields, written as people write them; ``where`` starts each error."""
    prefix = f"{where}: " if where else ""
    try:
        return question_from(fields)
    except ProblemError as error:
        raise ProblemError([prefix + mistake for mistake in error.mistakes]) from None


def question_from(fields: Mapping[str, object]) -> Question:
    """The question with these fields; a mistake begins with the fields that it is about."""
    try:
        return Question.model_validate(dict(fields))
    except ValidationError as invalid:
        mistakes = []
        for error in invalid.errors():
            cause = error.get("ctx", {}).get("error")
            if isinstance(cause, ProblemError):
                mistakes += cause.mistakes
            else:
                keys = tuple(str(part) for part in error["loc"])
                mistakes.append(_in_words(keys, error["type"], cause, error["input"]))
        raise ProblemError(mistakes) from None


def _contradictions(question: Question) -> list[str]:
    """What cannot hold together, each as 'keys: what; expected; what to do'."""
    q, found = question, []
    speeds = [key for key in SPEEDS if getattr(q, key) is not None]
    if len(speeds) > 1:
        both, out = ("both", "one") if len(speeds) == 2 else ("all", "the others")
        what = f"{both} say how fast a GPU is; expected one of them; leave {out} out"
        found.append(f"{', '.join(speeds)}: {what}")
    if q.pilot is not None and speeds:
        what = "both say how fast a GPU is; expected steps to learn from, or a speed to take"
        found.append(f"pilot, {', '.join(speeds)}: {what}; leave one out")
    if q.goodput is not None and q.failures is not None:
        what = "both say what interruptions cost; expected one of them; leave one out"
        found.append(f"goodput, failures: {what}")
    if q.fleet is not None:
        asked = [key for key in _CHOICES if q.gives(key)]
        if asked:
            what = "the fleet decides what runs; expected no other choice beside it"
            found.append(f"fleet, {', '.join(asked)}: {what}; leave out one or the other")
    if q.global_batch and q.seq_len and q.global_batch < q.seq_len:
        what = f"a batch of {q.global_batch:,.0f} tokens does not hold one sequence"
        found.append(f"global_batch: {what}; expected at least seq_len = {q.seq_len:,}")
    if q.global_batch and q.tokens and q.global_batch > q.tokens:
        found.append(beyond_the_run(q.tokens))
    return found


def beyond_the_run(tokens: float) -> str:
    """What is wrong with a global batch that holds more than all ``tokens`` of a run."""
    what = f"one batch is more than the {tokens:,.0f} tokens of the whole run"
    return f"global_batch: {what}; expected tokens in one step, such as 4194304"


def _in_words(keys: tuple[str, ...], kind: str, cause: object, written: object) -> str:
    """One of pydantic's errors as 'key: what; expected; what to do'."""
    first, *inner = keys
    of_fleet = bool(inner) and first == "fleet"
    rows: Mapping[str, Row] = FLEET_ROWS if of_fleet else ROWS
    key = inner[-1] if of_fleet else first
    place = f"fleet.{key}" if of_fleet else key
    if kind == "extra_forbidden":
        return f"unknown key {place!r}; {did_you_mean(key, rows)}"
    expected = rows[key].what
    if kind == "missing":
        return f"{place}: is missing; expected {expected}"
    if isinstance(cause, ValueError):
        return f"{place}: {cause}"
    return f"{place}: cannot read {shown(written)}; expected {expected}"
