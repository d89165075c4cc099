"""Milliseconds of one MFU curve: a model, a GPU and a network, with nothing cached.

python -m benchmarks.step_speed
"""

from statistics import median
from time import perf_counter

from catalog.load import load_gpus
from optimizer.step import curve, setting_of
from optimizer.step.search import replicas_of
from problems import shape_of

CASES = (
    ("llama-3.1-8b", "h100_sxm", 1024),
    ("llama-3.1-70b", "h100_sxm", 4096),
    ("llama-3.1-405b", "h100_sxm", 16384),
    ("llama-2-70b", "rtx_a6000", 1024),
    ("deepseek-v3", "h100_sxm", 4096),
)
REPEATS = 9


def main() -> None:
    """Print the median of each case."""
    gpus = load_gpus()
    for model, gpu, most in CASES:
        taken = []
        for _ in range(REPEATS):
            replicas_of.cache_clear()
            start = perf_counter()
            setting = setting_of(shape_of(model), gpus[gpu], "bf16", gpus_per_node=8)
            points = curve(setting, most)
            taken.append((perf_counter() - start) * 1000)
        print(f"{model:16} {gpu:12} {len(points):3} breakpoints {median(taken):6.1f} ms")


if __name__ == "__main__":
    main()
