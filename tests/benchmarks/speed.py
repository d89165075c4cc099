"""How fast is an answer: `python -m benchmarks.speed`; every figure is a ratio or has its pair.

1. The whole process `sixnd plan 70B --deadline 30d` against importing pandas, PuLP and typer,
   the two in turn: target at most 3; without the step-time model (`--mfu 0.4`) at most 2.
2. On the shipped catalog: all MFU curves in 500 ms, build and solve in 100 ms.
3. Synthetic catalogs: 10,000 offers under 2 s and 1 GiB, and growth from 1,000 to 100,000
   offers no worse than linear.
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from statistics import median

from benchmarks.step_speed import forget
from benchmarks.synthetic import synthetic_catalog
from catalog import load_catalog
from optimizer import best_plan
from optimizer.market.kept import DRAWN
from optimizer.market.market import open_market
from optimizer.program.decide import find_optimum
from problems import make_question

ROUNDS = 7
SIZES = (1_000, 10_000, 100_000)
PLAN = [sys.executable, "-m", "optimizer", "plan", "70B", "--deadline", "30d"]
GIVEN_MFU = [*PLAN, "--mfu", "0.4"]
IMPORTS = [sys.executable, "-c", "import pandas, pulp, typer"]
QUESTION = make_question(model="70B", deadline="30d")


def seconds(work: Callable[[], object]) -> float:
    """Wall-clock seconds that the work takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def process_ratio(plan: list[str]) -> tuple[float, float, float]:
    """Median seconds of the plan, of the imports, and the median of their ratio, pair by pair."""
    pairs = []
    for _ in range(ROUNDS + 1):
        run = [
            seconds(lambda c=command: subprocess.run(c, check=True, capture_output=True))  # type: ignore[misc]
            for command in (plan, IMPORTS)
        ]
        pairs.append(run)
    plans, imports = zip(*pairs[1:], strict=True)  # the first pair warms the disk
    return median(plans), median(imports), median(p / i for p, i in pairs[1:])


def anew() -> None:
    """Neither curves nor markets of questions so far are remembered: to draw them is timed too."""
    forget()
    DRAWN.forget()


def shipped_milliseconds() -> tuple[float, float]:
    """Median milliseconds to price the market, and to build and solve the program."""
    facts = load_catalog()
    markets, optima = [], []
    for _ in range(ROUNDS):
        anew()
        markets.append(seconds(lambda: open_market(QUESTION, facts)))
        market = open_market(QUESTION, facts)
        optima.append(seconds(lambda m=market: find_optimum(m.segments, m.limits)))  # type: ignore[misc]
    return median(markets) * 1000, median(optima) * 1000


def measure_synthetic(offers: int) -> dict[str, float]:
    """Seconds of a whole answer on that many offers, and the peak memory of this process."""
    catalog = synthetic_catalog(offers)
    best_plan(QUESTION, synthetic_catalog(10))  # loads what is loaded once
    taken = seconds(lambda: best_plan(QUESTION, catalog))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"offers": offers, "seconds": taken, "mib": peak}


def synthetic_in_own_process(offers: int) -> dict[str, float]:
    """The same in a process of its own, so that peaks do not add up."""
    command = [sys.executable, "-m", "benchmarks.speed", str(offers)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    measured: dict[str, float] = json.loads(done.stdout)
    return measured


def main() -> None:
    """Print every figure beside its target."""
    for name, command, target in (("predicted", PLAN, 3), ("given", GIVEN_MFU, 2)):
        plan, imports, ratio = process_ratio(command)
        times = f"sixnd plan, MFU {name}: {plan:.2f} s, imports {imports:.2f} s"
        print(f"{times}: ratio {ratio:.2f} (target {target})")
    market, optimum = shipped_milliseconds()
    print(f"shipped: all curves {market:.0f} ms (500), build and solve {optimum:.0f} ms (100)")
    found = [synthetic_in_own_process(size) for size in SIZES]
    for one in found:
        print(f"{one['offers']:>7,.0f} offers: {one['seconds']:.2f} s, {one['mib']:,.0f} MiB")
    growth = found[-1]["seconds"] / found[0]["seconds"] / (SIZES[-1] / SIZES[0])
    print(f"growth from {SIZES[0]:,} to {SIZES[-1]:,}: {growth:.2f} of linear (target 1)")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(measure_synthetic(int(sys.argv[1]))))
    else:
        main()
