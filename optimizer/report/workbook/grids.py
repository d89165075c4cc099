"""The sheets of a workbook as plain data: numbers as numbers, each column with its format."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from catalog.units import HOURS_PER_DAY
from optimizer import say
from optimizer.plan.plan import Plan
from optimizer.report.text.answer import decision, proof_line
from optimizer.report.text.parts import layout_line, model_line
from optimizer.report.text.rent_or_buy import WORDS, break_even_lines
from optimizer.report.text.risk import chances
from optimizer.report.text.sensitivity import factor_name
from optimizer.report.wording.capacity import LEVEL_WORDS, capacity_facts
from optimizer.report.wording.differences import difference_words
from optimizer.report.wording.held import held_line
from optimizer.report.wording.losses import lost_words
from optimizer.report.wording.stacks import MOST_PUBLISHED, published_line
from optimizer.report.wording.stacks import WORDS as WORDS_OF_STACKS
from optimizer.study.recommendation import Recommendation
from problems.say import times_in_100

Value = str | float | date | None
TEXT, UNIT, COUNT, FLOP = "text", "unit", "count", "flop"
USD, PRICE, DAYS, SHARE, DATE = "usd", "price", "days", "share", "date"


@dataclass(frozen=True, slots=True)
class Column:
    """A heading, how wide the column is in characters, and how its values are written."""

    name: str
    width: int
    style: str = TEXT


@dataclass(frozen=True, slots=True)
class Styled:
    """A value that is written otherwise than its column."""

    value: Value
    style: str


@dataclass(frozen=True, slots=True)
class Grid:
    """One sheet: its name, a line above the table, and the table."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value | Styled, ...], ...]


PLAN_COLUMNS = (
    Column("offer", 38),
    Column("GPUs", 9, COUNT),
    Column("days", 9, DAYS),
    Column("cost, USD", 15, USD),
    Column("MFU", 8, SHARE),
    Column("USD per GPU-hour", 12, PRICE),
    Column("price read on", 13, DATE),
)


def plan_values(plan: Plan | None) -> tuple[Value, ...]:
    """What ``PLAN_COLUMNS`` hold of a plan; blank cells where there is none."""
    if plan is None:
        return ("no plan within the limits", *(None for _ in PLAN_COLUMNS[1:]))
    figures = plan.gpus, plan.days, plan.cost_usd, plan.mfu, plan.usd_per_gpu_hour
    return (plan.offer, *figures, plan.price_read_on)


def summary(found: Recommendation) -> Grid:
    """The decision and its figures, as decided."""
    columns = (Column("what", 46), Column("figure", 60), Column("more", 60))
    title = " ".join(decision(found.plan))
    return Grid("Summary", title, columns, tuple(_summary(found)))


def _summary(found: Recommendation) -> Iterator[tuple[Value | Styled, ...]]:
    plan, answer = found.plan, found.answer
    risk = found.risks.plan
    drawn = f"of {risk.draws:,} draws of MFU, interruptions and price"
    yield "title", answer.run.name, ""
    yield "model", model_line(answer.run), ""
    yield "cost, USD", Styled(plan.cost_usd, USD), ""
    yield "cost, 10th percentile, USD", Styled(risk.cost_usd.p10, USD), drawn
    yield "cost, 90th percentile, USD", Styled(risk.cost_usd.p90, USD), drawn
    yield "days", Styled(plan.days, DAYS), ""
    yield "days, 10th percentile", Styled(risk.days.p10, DAYS), drawn
    yield "days, 90th percentile", Styled(risk.days.p90, DAYS), drawn
    yield "deadline, days", Styled(answer.run.deadline_hours / HOURS_PER_DAY, DAYS), ""
    for what, often in chances(answer.run, plan, risk):
        yield f"{what}: kept", Styled(often, SHARE), drawn
    yield from _surer(found)
    yield "GPUs", Styled(plan.gpus, COUNT), plan.gpu_name
    yield "nodes", Styled(plan.nodes, COUNT), f"of {plan.gpus_per_node} GPUs"
    yield "offer", plan.offer, plan.region or "region not stated"
    yield "USD per GPU-hour", Styled(plan.usd_per_gpu_hour, PRICE), f"read {plan.price_read_on}"
    yield "MFU", Styled(plan.mfu, SHARE), plan.mfu_basis
    yield "goodput", Styled(plan.goodput, SHARE), ""
    yield from _with_stacks(found)
    yield from _published(found)
    if answer.standing is not None:
        for name, what in capacity_facts(answer.standing):
            yield name, what, ""
    yield "GPU-hours billed", Styled(plan.billed_gpu_hours, COUNT), ""
    if plan.layout is not None:
        yield "layout", layout_line(plan), ""
    yield "energy, MWh", Styled(plan.energy_mwh, DAYS), plan.energy_basis
    yield "CO2, t", Styled(plan.co2_kg / 1000, DAYS), ""
    yield "proof", proof_line(found.proof, answer.run, answer.offers_compared), ""
    yield "catalog", Styled(found.answer.snapshot.date, DATE), "day of the snapshot"
    yield "made on", Styled(found.today, DATE), f"sixnd {found.version}"
    yield "to reproduce", found.command, ""


