"""The run that a question asks for, with every default resolved."""

from dataclasses import dataclass, fields
from math import floor, isclose, log2
from pathlib import Path
from typing import Literal

from catalog import Catalog, Gpu, Precision
from catalog.vocabulary import FABRIC_GROUPS
from optimizer.market.curve_file import read_curve
from optimizer.market.limits import NO_LIMIT, Limits, limits_asked
from optimizer.market.named import Choices, resolve_names
from optimizer.market.own_speed import OwnSpeed, own_speed
from optimizer.market.pilot_file import Usual, read_pilots
from optimizer.market.precision import precision_for
from optimizer.physics.compute import TOKENS_PER_PARAMETER, training_flop
from optimizer.physics.mfu import Curve, constant
from optimizer.physics.run_factor import RUN_FACTOR
from optimizer.step.batch import usual_batch_tokens
from optimizer.step.posterior import Pilot
from optimizer.step.sharing import BATCH_ROOM
from optimizer.step.transformer import is_mixture
from problems import Logged, ModelShape, ProblemError, Question, shape_of
from problems.fields import SPEEDS
from problems.question import ROWS, beyond_the_run

DEFAULT_DEADLINE_HOURS = 90 * 24.0
DEFAULT_PRICING = ("on_demand", "reserved")
# A run of fewer optimizer steps than this is none that anybody published.
FEWEST_STEPS = 100
# Less is a mistyped size, not a run.
SMALLEST_FLOP = 4e14


@dataclass(frozen=True, slots=True)
class Run(Choices):
    """A training run with nothing left open; hours, USD, FLOP and GPUs throughout.

    ``given`` are the fields that the question gives; what they say is in the others, so that only
    what asks or prints the ``question`` again needs it. ``limits`` are those on numbers but for the
    deadline's default, which ``deadline_hours`` is where nothing was asked.

    ``goodput`` is None where interruptions decide it (see goodput.py). Names of GPUs, providers
    and regions are the catalog's; None means all, and of the ``stack`` that the question leaves it
    open. The global batch, in tokens, is a rule's and may move by ``batch_room``, or the user's own
    and may not. A speed of the user's own is a ``curve`` of MFU,
    or a ``speed`` whose MFU depends on the part; ``pilots`` are steps that they measured.
    """

    question: Question
    given: frozenset[str]
    name: str
    objective: Literal["cost", "time"]
    shape: ModelShape
    tokens: float
    flop: float
    seq_len: int
    global_batch: float
    batch_room: float
    stack: str | None
    run_factor: float
    goodput: float | None
    failures: float | None
    precision: Precision | None
    runs: int
    deadline_hours: float
    confidence: float | None
    limits: Limits
    storage_price: float | None
    largest_cluster: dict[str, int]
    pricing: tuple[str, ...]
    fabrics: frozenset[str] | None
    capacity: str | None
    spot_nodes: int
    curve: Curve | None
    speed: OwnSpeed | None = None
    pilots: tuple[Pilot, ...] = ()

    def precision_on(self, gpu: Gpu) -> Precision | None:
        """The precision the run takes on this part: the one asked for, else bf16, else fp16."""
        return precision_for(self.precision, gpu)

    def own_curve(self, gpu: Gpu, precision: Precision) -> Curve | None:
        """The user's own MFU on this part; None without one, or where it passes the peak."""
        if self.speed is None:
            return self.curve
        mfu = self.speed.mfu_on(gpu, precision)
        return None if mfu is None else constant(mfu)

    def leaves_open(self, field: str) -> bool:
        """Whether the question left a field to its default."""
        assert field in ROWS, f"no field {field}"
        return field not in self.given

    @property
    def budget_usd(self) -> float | None:
        """The budget, USD; None without one."""
        return None if self.limits.budget_usd == NO_LIMIT else self.limits.budget_usd

    @property
    def filled(self) -> Question:
        """The question with what it left open filled in, in its own units."""
        resolved = {
            "active": self.shape.active_parameters,
            "tokens": self.tokens,
            "deadline": self.deadline_hours,
            "seq_len": self.seq_len,
            "global_batch": self.global_batch,
            "pricing": self.pricing,
            "spot_nodes": self.spot_nodes,
            "goodput": self.goodput,
            "stack": self.stack,
        }
        return self.question.model_copy(update=resolved)

    @property
    def measured(self) -> bool:
        """Whether the user gave the speed, as a share, a curve, TFLOP/s or tokens a second."""
        return self.curve is not None or self.speed is not None


