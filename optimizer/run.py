"""The run that a question asks for: every default resolved, each one stated as an assumption."""

import difflib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from catalog import Catalog, Gpu, Precision, match_gpu
from optimizer.compute import TOKENS_PER_PARAMETER, mfu_of, training_flop
from optimizer.mfu import Curve, constant, make_curve, read_curve
from problems import ModelShape, ProblemError, Question, shape_of

DEFAULT_DEADLINE_HOURS = 90 * 24.0
DEFAULT_PRICING = ("on_demand", "reserved")
# Grattafiori et al. 2024: more than 90 % effective training time on 16,384 H100.
DEFAULT_GOODPUT = 0.9
GOODPUT_SOURCE = "Llama 3 paper, https://arxiv.org/abs/2407.21783, section 3.3.4: above 90 %"
SIXTEEN_BIT: tuple[Precision, ...] = ("bf16", "fp16")


@dataclass(frozen=True, slots=True)
class Assumption:
    """One figure the answer rests on that the question did not give."""

    name: str
    value: str
    source: str


@dataclass(frozen=True, slots=True)
class Run:
    """A training run with nothing left open; hours, USD, FLOP and GPUs throughout."""

    question: Question
    shape: ModelShape
    tokens: float
    flop: float
    seq_len: int
    goodput: float
    deadline_hours: float
    pricing: tuple[str, ...]
    gpus: frozenset[str] | None
    curve: Curve | None

    def precision_on(self, gpu: Gpu) -> Precision | None:
        """The precision the run takes on this part: the one asked for, else bf16, else fp16."""
        asked = self.question.precision
        wanted: tuple[Precision, ...] = (asked,) if asked else SIXTEEN_BIT
        return next((p for p in wanted if gpu.peak_tflops(p) is not None), None)

    def curve_on(self, gpu: Gpu, precision: Precision, catalog: Catalog) -> Curve | None:
        """MFU against scale on this part: the user's own figure, else the catalogue's."""
        peak = gpu.peak_tflops(precision)
        if self.question.tflops_per_gpu is not None and peak is not None:
            return constant(mfu_of(self.question.tflops_per_gpu, peak))
        if self.curve is not None:
            return self.curve
        points = catalog.breakpoints(gpu.gpu, precision)
        return make_curve([(p.gpus, p.mfu) for p in points]) if points else None

    @property
    def measured(self) -> bool:
        """Whether the user gave the MFU, as a share, a curve or TFLOP/s a GPU."""
        return self.curve is not None or self.question.tflops_per_gpu is not None


def make_run(question: Question, catalog: Catalog) -> Run:
    """The run behind a question; ProblemError where a name in it is unknown."""
    shape = shape_of(question.model, question.active)
    tokens = question.tokens or TOKENS_PER_PARAMETER * shape.active_parameters
    measured = question.mfu is not None or question.tflops_per_gpu is not None
    _check_names(question, catalog)
    return Run(
        question=question,
        shape=shape,
        tokens=tokens,
        flop=training_flop(shape.active_parameters, tokens),
        seq_len=question.seq_len or shape.seq_len,
        goodput=question.goodput or (1.0 if measured else DEFAULT_GOODPUT),
        deadline_hours=question.deadline or DEFAULT_DEADLINE_HOURS,
        pricing=question.pricing or DEFAULT_PRICING,
        gpus=_asked_gpus(question, catalog),
        curve=_asked_curve(question.mfu),
    )


def _asked_curve(mfu: float | str | None) -> Curve | None:
    if mfu is None:
        return None
    return read_curve(Path(mfu)) if isinstance(mfu, str) else constant(mfu)


def _asked_gpus(question: Question, catalog: Catalog) -> frozenset[str] | None:
    asked = question.gpu or ((question.fleet.gpu,) if question.fleet else ())
    if not asked:
        return None
    models = catalog.gpus.values()
    return frozenset(gpu for name in asked for gpu in match_gpu(name, models))


def _check_names(question: Question, catalog: Catalog) -> None:
    """Providers, regions and cluster classes that nobody has are mistakes, not empty answers."""
    mistakes = []
    providers = {offer.provider for offer in catalog.offers}
    for provider in question.provider:
        if provider not in providers:
            mistakes.append(_unknown("provider", provider, providers))
    regions = {offer.region for offer in catalog.offers if offer.region}
    for region in question.region:
        if not any(region.lower() in known.lower() for known in regions):
            mistakes.append(_unknown("region", region, regions))
    for name in question.largest_cluster:
        if name not in catalog.cluster_classes:
            mistakes.append(_unknown("cluster class", name, catalog.cluster_classes))
    if mistakes:
        raise ProblemError(mistakes)


def _unknown(what: str, asked: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(asked.lower(), list(known), n=1)
    hint = f"did you mean {near[0]!r}?" if near else "known: " + ", ".join(sorted(known))
    return f"unknown {what} {asked!r}; {hint}"


def assumptions_of(run: Run) -> list[Assumption]:
    """What the run takes for granted because the question left it open."""
    question, stated = run.question, []
    if question.tokens is None:
        value = f"{run.tokens:.3g} ({TOKENS_PER_PARAMETER} a parameter)"
        source = "Hoffmann et al. 2022, https://arxiv.org/abs/2203.15556"
        stated.append(Assumption("tokens", value, source))
    if question.deadline is None and question.fleet is None:
        stated.append(Assumption("deadline", "90 days", "default; set --deadline"))
    if question.precision is None:
        value = "bf16; fp16 on parts without bf16"
        stated.append(Assumption("precision", value, "default; set --precision"))
    if question.goodput is None and not run.measured:
        stated.append(Assumption("goodput", f"{run.goodput:g}", GOODPUT_SOURCE))
    if question.goodput is None and run.measured:
        value = "1 (your MFU or TFLOP/s is taken as the whole run's)"
        stated.append(Assumption("goodput", value, "default; set --goodput"))
    if not question.pricing and question.fleet is None:
        value = "on demand and reserved"
        stated.append(Assumption("pricing", value, "default; set --pricing"))
    if run.shape.estimated:
        value = f"{run.shape.layers} layers of {run.shape.hidden}, for the memory rule"
        stated.append(Assumption("shape", value, run.shape.source))
    if question.seq_len is None:
        stated.append(Assumption("seq_len", f"{run.seq_len:,}", run.shape.source))
    return stated