def _with_stacks(found: Recommendation) -> Iterator[tuple[Value | Styled, ...]]:
    """The same fleet with each stack, and the choice then."""
    for one in found.answer.stacks:
        days = say.days(one.days * HOURS_PER_DAY)
        then = "no fleet keeps the limits" if one.offer is None else f"{one.offer}, {one.gpus} GPUs"
        if one.cost_usd is not None:
            name = WORDS_OF_STACKS.get(one.stack, one.stack)
            yield f"stack {name}, USD", Styled(one.cost_usd, USD), f"in {days}; chosen then: {then}"


def _published(found: Recommendation) -> Iterator[tuple[Value | Styled, ...]]:
    """The GPU-hours of published runs like this one."""
    hours = found.plan.gpu_hours / found.plan.runs
    for one in found.answer.published[:MOST_PUBLISHED]:
        yield "published, GPU-hours", Styled(one.gpu_hours, COUNT), published_line(one, hours)


def _surer(found: Recommendation) -> Iterator[tuple[Value | Styled, ...]]:
    """What it costs to keep the deadline with a confidence, and on which fleet."""
    premium, level = found.premium, times_in_100(found.premium.confidence)
    if premium.sure is None or premium.cost_usd is None:
        yield f"deadline kept {level}", "no fleet within the limits", ""
        return
    more = f"{premium.sure.gpus:,} GPUs of {premium.sure.offer} against {premium.plain.gpus:,}"
    yield f"deadline kept {level} costs more, USD", Styled(premium.cost_usd, USD), more


def fleets(found: Recommendation) -> Grid:
    """The plan, the best of each GPU, each way to pay, and the plans that lost."""
    columns = (Column("list", 16), Column("of", 16), *PLAN_COLUMNS, Column("why it lost", 46))
    rows: list[tuple[Value | Styled, ...]] = [("plan", "", *plan_values(found.plan), "")]
    rows += [("best of a GPU", f.gpu, *plan_values(f.answer.plan), "") for f in found.fleets]
    lost = found.answer.alternatives
    rows += [("runner-up", o.plan.gpu, *plan_values(o.plan), difference_words(o.why)) for o in lost]
    paid = found.pricing.fleets
    rows += [("way to pay", WORDS[p.pricing], *plan_values(p.answer.plan), "") for p in paid]
    return Grid("Fleets", "Every fleet of the report", columns, tuple(rows))


def frontier(found: Recommendation) -> Grid:
    """The plans that nothing beats on both cost and time."""
    rows = [
        (plan.offer, plan.gpus, point.days, *plan_values(plan)[3:])
        for point in found.frontier.points
        for plan in (point.plan,)
    ]
    title = f"{len(rows)} of {found.frontier.in_all:,} plans that nothing beats on cost and time"
    sure = found.answer.run.confidence
    title += "" if sure is None else f"; days: kept {times_in_100(sure)}"
    return Grid("Frontier", title, PLAN_COLUMNS, tuple(rows))


