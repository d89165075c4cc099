"""Questions that were read, decided: the market opened, the program solved, the risk drawn."""

from collections.abc import Iterator
from contextlib import contextmanager

from optimizer.answer import Answer as Decision
from optimizer.answer import answer_market
from optimizer.commands.asking import read_whole
from optimizer.market.market import Market, open_market
from optimizer.study.levers import levers
from optimizer.study.price_of_confidence import Premium, premium_of
from optimizer.study.risk import (
    DRAWS,
    FEWEST_DRAWS,
    LARGEST_SEED,
    MOST_DRAWS,
    SEED,
    Risks,
    risks_of,
)
from sixnd.answers import Answer, Explanation, Risk
from sixnd.reading import Reading

Drawing = tuple[int, int]


def drawing(draws: int | None = None, seed: int | None = None) -> Drawing:
    """How many draws and where they begin; ProblemError out of bounds."""
    return (
        DRAWS if draws is None else read_whole("draws", str(draws), FEWEST_DRAWS, MOST_DRAWS),
        SEED if seed is None else read_whole("seed", str(seed), 0, LARGEST_SEED),
    )


def implied(reading: Reading) -> Drawing | None:
    """The draws that a question asks for by the confidence it wants."""
    return None if reading.question.confidence is None else drawing()


@contextmanager
def opened(reading: Reading) -> Iterator[Market]:
    """The market of a question that leaves its fleet open; mistakes in it told by keyword."""
    with reading.asked.mistakes_placed():
        reading.asked.expect_open_fleet()
        yield open_market(reading.question, reading.facts)


def decided(reading: Reading, draws: Drawing | None) -> Answer:
    """The answer, with how sure it is where that is drawn."""
    with opened(reading) as market:
        found = answer_market(market, today=reading.today, **reading.solving)
    return Answer(found, _drawn(reading, found, draws), market)


def surely_decided(reading: Reading, draws: Drawing) -> Risk:
    """The answer with how sure it and its runners-up are."""
    found = decided(reading, draws)
    return Risk(found.found, found.drawn, found.market)


def explained(reading: Reading, draws: Drawing | None) -> Explanation:
    """The answer with what would change it."""
    with opened(reading) as market:
        found = answer_market(market, today=reading.today, **reading.solving)
        changes = levers(market, found)
    return Explanation(found, _drawn(reading, found, draws), changes)


def _drawn(
    reading: Reading, found: Decision, draws: Drawing | None
) -> tuple[Risks, Premium] | None:
    """How sure an answer is, and what to be surer costs; None where not asked or without a plan."""
    if draws is None or found.plan is None:
        return None
    risks = risks_of(found, reading.facts, *draws, today=reading.today)
    return risks, premium_of(found, reading.facts, **reading.solving)