def make_run(question: Question, catalog: Catalog) -> Run:
    """The run behind a question; ProblemError where a name in it is unknown."""
    shape, tokens = _size(question)
    measured = any(getattr(question, key) is not None for key in SPEEDS)
    named = resolve_names(question, catalog)
    seq_len = question.seq_len or shape.seq_len
    batch = _own_batch(question, seq_len, tokens) or _usual_batch(shape, tokens, seq_len)
    return Run(
        **{one.name: getattr(named, one.name) for one in fields(Choices)},
        question=question,
        given=frozenset(key for key in ROWS if question.gives(key)),
        name=question.name,
        objective=question.minimize,
        shape=shape,
        tokens=tokens,
        flop=training_flop(shape.active_parameters, tokens),
        seq_len=seq_len,
        global_batch=batch,
        batch_room=0.0 if question.global_batch else BATCH_ROOM,
        stack=named.stack,
        run_factor=1.0 if measured else RUN_FACTOR,
        goodput=_fixed_goodput(question, measured),
        failures=question.failures,
        precision=question.precision,
        runs=question.runs,
        confidence=question.confidence,
        limits=limits_asked(question),
        storage_price=question.storage_price,
        largest_cluster=question.largest_cluster,
        deadline_hours=question.deadline or DEFAULT_DEADLINE_HOURS,
        pricing=question.pricing or DEFAULT_PRICING,
        fabrics=_fabrics(question.fabric),
        capacity=question.capacity,
        spot_nodes=question.spot_nodes or int(catalog.planning("spot_most_nodes")),
        curve=_asked_curve(question.mfu),
        speed=own_speed(question, shape, seq_len, named.framework, catalog),
        pilots=_pilots(question, shape, batch, named.stack, catalog),
    )


def _size(question: Question) -> tuple[ModelShape, float]:
    """The model and its tokens; ProblemError where they are too little to be a run."""
    shape = shape_of(question.model, question.active)
    tokens = question.tokens or TOKENS_PER_PARAMETER * shape.active_parameters
    flop = training_flop(shape.active_parameters, tokens)
    if flop < SMALLEST_FLOP:
        what = f"6·N·D = {flop:.3g} FLOP is under a second of work for one GPU"
        raise ProblemError([f"model, tokens: {what}; expected sizes such as 70B and 1.4T"])
    return shape, tokens


def _pilots(
    question: Question, shape: ModelShape, batch: float, stack: str | None, catalog: Catalog
) -> tuple[Pilot, ...]:
    """What the user's own steps say, those of a question without any being none."""
    if question.pilot is None:
        return ()
    seq_len = question.seq_len or shape.seq_len
    usual = Usual(shape, seq_len, batch, question.precision, stack)
    return tuple(row.pilot for row in read_pilots(Path(question.pilot), usual, catalog))


def _usual_batch(shape: ModelShape, tokens: float, seq_len: int) -> float:
    """The usual global batch, in tokens of whole sequences.

    Of a short run a hundredth at most, in a power of two of sequences: few of them are to be shared
    by many replicas.
    """
    mixture = is_mixture(shape.parameters, shape.active_parameters)
    usual = usual_batch_tokens(shape.parameters, mixture)
    most = tokens / FEWEST_STEPS / seq_len
    if usual / seq_len <= most:
        return max(round(usual / seq_len), 1) * float(seq_len)
    return 2.0 ** floor(log2(max(most, 1.0))) * seq_len


def _own_batch(question: Question, seq_len: int, whole_run: float) -> float | None:
    """The user's own global batch: whole sequences, no more than the run; else ProblemError."""
    tokens = question.global_batch
    if tokens is None:
        return None
    if tokens > whole_run:
        raise ProblemError([beyond_the_run(whole_run)])
    sequences = round(tokens / seq_len)
    if sequences and isclose(sequences * seq_len, tokens, rel_tol=1e-12):
        return tokens
    below = max(int(tokens // seq_len), 1)
    near = f"{below * seq_len:,} ({below:,}) or {(below + 1) * seq_len:,} ({below + 1:,})"
    power = 2 ** round(log2(max(tokens / seq_len, 1.0)))
    what = f"{tokens:,.0f} tokens are {tokens / seq_len:,.6g} sequences of {seq_len:,}"
    rounder = f"{power:,} sequences, which more layouts share evenly, are {power * seq_len:,}"
    raise ProblemError([f"global_batch: {what}; expected whole ones, such as {near}; {rounder}"])


def _fixed_goodput(question: Question, measured: bool) -> float | None:
    """The goodput that was given; 1 with a speed of the user's own, which is the whole run's."""
    if question.goodput is not None or question.failures is not None:
        return question.goodput
    return 1.0 if measured else None


def _fabrics(asked: tuple[str, ...]) -> frozenset[str] | None:
    """The networks asked for, classes spelled out; None, all, without names."""
    return frozenset(n for name in asked for n in FABRIC_GROUPS.get(name, (name,))) or None


def _asked_curve(mfu: float | str | Logged | None) -> Curve | None:
    if mfu is None or isinstance(mfu, Logged):
        return None
    return read_curve(Path(mfu)) if isinstance(mfu, str) else constant(mfu)
