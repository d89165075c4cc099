"""The model of a published run: its shape as described, completed from a preset or its like."""

from dataclasses import replace
from functools import cache
from math import log

from catalog.runs import ObservedRun, load_runs
from optimizer.step.transformer import (
    ShapeError,
    Transformer,
    is_mixture,
    transformer_of,
)
from problems import ModelShape, shape_of
from problems.presets import find_presets
from problems.sizes import HEAD_WIDTH

DEFAULT_SEQ_LEN = 2048
# A mixture is the same where its parameters, all and active, agree: "active" leaves embeddings out
# or not, so there is more room. As logarithms.
SAME_SIZE, SAME_ACTIVE = 0.04, 0.25
_SHAPE = (
    *("layers", "hidden", "heads", "kv_heads", "ffn", "vocab", "experts", "experts_per_token"),
    *("shared_experts", "expert_ffn", "expert_input", "shared_ffn", "dense_layers", "attention"),
    *("attention_layers", "window"),
)


# Parts that a source names apart from the catalog's, with the power they were capped to.
VARIANTS = {
    "h100-sxm5-96gb(hbm2e,500w)": ("h100_sxm", 500.0),
    "h100-sxm(form not stated)": ("h100_sxm", None),
    "v100-sxm3-32gb": ("v100_sxm2_32", None),
    "h800-sxm-80gb": ("h800_sxm", None),
}


class NotScorableError(ValueError):
    """A run that the model cannot be held against, and why."""


def stated_shape(run: ObservedRun) -> Transformer:
    """The shape of a published run as its row states it; NotScorableError where it lacks a size."""
    if run.params_b is None:
        raise NotScorableError("the number of parameters is not stated")
    try:
        return transformer_of(described_shape(run))
    except ShapeError as error:
        raise NotScorableError(f"shape: {error}") from None


def described_shape(run: ObservedRun) -> ModelShape:
    """The shape of a run whose parameters are stated, as far as it describes it."""
    active = run.active_params_b if run.active_params_b != run.params_b else None
    size = f"{run.params_b:g}B"
    shape = shape_of(size, active * 1e9 if active else None)
    described = run if run.experts else _like(run)
    if described.hidden and described.layers:
        shape = _published(described, shape)
    else:
        shape = _named(run, shape)
    return shape


def _named(run: ObservedRun, guess: ModelShape) -> ModelShape:
    """The published shape of the model that the run names; the guess where it names none."""
    found = _preset(run)
    if found is None:
        return guess
    return replace(found, parameters=guess.parameters, active_parameters=guess.active_parameters)


def context(run: ObservedRun) -> int:
    """The context of most of the training, where the run does not say."""
    found = _preset(run)
    return found.seq_len if found is not None else DEFAULT_SEQ_LEN


def _preset(run: ObservedRun) -> ModelShape | None:
    """The published model that the run names, where its size agrees.

    Whoever asks names the model, and then it is not guessed either.
    """
    found = find_presets(run.model)
    if len(found) != 1 or run.params_b is None:
        return None
    apart = abs(log(found[0].parameters / (run.params_b * 1e9)))
    return found[0] if apart < SAME_SIZE else None


def _like(run: ObservedRun) -> ObservedRun:
    """A mixture that does not describe its experts, as shipped runs of its size describe theirs."""
    if not run.active_params_b or run.active_params_b == run.params_b or run.params_b is None:
        return run
    for other in _mixtures():
        same = abs(log((other.params_b or 1.0) / run.params_b)) < SAME_SIZE
        if same and abs(log((other.active_params_b or 1.0) / run.active_params_b)) < SAME_ACTIVE:
            return replace(
                run, **{name: getattr(other, name) for name in _SHAPE if not getattr(run, name)}
            )
    return run


@cache
def _mixtures() -> tuple[ObservedRun, ...]:
    """The shipped runs that describe their experts."""
    return tuple(run for run in load_runs() if run.experts and run.layers)


def _published(run: ObservedRun, guess: ModelShape) -> ModelShape:
    """The published widths; what is not published as the usual proportions give it."""
    assert run.hidden is not None
    assert run.layers is not None
    heads = run.heads or max(1, run.hidden // HEAD_WIDTH)
    mixture = is_mixture(guess.parameters, guess.active_parameters)
    return ModelShape(
        name=run.model,
        parameters=guess.parameters,
        active_parameters=guess.active_parameters,
        layers=run.layers,
        hidden=run.hidden,
        heads=heads,
        kv_heads=run.kv_heads or heads,
        ffn=run.ffn or 4 * run.hidden,
        vocab=run.vocab or 50_304,
        experts=(run.experts or 1) if mixture else 0,
        seq_len=run.seq_len or DEFAULT_SEQ_LEN,
        source=run.source,
        estimated=False,
        experts_per_token=run.experts_per_token or 0,
        expert_ffn=run.expert_ffn or 0,
        expert_input=run.expert_input or 0,
        shared_ffn=run.shared_ffn or 0,
        dense_layers=run.dense_layers or 0,
        latent=run.attention == "mla",
        full_attention=run.attention_layers or 0,
        window=run.window or 0,
    )
