"""What an answer takes for granted, and what a reader should doubt."""

from collections.abc import Iterator
from dataclasses import dataclass

from catalog import Catalog, Gpu, Offer, Precision
from optimizer import say
from optimizer.market.candidates import sold_gpus
from optimizer.market.run import Run
from optimizer.physics.compute import TOKENS_PER_PARAMETER
from optimizer.physics.mfu import make_curve
from optimizer.plan.plan import Plan
from optimizer.step.constants import shipped
from optimizer.step.evidence import Evidence, evidence_for
from optimizer.step.kinds import FEW_GPUS, kind_on
from optimizer.step.machine import BITS
from optimizer.step.transformer import is_mixture

BATCH_SOURCE = (
    "rule from published runs: grows with the cube root of N, of mixtures faster; set "
    "--global-batch"
)
STACK_SOURCE = "the median over the stacks of published runs, its range their spread; set --stack"
PILOT_SOURCE = (
    "held against the prediction; how far they carry over to other sizes, parts and kinds of step "
    "is what the published runs of one source have in common"
)
RUN_FACTOR_SOURCE = (
    "median of eight runs that publish both, usual interruptions in it: OLMo 3 7B 0.91, "
    "BLOOM 0.90, Llama 3.1 405B 0.93, PaLM 0.67, MPT-7B 0.76 and others"
)


@dataclass(frozen=True, slots=True)
class Assumption:
    """One figure the answer rests on that the question did not give."""

    name: str
    value: str
    source: str


def run_assumptions(run: Run) -> Iterator[Assumption]:
    """What the run takes for granted because the question left it open."""
    shape = run.shape
    if run.leaves_open("tokens"):
        value = f"{say.count(run.tokens)} ({TOKENS_PER_PARAMETER} a parameter)"
        source = "Hoffmann et al. 2022, https://arxiv.org/abs/2203.15556"
        yield Assumption("tokens", value, source)
    if run.leaves_open("deadline") and run.leaves_open("fleet"):
        yield Assumption("deadline", say.days(run.deadline_hours), "default; set --deadline")
    if run.leaves_open("precision"):
        value = "bf16; fp16 on parts without bf16"
        yield Assumption("precision", value, "default; set --precision")
    yield from _own_rule(run)
    if run.leaves_open("goodput") and run.goodput is not None:
        value = "1: your speed is taken as that of the whole run"
        yield Assumption("goodput", value, "default; set --goodput")
    if run.leaves_open("pricing") and run.leaves_open("fleet"):
        yield Assumption("pricing", "on demand and reserved", "default; set --pricing")
    if shape.estimated:
        value = f"{shape.layers} layers of {shape.hidden:,}, vocabulary {shape.vocab:,}"
        if shape.experts:
            value += f", {shape.experts_per_token} of {shape.experts} experts"
        yield Assumption("shape", value, shape.source)
    if run.leaves_open("seq_len"):
        source = "default for a size; set --seq-len" if shape.estimated else shape.source
        source = shape.context_source or source
        yield Assumption("seq_len", f"{run.seq_len:,} tokens", source)
    if run.leaves_open("global_batch") and not run.measured:
        yield Assumption("global_batch", f"{say.count(run.global_batch)} tokens", BATCH_SOURCE)
    if run.leaves_open("stack") and not run.measured:
        yield Assumption("stack", "open", STACK_SOURCE)
    if run.pilots:
        value = "1 measured step" if len(run.pilots) == 1 else f"{len(run.pilots)} measured steps"
        yield Assumption("pilot", value, PILOT_SOURCE)
    if not run.measured:
        yield Assumption("run_factor", f"{run.run_factor:g} of a step's MFU", RUN_FACTOR_SOURCE)


def _own_rule(run: Run) -> Iterator[Assumption]:
    """That a speed without a framework's name is read by our own rule."""
    if run.curve is not None:
        source = "--mfu 0.42@torchtitan for a framework's own figure"
        yield Assumption("mfu", "read as 6·N·D over the dense peak", source)
    speed = run.speed
    if speed is not None and speed.key == "tflops_per_gpu" and speed.framework is None:
        source = "--tflops-per-gpu 400@megatron for a framework's own figure"
        yield Assumption("tflops_per_gpu", "read as 6·N·D a second", source)


def converted(run: Run, gpu: Gpu, precision: Precision) -> Iterator[Assumption]:
    """What a framework's figure became on this part, and by which rule."""
    said = run.speed.converted(gpu, precision) if run.speed is not None else None
    if run.speed is not None and said is not None:
        yield Assumption(run.speed.key, *said)


