"""Sections on what else could be: cost against time, other figures, what would change the plan."""

from collections.abc import Iterator

from catalog.units import HOURS_PER_DAY
from optimizer import say
from optimizer.report.charts.drawing import for_page, inline_svg
from optimizer.report.charts.frontier import frontier_chart
from optimizer.report.charts.tornado import ROW, tornado_chart
from optimizer.report.document.blocks import (
    Block,
    Bullets,
    Chart,
    Paragraph,
    Section,
    capitalized,
    table,
)
from optimizer.report.text.levers import lever_lines
from optimizer.report.text.parts import figures, in_column, mfu_marked
from optimizer.report.text.sensitivity import case_name, factor_name
from optimizer.report.text.sensitivity import change as relative
from optimizer.study.frontier import Point
from optimizer.study.recommendation import Recommendation
from optimizer.study.sensitivity import Case, Flip
from problems.question import limit_words
from problems.say import times_in_100

# Rows of the frontier that a page has room for; the workbook and the JSON have every point.
MOST_POINTS = 12
FRONTIER_COLUMNS = ("offer", "GPUs", "days", "cost, USD", "MFU")
CASE_COLUMNS = ("figure", "change", "cost, USD", "difference", "days", "GPUs", "offer then")


def frontier(found: Recommendation) -> Iterator[Section]:
    """What a day less costs."""
    points = found.frontier.points
    if not points:
        return
    shown, asked = found.frontier.some(MOST_POINTS), found.frontier.asked
    marked = None if asked is None else shown.index(asked)
    caption = f"{len(shown)} of {found.frontier.in_all:,} plans that nothing beats on both"
    if len(shown) == found.frontier.in_all:
        caption = "The plans that nothing beats on both"
    rows = [_point(points[at]) for at in shown]
    ring = "" if asked is None else "; the plan of this report has a ring"
    title, says = "Cost against time", f"{_range(points)}{ring}."
    svg = inline_svg(for_page(frontier_chart(found.frontier)), "frontier", title, says)
    blocks: list[Block] = [Chart(title, says, svg)]
    blocks.append(table(caption, FRONTIER_COLUMNS, rows, marked=marked))
    sure = found.answer.run.confidence
    if sure is not None:
        blocks.append(Paragraph(f"Days: kept {times_in_100(sure)}."))
    yield Section("frontier", "Cost against time", tuple(blocks))


def _point(point: Point) -> tuple[str, ...]:
    gpus, _, cost = figures(point.plan)
    return point.plan.offer, gpus, in_column(point.days), cost, mfu_marked(point.plan)


def _range(points: tuple[Point, ...]) -> str:
    cheapest, fastest = points[0], points[-1]
    if cheapest is fastest:
        return f"One plan is both the cheapest and the fastest: {_said(cheapest)}"
    return f"From {_said(cheapest)} to {_said(fastest)}"


def _said(point: Point) -> str:
    takes = say.days(point.days * HOURS_PER_DAY)
    return f"{say.usd(point.cost_usd)} in {takes} on {point.plan.gpus:,} {point.plan.gpu_name}"


def sensitivity(found: Recommendation) -> Section:
    """How the plan changes where a figure is other than assumed."""
    studied = found.sensitivity
    run, plan = found.answer.run, found.plan
    same = sum(case.same_decision for case in studied.cases)
    says = f"The offer stays the choice in {same} of {len(studied.cases)} cases"
    says += "." if same == len(studied.cases) else "; a diamond stands where another is."
    title = "What the result depends on"
    factors = {case.factor for case in studied.cases}
    drawn = for_page(tornado_chart(run, studied), height=ROW * len(factors))
    svg = inline_svg(drawn, "sensitivity", title, says)
    rows = [_case(case, found) for case in studied.cases]
    caption = "One figure changed at a time, and the best plan then"
    blocks: list[Block] = [
        Chart(title, says, svg),
        table(caption, CASE_COLUMNS, rows, last=1),
    ]
    flips = tuple(
        f"{capitalized(factor_name(flip.factor, run, plan))}: {_flip(flip)}"
        for flip in studied.flips
    )
    if flips:
        blocks += [Paragraph("The smallest changes at which another offer is chosen:")]
        blocks += [Bullets(flips)]
    else:
        blocks.append(Paragraph("No change within the ranges looked at changes the offer."))
    return Section("sensitivity", title, tuple(blocks))


def _case(case: Case, found: Recommendation) -> tuple[str, ...]:
    name = factor_name(case.factor, found.answer.run, found.plan)
    change = case_name(case)
    if case.cost_usd is None or case.days is None or case.offer is None:
        return name, change, "", "", "", "", "no plan"
    cost = say.usd_below(case.cost_usd)
    dearer = relative(case.cost_usd / found.plan.cost_usd - 1)
    offer = "the same" if case.same_decision else case.offer
    return name, change, cost, dearer, in_column(case.days), f"{case.gpus:,}", offer


def _flip(flip: Flip) -> str:
    at = f"from {flip.change * 100:+.1f} % on"
    if flip.offer is None or flip.gpus is None:
        return f"{at} no plan exists"
    return f"{at} {flip.offer}, {flip.gpus:,} GPUs"


def levers(found: Recommendation) -> Section:
    """What would change the decision, and which limits stand in the way of a better one."""
    lines = tuple(map(capitalized, lever_lines(found.plan, found.levers)))
    blocks: list[Block] = [Bullets(lines)]
    bound = tuple(
        f"{limit_words(b.limit)}: {b.asked}; without it {b.without}" for b in found.levers.binding
    )
    if bound:
        blocks += [Paragraph("Limits without which the plan would be better:")]
        blocks.append(Bullets(tuple(map(capitalized, bound))))
    return Section("levers", "What would change the decision", tuple(blocks))
