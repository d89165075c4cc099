"""What any practitioner would expect of step time and memory holds."""

from dataclasses import replace
from itertools import pairwise

import pytest
from step_cases import gpus, setting

from catalog import Precision
from optimizer.step.batch import usual_batch_tokens
from optimizer.step.predict import NoLayoutError, Prediction, predict
from optimizer.step.setting import BatchError
from optimizer.step.sharing import HANDICAP
from optimizer.step.transformer import ShapeError, transformer_of
from problems import shape_of


def at(
    model: str, gpu: str, count: int, *, nic: float = 400.0, precision: Precision = "bf16"
) -> Prediction:
    """One prediction on nodes of eight."""
    return predict(setting(model, gpu, precision, nic=nic), gpus()[gpu], count)


@pytest.mark.parametrize("model", ["llama-3.1-8b", "llama-3.1-70b", "mixtral-8x7b"])
@pytest.mark.parametrize("gpu", ["h100_sxm", "a100_sxm_80", "rtx_a6000"])
def test_a_faster_network_is_never_slower(model: str, gpu: str) -> None:
    """More Gb/s a GPU never lower MFU, but for what a plainer layout may cost."""
    mfu = [at(model, gpu, 256, nic=nic).mfu for nic in (25.0, 100.0, 400.0, 800.0)]
    assert all(slow <= fast * (1 + HANDICAP) for slow, fast in pairwise(mfu))


def test_more_memory_is_never_slower() -> None:
    """H200 is H100 with more memory, and at least as fast."""
    assert at("llama-3.1-70b", "h200_sxm", 64).mfu >= at("llama-3.1-70b", "h100_sxm", 64).mfu


def test_a_larger_batch_is_never_slower() -> None:
    """More tokens a step hide more of the exchange."""
    batches = (2.0**20, 2.0**22, 2.0**24)
    here = [setting("llama-3.1-70b", batch=batch) for batch in batches]
    mfu = [predict(one, gpus()["h100_sxm"], 512).mfu for one in here]
    assert mfu == sorted(mfu)


def test_a_fixed_batch_pays_less_on_more_gpus() -> None:
    """Strong scaling: MFU falls from a tenth of the fleet to all of it."""
    assert at("llama-3.1-70b", "h100_sxm", 4096).mfu < at("llama-3.1-70b", "h100_sxm", 256).mfu


def test_fp8_is_faster_but_at_a_lower_share_of_its_peak() -> None:
    """Twice the peak gives less than twice the speed."""
    wide, low = (
        at("llama-3.1-70b", "h100_sxm", 64),
        at("llama-3.1-70b", "h100_sxm", 64, precision="fp8"),
    )
    assert low.seconds_per_step < wide.seconds_per_step < 2 * low.seconds_per_step


def test_pcie_fleets_lose_most_on_large_models() -> None:
    """Splitting layers over PCIe costs A6000 more than NVLink costs A100."""
    small = at("llama-3.2-1b", "rtx_a6000", 64).mfu / at("llama-3.2-1b", "a100_sxm_80", 64).mfu
    large = at("llama-3.1-70b", "rtx_a6000", 64).mfu / at("llama-3.1-70b", "a100_sxm_80", 64).mfu
    assert large < small


def test_every_prediction_fits_its_gpu_and_lies_in_its_range() -> None:
    """Memory is below the part's, the range holds the prediction."""
    for gpu in ("h100_sxm", "a100_sxm_40", "rtx_a6000", "b200_sxm"):
        found = at("llama-3.1-70b", gpu, 256)
        assert found.memory_gb_per_gpu * 1e9 < gpus()[gpu].memory_gb * 2**30
        assert 0 < found.low < found.mfu < found.high < 1


def test_an_unpublished_part_says_that_it_extrapolates() -> None:
    """A6000 has a wider range than A100, and so has B200 in 16 bit."""
    known, guess = at("llama-3.1-8b", "a100_sxm_80", 64), at("llama-3.1-8b", "rtx_a6000", 64)
    assert guess.extrapolates
    assert guess.low / guess.mfu < known.low / known.mfu


def test_a_batch_too_small_for_the_fleet_is_warned_of() -> None:
    """Under 4,000 tokens a GPU the answer warns."""
    found = at("llama-3.1-405b", "h100_sxm", 16384)
    assert any("tokens a GPU" in warning for warning in found.warnings)


def test_the_usual_batch_grows_with_the_model() -> None:
    """Llama 3.1 405B trained at 16M tokens a step, 7B models at about 4M."""
    assert usual_batch_tokens(7e9) == 2**22
    assert usual_batch_tokens(405e9) == 2**24


@pytest.mark.parametrize(
    ("count", "model", "what"),
    [(12, "llama-3.1-8b", "whole nodes"), (8, "llama-3.1-405b", "needs 88 H100")],
)
def test_a_fleet_that_cannot_run_it_says_why(count: int, model: str, what: str) -> None:
    """Half nodes and too little memory are errors with their reason."""
    with pytest.raises(NoLayoutError, match=what):
        at(model, "h100_sxm", count)


def test_a_batch_below_one_sequence_is_refused() -> None:
    """A batch of 100 tokens holds no sequence of 8,192."""
    with pytest.raises(BatchError, match="holds no sequence"):
        setting(batch=100)


def test_a_batch_of_few_sequences_does_not_split_over_a_large_fleet() -> None:
    """Two sequences cannot feed 1,024 GPUs: most of them idle, and the answer says so."""
    found = predict(setting(batch=2 * 8192), gpus()["h100_sxm"], 1024)
    assert found.layout.idle > 900
    assert any("stay idle" in said for said in found.warnings)


def test_a_shape_that_contradicts_its_size_is_refused() -> None:
    """Twice the layers cannot be the same number of parameters."""
    shape = shape_of("llama-3.1-8b")
    with pytest.raises(ShapeError, match="parameters"):
        transformer_of(replace(shape, layers=2 * shape.layers))