def sensitivity(found: Recommendation) -> Grid:
    """The best plan where one figure is other than assumed, and where the offer changes."""
    columns = (
        *(Column("list", 16), Column("figure", 24), Column("change", 10, SHARE)),
        *(Column("cost, USD", 15, USD), Column("difference", 12, SHARE)),
        *(Column("days", 10, DAYS), Column("GPUs", 9, COUNT), Column("offer then", 38)),
    )
    base, rows = found.plan.cost_usd, list[tuple[Value | Styled, ...]]()

    def named(factor: str) -> str:
        return factor_name(factor, found.answer.run, found.plan)

    for case in found.sensitivity.cases:
        dearer = None if case.cost_usd is None else case.cost_usd / base - 1
        then = case.offer or "no plan"
        figures = (case.cost_usd, dearer, case.days, case.gpus)
        name = named(case.factor)
        name += f": {WORDS_OF_STACKS[case.stack]}" if case.stack else ""
        name += f": {LEVEL_WORDS[case.capacity]}" if case.capacity else ""
        rows.append(("case", name, case.change, *figures, then))
    for flip in found.sensitivity.flips:
        then, blank = flip.offer or "no plan", (None, None, None)
        rows.append(("smallest change", named(flip.factor), flip.change, *blank))
        rows[-1] += (flip.gpus, then)
    return Grid("Sensitivity", "One figure changed at a time", columns, tuple(rows))


def paying(found: Recommendation) -> Grid:
    """Prices at which the decision tips, and from how many runs on one way to pay wins."""
    columns = (
        *(Column("break-even", 40), Column("figure", 16)),
        *(Column("unit", 24, UNIT), Column("more", 80)),
    )
    rows: list[tuple[Value | Styled, ...]] = [
        (f"{lost.offer} wins below", Styled(price, PRICE), "USD per GPU-hour", lost_words(lost))
        for lost in found.levers.lost
        if (price := lost.break_even_usd_per_gpu_hour) is not None
    ]
    above = found.levers.winner_loses_above_usd_per_gpu_hour
    if above is not None:
        to = found.levers.winner_loses_to or "the budget"
        first = (f"{found.plan.offer} loses above", Styled(above, PRICE), "USD per GPU-hour")
        rows.insert(0, (*first, f"to {to}"))
    even = found.pricing.break_even
    ways = (("buying", even.buy), ("buying, servers worth nothing", even.buy_unsold))
    for name, crossing in (*ways, ("reserving", even.reserve)):
        if crossing is not None:
            runs = Styled(crossing.runs, COUNT)
            against = f"{crossing.cheaper} against {crossing.dearer}"
            rows.append((f"{name} wins from", runs, "such runs", against))
    rows += [("", None, "", line) for line in break_even_lines(even)]
    return Grid("Break-even", "Where the decision tips", columns, tuple(rows))


def assumptions(found: Recommendation) -> Grid:
    """What the question left open, and what to doubt."""
    columns = (Column("assumption", 22), Column("taken", 60), Column("source, or what to set", 80))
    rows = [(a.name.replace("_", " "), a.value, a.source) for a in found.answer.assumptions]
    rows += [("risk", warning, "") for warning in found.answer.warnings]
    rows += [("held back", held_line(held), "") for held in found.answer.held_back]
    rows += [("your quotes", remark, "") for remark in found.answer.remarks]
    return Grid("Assumptions", "Assumptions and risks", columns, tuple(rows))


def sources(found: Recommendation) -> Grid:
    """Where the figures were read."""
    columns = (
        *(Column("publisher", 20), Column("title", 32), Column("address", 40)),
        *(Column("kind", 16), Column("first read", 12, DATE), Column("last read", 12, DATE)),
        *(Column("used for", 40), Column("what it says", 46)),
    )
    rows = [
        (
            *(s.source.publisher, s.source.title, s.source.url, s.source.kind),
            *(s.first_read, s.last_read, ", ".join(s.used_for), s.source.says),
        )
        for s in found.sources
    ]
    return Grid("Sources", "Sources of the figures", columns, tuple(rows))
