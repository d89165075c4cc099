"""Training compute: C = 6·N·D, and the fleet hours it takes."""

from catalog.units import SECONDS_PER_HOUR

FORWARD_FLOP = 2  # a multiply and an add for each parameter and token
BACKWARD_FLOP = 4  # the same twice: gradients of the activations and of the weights
TOKENS_PER_PARAMETER = 20  # Hoffmann et al. 2022, https://arxiv.org/abs/2203.15556


def training_flop(active_parameters: float, tokens: float) -> float:
    """FLOP of the whole run, 6·N·D; N is the active parameters of a mixture of experts.

    Kaplan et al. 2020, https://arxiv.org/abs/2001.08361, section 2.1. Attention FLOP are
    left out, here and in the definition of MFU: they show as a lower MFU at long context.
    """
    return (FORWARD_FLOP + BACKWARD_FLOP) * active_parameters * tokens


def peak_hours(flop: float, peak_tflops: float) -> float:
    """GPU-hours the run would take at the dense peak (TFLOP/s) of one GPU."""
    return flop / (peak_tflops * 1e12 * SECONDS_PER_HOUR)


def mfu_of(tflops_per_gpu: float, peak_tflops: float) -> float:
    """Model FLOPs utilization: 6·N·D FLOP/s achieved over the dense peak, both per GPU."""
    return tflops_per_gpu / peak_tflops
