"""Milliseconds of staircases with nothing cached, beside their targets.

python -m benchmarks.step_speed

The slowest models' curves one by one, then the hardware of all shipped offers (each GPU in each
node on each network) together for one model at up to 4,096 GPUs.
"""

from collections.abc import Sequence
from statistics import median
from time import perf_counter

from catalog import Gpu, Precision
from catalog.load import load_catalog
from optimizer.step import curve, setting_of
from optimizer.step.holding import holding_of, launchable
from optimizer.step.setting import replicas_of
from optimizer.step.stairs import stairs
from optimizer.step.work import work_of
from problems import shape_of

CASES = (
    ("llama-3.1-8b", "h100_sxm", 1024),
    ("llama-3.1-70b", "h100_sxm", 4096),
    ("llama-3.1-405b", "h100_sxm", 16384),
    ("llama-2-70b", "rtx_a6000", 1024),
    ("deepseek-v3", "h100_sxm", 4096),
)
CURVE_MS = 15.0
ALL_MODEL, ALL_GPUS, ALL_MS = "llama-3.1-70b", 4096, 250.0
REPEATS = 9
# A curve is remembered by its setting, and a setting by what it is made of.
REMEMBERED = (setting_of, work_of, replicas_of, holding_of, launchable, stairs)
Curve = tuple[str, Gpu, int, float | None, int]


def main() -> None:
    """Print the median of each case and its share of the target."""
    catalog = load_catalog()
    print(f"{'curve':40} {'steps':>6} {'ms':>7} {'target':>7} {'share':>6}")
    for model, gpu, most in CASES:
        points, taken = timed([(model, catalog.gpus[gpu], 8, None, most)])
        say(f"{model} on {gpu} to {most:,}", points, taken, CURVE_MS)
    hardware = {(o.gpu, o.gpus_per_node, o.nic_gbps_per_gpu) for o in catalog.offers}
    every = [(ALL_MODEL, catalog.gpus[g], node, nic, ALL_GPUS) for g, node, nic in hardware]
    points, taken = timed(every)
    say(f"{ALL_MODEL} on all {len(every)} to {ALL_GPUS:,}", points, taken, ALL_MS)


def one(model: str, gpu: Gpu, node: int, nic: float | None, most: int) -> int:
    """The steps of one curve, counted."""
    precision: Precision = "bf16" if gpu.peak_bf16_tflops else "fp16"
    setting = setting_of(shape_of(model), gpu, precision, gpus_per_node=node, nic_gbps_per_gpu=nic)
    return len(curve(setting, most))


def forget() -> None:
    """Nothing of any curve is remembered any more."""
    for remembered in REMEMBERED:
        remembered.cache_clear()


def timed(curves: Sequence[Curve]) -> tuple[int, float]:
    """All their steps, and the median of their milliseconds from nothing cached."""
    taken = []
    for _ in range(REPEATS):
        forget()
        start = perf_counter()
        found = sum(one(*asked) for asked in curves)
        taken.append((perf_counter() - start) * 1000)
    return found, median(taken)


def say(name: str, points: int, taken: float, target: float) -> None:
    """One line of the table."""
    print(f"{name:40} {points:6} {taken:7.1f} {target:7.0f} {taken / target:6.0%}")


if __name__ == "__main__":
    main()
