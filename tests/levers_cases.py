"""The levers of a question."""

from small_catalog import TODAY

from catalog import Catalog
from optimizer.answer import answer_market
from optimizer.market.market import open_market
from optimizer.study.levers import Levers, levers
from problems import Question


def study(question: Question, catalog: Catalog) -> Levers:
    """What would change the answer to a question."""
    market = open_market(question, catalog)
    return levers(market, answer_market(market, "highs", 60, TODAY))
