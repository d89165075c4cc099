"""What an answer takes for granted, and what a reader should doubt."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from math import exp

from catalog import Catalog, Gpu, Offer, Precision
from catalog.age import OLD_AFTER_DAYS
from catalog.units import HOURS_PER_DAY
from optimizer import say
from optimizer.market.candidates import sold_gpus
from optimizer.market.hardware import Hardware, layout_on
from optimizer.market.run import Run
from optimizer.physics.compute import TOKENS_PER_PARAMETER
from optimizer.physics.mfu import make_curve
from optimizer.plan.plan import Plan
from optimizer.program.enumerate import Fleet
from optimizer.step.constants import shipped
from optimizer.step.evidence import Evidence, evidence_for
from optimizer.step.kinds import FEW_GPUS, kind_on
from optimizer.step.machine import BITS, EIGHT_BIT
from optimizer.step.practice import class_of, stack_is_published
from optimizer.step.transformer import is_mixture
from problems import Logged, Question

# The highest published by runs of 64 GPUs and more in observed_runs.csv is 56 %.
HIGHEST_PUBLISHED_MFU = 0.6
# Pilots that reach less or more than these shares of the prediction are hardly believed.
LEAST_BELIEVED, MOST_BELIEVED = 0.5, 1.6
# A limit is missed where it is missed by more than a thousandth.
PAST = 1.001
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
    question, shape = run.question, run.shape
    if question.tokens is None:
        value = f"{say.count(run.tokens)} ({TOKENS_PER_PARAMETER} a parameter)"
        source = "Hoffmann et al. 2022, https://arxiv.org/abs/2203.15556"
        yield Assumption("tokens", value, source)
    if question.deadline is None and question.fleet is None:
        yield Assumption("deadline", say.days(run.deadline_hours), "default; set --deadline")
    if question.precision is None:
        value = "bf16; fp16 on parts without bf16"
        yield Assumption("precision", value, "default; set --precision")
    yield from _own_rule(question)
    if question.goodput is None and run.goodput is not None:
        value = "1: your speed is taken as that of the whole run"
        yield Assumption("goodput", value, "default; set --goodput")
    if not question.pricing and question.fleet is None:
        yield Assumption("pricing", "on demand and reserved", "default; set --pricing")
    if shape.estimated:
        value = f"{shape.layers} layers of {shape.hidden:,}, vocabulary {shape.vocab:,}"
        if shape.experts:
            value += f", {shape.experts_per_token} of {shape.experts} experts"
        yield Assumption("shape", value, shape.source)
    if question.seq_len is None:
        source = "default for a size; set --seq-len" if shape.estimated else shape.source
        source = shape.context_source or source
        yield Assumption("seq_len", f"{run.seq_len:,} tokens", source)
    if question.global_batch is None and not run.measured:
        yield Assumption("global_batch", f"{say.count(run.global_batch)} tokens", BATCH_SOURCE)
    if question.stack is None and not run.measured:
        yield Assumption("stack", "open", STACK_SOURCE)
    if run.pilots:
        value = "1 measured step" if len(run.pilots) == 1 else f"{len(run.pilots)} measured steps"
        yield Assumption("pilot", value, PILOT_SOURCE)
    if not run.measured:
        yield Assumption("run_factor", f"{run.run_factor:g} of a step's MFU", RUN_FACTOR_SOURCE)


def _own_rule(question: Question) -> Iterator[Assumption]:
    """That a speed without a framework's name is read by our own rule."""
    if question.mfu is not None and not isinstance(question.mfu, Logged):
        source = "--mfu 0.42@torchtitan for a framework's own figure"
        yield Assumption("mfu", "read as 6·N·D over the dense peak", source)
    if isinstance(question.tflops_per_gpu, float):
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
        source = cite(plan.mfu_sources, catalog) or calibration(_kind(run, gpu, precision))
        yield Assumption("mfu", value, source)
    if plan.mfu_basis in ("predicted", "extrapolated"):
        yield from published_evidence(catalog.gpus[plan.gpu], precision)
        yield from _second_opinion(plan, catalog)
    value = f"{say.price(plan.usd_per_gpu_hour)} USD per GPU-hour on {plan.price_read_on}"
    yield Assumption("price", value, cite((plan.source,), catalog))
    if offer.max_gpus_basis == "estimate":
        basis = catalog.cluster_classes[offer.cluster_class].basis
        whose, most = "our judgment", offer.max_gpus
        if offer.cluster_class in run.question.largest_cluster:
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


