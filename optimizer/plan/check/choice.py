"""Whether a plan is of an offer that was asked for, on its terms and in a size that is sold."""

from collections.abc import Iterator

from optimizer.plan.check.facts import Case, peak_tflops

CLOSE = 1e-6
# What a GPU's memory leaves to a program, the driver's share apart.
USABLE_MEMORY = 0.97
# What one counts on with each word, beside what the words before it have.
CAPACITY = {
    "self_serve": ("self_serve", "block", "spot", "owned"),
    "approval": ("approval",),
    "quota": ("quota",),
    "contract": ("contract",),
}
# Multiples of 64 chips of which Google lists no slice.
NO_V5P_SLICE = (4288, 4544, 4672, 5056, 5312, 5696)


def wrong_terms(case: Case) -> Iterator[str]:
    """The plan's terms are the offer's."""
    plan, offer = case.plan, case.offer
    terms = ("provider", "gpu", "pricing", "region", "gpus_per_node", "fabric", "source")
    for term in (*terms, "capacity", "instance_type"):
        if getattr(plan, term) != getattr(offer, term):
            yield f"{term}: {getattr(plan, term)} in the plan, {getattr(offer, term)} on offer"
    if plan.price_read_on != offer.read_on:
        yield f"price_read_on: {plan.price_read_on} in the plan, {offer.read_on} on offer"
    if plan.gpu_name != case.gpu.name:
        yield f"gpu_name: {plan.gpu_name} in the plan, {case.gpu.name} in the catalog"
    if plan.offer in case.catalog.held_back:
        yield f"price: {plan.offer} is held back"
    if plan.block_days not in (offer.block_days or (None,)):
        yield f"block: {plan.block_days} days in the plan, not among those on offer"
    if unknown := set(plan.mfu_sources) - set(case.catalog.sources):
        yield f"mfu_sources: no {', '.join(sorted(unknown))} in the catalog"


def wrong_choice(case: Case) -> Iterator[str]:
    """The offer is one that was asked for."""
    offer, run = case.offer, case.run
    names = set(offer.region.split())
    inside = names if run.regions is None else names & run.regions
    choices = {
        "gpu": (offer.gpu, run.gpus, run.excluded_gpus),
        "provider": (offer.provider, run.providers, run.excluded_providers),
        "pricing": (offer.pricing, run.pricing, ()),
        "fabric": (offer.fabric, run.fabrics, ()),
        "capacity": (offer.capacity, _counted_on(run.capacity), ()),
    }
    for name, (value, wanted, left_out) in choices.items():
        if (wanted is not None and value not in wanted) or value in left_out:
            yield f"{name}: {value} was not asked for"
    if run.regions is not None and not inside:
        yield f"region: {offer.region} was not asked for"
    if run.excluded_regions is not None and not inside - run.excluded_regions:
        yield f"region: {offer.region} was left out"
    asked = run.precision
    usual = next((p for p in ("bf16", "fp16") if peak_tflops(case.gpu, p)), None)
    if case.plan.precision != (asked or usual):
        yield f"precision: {case.plan.precision} was not asked for"
    if case.plan.runs != run.runs:
        yield f"runs: {case.plan.runs} in the plan, {run.runs} asked for"


def _counted_on(level: str | None) -> tuple[str, ...] | None:
    """The classes of capacity that a question counts on; None where it does not say."""
    if level not in CAPACITY:  # of published sizes any class will do
        return None
    words = list(CAPACITY)
    return tuple(one for word in words[: words.index(level) + 1] for one in CAPACITY[word])


def wrong_size(case: Case) -> Iterator[str]:
    """Whole nodes, as many as are on sale, that hold the model."""
    plan, offer = case.plan, case.offer
    if plan.nodes < 1 or plan.gpus != plan.nodes * plan.gpus_per_node:
        yield f"gpus: {plan.gpus} are not {plan.nodes} nodes of {plan.gpus_per_node}"
    most = _on_sale(case)
    if not offer.min_gpus <= plan.gpus <= most:
        yield f"gpus: {plan.gpus} rented, {offer.min_gpus} to {most} on sale"
    if offer.fabric == "ici" and not _is_slice(offer.gpu, plan.gpus):
        yield f"gpus: {plan.gpus} are no slice that is sold"
    needed = plan.memory_gb_per_gpu or 0.0
    if needed > case.gpu.memory_gb * USABLE_MEMORY * (1 + CLOSE):
        yield f"memory: {needed:.1f} GB needed of {case.gpu.memory_gb:g} GB"
    if plan.idle_gpus != plan.gpus - round(case.running):
        yield f"idle_gpus: {plan.idle_gpus} of {plan.gpus}, where {case.running:g} run"


def _on_sale(case: Case) -> int:
    """The most GPUs of the offer that the question may take."""
    offer, run = case.offer, case.run
    most, judged = offer.max_gpus, offer.max_gpus_basis == "estimate"
    override = run.largest_cluster.get(offer.cluster_class)
    if offer.fabric == "none":  # nodes that nothing joins are used one at a time
        most = min(most, offer.gpus_per_node)
    elif judged and override is not None:
        most = override
    elif judged and run.capacity == "published":
        most = min(most, offer.gpus_per_node)
    if offer.pricing == "spot":
        most = min(most, run.spot_nodes * offer.gpus_per_node)
    return min(most, run.quota.get(offer.provider, most))


def _is_slice(gpu: str, chips: int) -> bool:
    """Whether TPUs are sold in that number; what is no TPU is in any."""
    if gpu in ("tpu_v5e", "tpu_v6e"):
        return chips in (1, 4, 8, 16, 32, 64, 128, 256)
    if gpu == "tpu_v5p":
        whole = chips % 64 == 0 and chips <= 6144 and chips not in NO_V5P_SLICE
        return whole or chips in (4, 8, 16, 32)
    return True


def wrong_layout(case: Case) -> Iterator[str]:
    """The layout lies on the GPUs that run, in whole nodes, and shares the batch evenly."""
    plan, layout, run = case.plan, case.plan.layout, case.run
    moved = abs(plan.global_batch_tokens / run.global_batch - 1)
    if moved > run.batch_room + CLOSE:
        yield f"global_batch_tokens: {plan.global_batch_tokens:,.0f} of {run.global_batch:,.0f}"
    if layout is None:
        return
    replica = layout.tensor * layout.pipeline * layout.context
    used = replica * layout.data
    whole = used % plan.gpus_per_node == 0 and layout.gpus_per_node == plan.gpus_per_node
    if layout.gpus != used or used + layout.idle != plan.gpus or not whole:
        yield f"layout: {layout.data} replicas of {replica} GPUs do not lie on {plan.gpus}"
    shared = layout.data * layout.micro_batch * layout.micro_batches
    uneven = layout.interleave > 1 and layout.micro_batches % layout.pipeline
    if shared != layout.sequences or uneven:
        yield f"layout: {layout.sequences} sequences are not {shared}, in whole micro-batches"
    if layout.seq_len != run.seq_len:
        yield f"layout: sequences of {layout.seq_len} tokens, {run.seq_len} in the question"
    if layout.split and len(layout.split) != layout.pipeline * layout.interleave:
        yield f"layout: {len(layout.split)} virtual stages in a pipeline of {layout.pipeline}"
    tokens = layout.sequences * run.seq_len
    if abs(plan.global_batch_tokens - tokens) > CLOSE * tokens:
        yield f"global_batch_tokens: {plan.global_batch_tokens:,.0f}, a step has {tokens:,.0f}"
