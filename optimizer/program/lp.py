"""The whole program of a question as an LP file, for a solver of one's own."""

from pathlib import Path

from catalog import Catalog, load_catalog
from optimizer.market.market import open_market
from optimizer.program.decide import decide
from optimizer.program.model import build_program
from optimizer.program.solve import write_lp
from problems import Question


def write_program(question: Question, path: Path, catalog: Catalog | None = None) -> None:
    """Write the whole program of a question, every offer that qualifies, as an LP file.

    Its objective is what the question minimizes. Time is hours over GPUs, which no linear
    objective is: the program is then the last step of Dinkelbach's iteration, at the rate of the
    fastest fleet. Its minimum is zero, which proves that rate, and reached by that fleet.
    """
    market = open_market(question, catalog or load_catalog())
    objective, rate, comment = market.run.objective, 0.0, ""
    if objective == "time":
        fastest = decide(market)
        rate = fastest.fleet.latest_hours if fastest else market.limits.deadline_hours
        proves = "no fleet is faster" if fastest else "a fleet keeps the limits, and none does"
        comment = f"hours beyond {rate!r}, times GPUs: a minimum of zero proves that {proves}"
    program = build_program(market.segments, market.limits, objective, rate)
    write_lp(program, path, comment)