def _kind(run: Run, gpu: Gpu, precision: Precision) -> str:
    """The kind of step that a run is on this part."""
    mixture = is_mixture(run.shape.parameters, run.shape.active_parameters)
    return kind_on(mixture, gpu, precision, run.seq_len)


def speed_warnings(run: Run, gpu: Gpu, precision: Precision) -> Iterator[str]:
    """What to doubt of a speed on this part, whatever the fleet: its stack, pilots and bits."""
    if run.measured:
        return
    kind = _kind(run, gpu, precision)
    if run.stack is not None and not stack_is_published(run.stack, kind):
        what = f"no published run of {run.stack} of this kind ({kind.replace('_', ' ')})"
        yield f"{what}: taken as {class_of(run.stack)} stacks in general"
    for number, pilot in enumerate(run.pilots, 1):
        reached = exp(pilot.error)
        if not LEAST_BELIEVED < reached < MOST_BELIEVED:
            what = f"pilot {number} reached {reached:.3g} times the prediction"
            yield f"{what} and is believed only in part: check its rate, GPUs and batch"
    if BITS[precision] < EIGHT_BIT:
        yield (
            "few models were trained in 4 bits: what that does to the model, and how much of it "
            "has to stay in 16, is in none of these figures"
        )


def cite(keys: tuple[str, ...], catalog: Catalog) -> str:
    """Publisher, title and address of each source."""
    cited = []
    for key in keys:
        source = catalog.sources[key]
        cited.append(
            " ".join(part for part in (source.publisher, source.title, source.url) if part)
        )
    return "; ".join(cited)


def plan_warnings(run: Run, plan: Plan, fleet: Fleet, today: date) -> list[str]:
    """What could make this very plan wrong."""
    offer = fleet.candidate.offer
    return [
        *price_warnings(offer, today),
        *_mfu_warnings(run, plan, fleet.candidate.hardware),
        *_confidence_warnings(run, plan),
        *terms_warnings(plan, fleet),
    ]


def price_warnings(offer: Offer, today: date) -> Iterator[str]:
    """What to doubt of an offer's price."""
    age = (today - offer.read_on).days
    if age > OLD_AFTER_DAYS:
        yield f"the price is {age} days old (read {offer.read_on}): read it again first"
    if offer.audit == "doubtful":
        yield f"an audit doubted this price: {offer.note}"
    elif offer.audit == "unaudited":
        yield "nobody has read this price a second time; ask for a quote"