def plan_assumptions(run: Run, plan: Plan, offer: Offer, catalog: Catalog) -> Iterator[Assumption]:
    """What the plan itself rests on: its MFU, its price and its largest cluster."""
    yield from run_assumptions(run)
    precision: Precision = plan.precision  # type: ignore[assignment]
    yield from converted(run, catalog.gpus[plan.gpu], precision)
    if plan.mfu_basis != "given":
        value = f"{plan.step_mfu:.3f} in a step on {plan.gpus:,} {plan.gpu_name}, {plan.mfu_basis}"
        gpu = catalog.gpus[plan.gpu]
        source = cite(plan.mfu_sources, catalog) or calibration(kind_of_step(run, gpu, precision))
        yield Assumption("mfu", value, source)
    if plan.mfu_basis in ("predicted", "extrapolated"):
        yield from published_evidence(catalog.gpus[plan.gpu], precision)
        yield from _second_opinion(plan, catalog)
    value = f"{say.price(plan.usd_per_gpu_hour)} USD per GPU-hour on {plan.price_read_on}"
    yield Assumption("price", value, cite((plan.source,), catalog))
    if offer.max_gpus_basis == "estimate":
        basis = catalog.cluster_classes[offer.cluster_class].basis
        whose, most = "our judgment", offer.max_gpus
        if offer.cluster_class in run.largest_cluster:
            whose, basis, most = "yours", "--largest-cluster", sold_gpus(offer, run)
        value = f"up to {most:,} GPUs ({offer.cluster_class}), {whose}"
        yield Assumption("largest_cluster", value, basis)


def published_evidence(gpu: Gpu, precision: Precision) -> Iterator[Assumption]:
    """The published runs on a part that its prediction rests on, where there are any."""
    bits = BITS[precision]
    found = evidence_for(gpu.gpu, bits)
    if found is not None:
        published = f"published {bits}-bit {_runs(found)}"
        value = f"{found.runs:,} {published} on {gpu.name}, {_largest(found)}"
        others = "the largest in catalog/run_sources.csv: "
        yield Assumption("mfu_evidence", value, others + ", ".join(found.sources))


def unpublished(gpu: Gpu, precision: Precision) -> str:
    """That nobody published runs on a part in so many bits, and what there is in others."""
    bits = BITS[precision]
    what = f"no published {bits}-bit run on {FEW_GPUS} {gpu.name} or more"
    others = {b: evidence_for(gpu.gpu, b) for b in sorted(set(BITS.values())) if b != bits}
    known = [
        f"{found.runs:,} in {other} bit, {_largest(found)}: {', '.join(found.sources)}"
        for other, found in others.items()
        if found is not None
    ]
    return f"{what} ({'; '.join(known)})" if known else what


def _runs(found: Evidence) -> str:
    return "run" if found.runs == 1 else "runs"


def _largest(found: Evidence) -> str:
    """How far they go: 'up to 16,384 GPUs'."""
    return f"{'' if found.runs == 1 else 'up to '}{say.gpus(found.most_gpus)}"


def _second_opinion(plan: Plan, catalog: Catalog) -> Iterator[Assumption]:
    """What the catalog's curve of published runs, or a neighbor's, says of the same fleet."""
    precision: Precision = plan.precision  # type: ignore[assignment]
    points = catalog.breakpoints(plan.gpu, precision)
    if points:
        curve = make_curve([(point.gpus, point.mfu) for point in points])
        value = f"{curve.at(plan.gpus):.3f} in a step by the catalog's curve, not used"
        sources = tuple(dict.fromkeys(point.source for point in points))
        yield Assumption("mfu_for_comparison", value, cite(sources, catalog))


def calibration(kind: str) -> str:
    """What the step-time model was fitted to, and its error on sources left out, of this kind."""
    fit = shipped()
    runs = f"step-time model fitted on {fit['fitted_on']} to {fit['runs']} published runs"
    held_out = fit["held_out"]["asked"].get(kind)
    if held_out is None:
        return f"{runs}, none of this kind"
    error = held_out["median_abs_error"]
    return f"{runs}; median error on sources left out {error:.1%} ({kind.replace('_', ' ')})"


def kind_of_step(run: Run, gpu: Gpu, precision: Precision) -> str:
    """The kind of step that a run is on this part."""
    mixture = is_mixture(run.shape.parameters, run.shape.active_parameters)
    return kind_on(mixture, gpu, precision, run.seq_len)


def cite(keys: tuple[str, ...], catalog: Catalog) -> str:
    """Publisher, title and address of each source."""
    cited = []
    for key in keys:
        source = catalog.sources[key]
        cited.append(
            " ".join(part for part in (source.publisher, source.title, source.url) if part)
        )
    return "; ".join(cited)
