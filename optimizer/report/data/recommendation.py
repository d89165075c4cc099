"""A recommendation as plain data with the documented keys, ready for ``json.dumps``."""

from dataclasses import asdict

from optimizer.report.data.answer import Data, answer_data, comparison_data, pricing_data
from optimizer.report.data.frontier import frontier_data
from optimizer.report.data.levers import explained_data, levers_data
from optimizer.report.data.risk import alternatives_with_risk, risk_data
from optimizer.study.calculation import Figure
from optimizer.study.cited import Cited
from optimizer.study.recommendation import Recommendation


def recommendation_data(found: Recommendation) -> Data:
    """The keys of `report -o FILE.json`: those of `plan --json`, and the studies around it."""
    pricing = pricing_data(found.pricing)
    explained = explained_data(found.answer, found.levers)
    frontier = frontier_data(found.frontier)
    return {
        "sixnd": found.version,
        "date": found.today.isoformat(),
        "command": found.command,
        **alternatives_with_risk(answer_data(found.answer), found.risks),
        **risk_data(found.risks, found.premium),
        **comparison_data(list(found.fleets)),
        "pricing": {"fleets": pricing["fleets"], "break_even": pricing["break_even"]},
        "lost": explained["lost"],
        "others": explained["others"],
        **levers_data(found.levers),
        "frontier": {key: frontier[key] for key in ("points", "points_in_all", "asked")},
        "sensitivity": {
            "cases": [asdict(case) for case in found.sensitivity.cases],
            "flips": [asdict(flip) for flip in found.sensitivity.flips],
        },
        "calculation": [_figure(figure) for figure in found.calculation],
        "sources": [_source(one) for one in found.sources],
    }


def _figure(figure: Figure) -> Data:
    keys = ("key", "name", "value", "unit", "formula", "note", "in_total")
    return {key: getattr(figure, key) for key in keys}


def _source(one: Cited) -> Data:
    return {
        **asdict(one.source),
        "used_for": list(one.used_for),
        "first_read": one.first_read.isoformat(),
        "last_read": one.last_read.isoformat(),
    }