def _mfu_warnings(run: Run, plan: Plan, hardware: Hardware) -> Iterator[str]:
    """What the prediction itself warns of, and a deadline that its range does not keep."""
    found = layout_on(hardware, plan.gpus)
    yield from speed_warnings(run, hardware.gpu, hardware.precision)
    if plan.mfu_basis == "extrapolated":
        yield extrapolated(hardware.gpu, hardware.precision)
    if plan.mfu_basis == "anchored":
        what = f"the step-time model has no constants for {plan.gpu_name}"
        yield f"{what}: the catalog's curve sets its level; it takes other software than GPUs do"
    if found is not None and plan.mfu_basis not in ("given", "measured"):
        yield from found.warnings
    latest = plan.days_range.high * HOURS_PER_DAY
    if latest > run.deadline_hours * PAST:
        late = f"by the MFU alone one run in ten takes {say.days(latest)} or more"
        yield f"{late}, past the deadline; --confidence 0.9 looks for a surer one"
    budget, dearest = run.question.budget, plan.cost_usd_range.high
    if budget is not None and dearest > budget * PAST:
        yield f"by the MFU alone one run in ten costs {say.usd(dearest)} or more, past the budget"
    if plan.mfu_basis == "given" and plan.mfu > HIGHEST_PUBLISHED_MFU:
        yield beyond_published(plan.mfu)
    if run.curve is not None and run.curve.extrapolates(plan.gpus):
        largest = run.curve.gpus[-1]
        yield f"your MFU curve ends at {largest:,.0f} GPUs; beyond it the last slope goes on"
    ratio = run.tokens / run.shape.active_parameters
    if not 1 <= ratio <= 100_000:
        yield f"{ratio:.3g} tokens a parameter is unusual; are both numbers right?"


def extrapolated(gpu: Gpu, precision: Precision) -> str:
    """What to do about a prediction that no published run of the part stands behind."""
    return f"{unpublished(gpu, precision)}: its MFU is extrapolated; measure before you commit"


def beyond_published(mfu: float) -> str:
    """That an MFU that was given is more than anybody published."""
    return f"an MFU of {mfu:.0%} is more than large fleets are known to reach; measure again"


def _confidence_warnings(run: Run, plan: Plan) -> Iterator[str]:
    """A confidence that cannot change anything."""
    asked = run.question.confidence
    if asked is not None and plan.mfu_range.low == plan.mfu:
        basis = {"given": "yours", "measured": "measured"}.get(plan.mfu_basis, plan.mfu_basis)
        yield f"the MFU is {basis} and has no range: a confidence of {asked:g} changes nothing"


def terms_warnings(plan: Plan, fleet: Fleet) -> Iterator[str]:
    """What to know of the way of paying."""
    idle = plan.billed_gpu_hours - plan.gpu_hours
    if idle > plan.billed_gpu_hours * 0.001:
        term = fleet.candidate.term
        what = (
            f"{'block' if plan.block_days else 'commitment'} of {say.days(term.commitment_hours)}"
        )
        if fleet.pays_minimum:
            what = f"minimum spend of {say.usd(term.minimum_usd)}"
        share = idle / plan.billed_gpu_hours
        yield f"the {what} is billed in full: {share:.0%} of it is not used"
    longest = plan.runs * (plan.days_range.high - plan.lead_days)
    if plan.block_days and longest > plan.block_days:
        yield (
            f"the run has to end within the block of {plan.block_days} days; by the MFU alone one "
            f"in ten takes {say.days(longest * HOURS_PER_DAY)} or more, and then needs a longer "
            "block"
        )
    ends = fleet.candidate.term.longest_hours / HOURS_PER_DAY
    if not plan.block_days and longest > ends:
        yield (
            f"the offer ends after {say.days(ends * HOURS_PER_DAY)}; by the MFU alone one run in "
            f"ten takes {say.days(longest * HOURS_PER_DAY)} or more, and is cut off"
        )
    if plan.pricing == "spot":
        kept = say.days(plan.slack_days * HOURS_PER_DAY)
        yield (
            f"spot capacity can be taken back: about {plan.interruptions:.0f} interruptions are "
            f"counted in, and {kept} of the {say.days(plan.days * HOURS_PER_DAY)} are slack"
        )
    if plan.pricing == "marketplace":
        yield "a marketplace price is an asking price of the day; hosts differ"
    if plan.pricing == "owned":
        price = say.usd((fleet.candidate.offer.purchase_usd_per_gpu or 0.0) * plan.gpus)
        yield (
            f"the servers have to be bought first, {price}: this run bears its share of what they "
            "lose in value, and the fleet has to find other work for the rest of its life"
        )
        if not plan.lead_days:
            yield "delivery and installation are not in these days, and commonly take months"
