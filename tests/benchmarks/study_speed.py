"""How fast are the studies of a plan: `python -m benchmarks.study_speed`.

Each is set beside the plan itself in the same run: 70B in 30 days on the shipped catalog.

1. The frontier of 50 points: target at most 3 s, the market's curves included.
2. 10,000 draws of the risk of the plan and of all its runners-up: target at most 2 s.
3. Levers with break-evens, sensitivity with its flips, the largest model for 5 million USD, and the
   whole recommendation: no target, watched.
"""

from collections.abc import Callable
from datetime import date
from statistics import median

from benchmarks.speed import QUESTION, anew, seconds
from catalog import Catalog, load_catalog
from optimizer import best_plan
from optimizer.market.market import open_market
from optimizer.study.afford import afford
from optimizer.study.frontier import DEFAULT_POINTS, frontier
from optimizer.study.levers import levers
from optimizer.study.recommendation import recommend
from optimizer.study.risk import DRAWS, risks_of
from optimizer.study.sensitivity import sensitivity_of
from problems import make_question

ROUNDS = 5
TODAY = date(2026, 11, 25)
TARGETS = {"frontier": 3.0, "risk": 2.0}


def studies(facts: Catalog) -> dict[str, Callable[[], object]]:
    """Each study by name, ready to run; the plan first."""
    market = open_market(QUESTION, facts)
    answer = best_plan(QUESTION, facts, today=TODAY)
    money = make_question(model="1B", deadline="30d", budget="5M")
    return {
        "plan": lambda: best_plan(QUESTION, facts, today=TODAY),
        "frontier": lambda: frontier(open_market(QUESTION, facts), DEFAULT_POINTS),
        "risk": lambda: risks_of(answer, facts, DRAWS, today=TODAY),
        "levers": lambda: levers(market, answer),
        "sensitivity": lambda: sensitivity_of(open_market(QUESTION, facts)),
        "afford": lambda: afford(money, facts),
        "recommendation": lambda: recommend(QUESTION, facts, TODAY),
    }


def main() -> None:
    """Median seconds of each study, and against the plan, round by round."""
    ready = studies(load_catalog())
    for run in ready.values():
        run()  # loads what is loaded once
    taken: dict[str, list[float]] = {name: [] for name in ready}
    for _ in range(ROUNDS):
        for name, run in ready.items():
            anew()
            taken[name].append(seconds(run))
    for name, times in taken.items():
        ratio = median(t / plan for t, plan in zip(times, taken["plan"], strict=True))
        target = f"  target {TARGETS[name]:.0f} s" if name in TARGETS else ""
        print(f"{name:<15}{median(times):7.3f} s {ratio:6.2f}x the plan{target}")


if __name__ == "__main__":
    main()
