"""Sections on money: the bill, the ways to pay and where they cross, the sum step by step."""

import re
from collections.abc import Iterator, Mapping

from optimizer import say
from optimizer.plan.plan import Plan
from optimizer.report.document.blocks import Block, Bullets, Paragraph, Section, capitalized, table
from optimizer.report.text.parts import figures
from optimizer.report.text.rent_or_buy import WORDS, break_even_lines
from optimizer.report.wording.calculation import figure_words
from optimizer.study.calculation import Figure
from optimizer.study.recommendation import Recommendation

BILL_COLUMNS = ("line", "USD", "share", "how it comes about")
PAYING_COLUMNS = ("way to pay", "offer", "GPUs", "days", "cost, USD")
SUM_COLUMNS = ("step", "formula", "with numbers", "result")
SIGNS = {"*": "×", "/": "÷", "+": "+", "-": "-"}


def bill(found: Recommendation) -> Section:
    """What is paid for."""
    plan = found.plan
    rows = [
        (one.line, f"{one.usd:,.0f}", f"{one.usd / plan.cost_usd:.1%}", one.basis)
        for one in plan.bill
    ]
    foot = ("total", f"{plan.cost_usd:,.0f}", "100.0%", "")
    caption = f"The bill of {plan.offer}"
    blocks: list[Block] = [table(caption, BILL_COLUMNS, rows, last=1, foot=foot)]
    energy = f"{say.digits(plan.energy_mwh)} MWh and {say.tonnes(plan.co2_kg)} of CO2"
    blocks.append(Paragraph(f"Training draws {energy} ({plan.energy_basis})."))
    return Section("bill", "The bill", tuple(blocks))


def ways_to_pay(found: Recommendation) -> Section:
    """The best plan of each kind of price, and from when on the one beats the other."""
    rows = [_paying(one.pricing, one.answer.plan) for one in found.pricing.fleets]
    caption = "The best fleet of each way to pay, for the same run"
    blocks: list[Block] = [table(caption, PAYING_COLUMNS, rows, left=2)]
    even = tuple(capitalized(line) for line in break_even_lines(found.pricing.break_even))
    if even:
        blocks += [Paragraph("Break-even, for such runs one after the other:"), Bullets(even)]
    return Section("paying", "Rent, reserve or buy", tuple(blocks))


def _paying(kind: str, plan: Plan | None) -> tuple[str, ...]:
    if plan is None:
        return WORDS[kind], "no plan within the limits", "", "", ""
    block = f", a block of {plan.block_days} days" if plan.block_days else ""
    return WORDS[kind], f"{plan.offer}{block}", *figures(plan)


def calculated(found: Recommendation) -> Section:
    """The sum, from 6·N·D to the total, with the numbers put in."""
    known: dict[str, Figure] = {}
    rows = []
    for figure in found.calculation:
        known[figure.key] = figure
        rows.append(_step(figure, known))
    caption = "From 6·N·D to the total; each step stands below the figures that it needs"
    said = "The workbook (-o report.xlsx) has the same sum as formulas: change a figure there."
    blocks = (table(caption, SUM_COLUMNS, rows, left=3), Paragraph(said))
    return Section("calculation", "The calculation, step by step", blocks)


def _step(figure: Figure, known: Mapping[str, Figure]) -> tuple[str, str, str, str]:
    if not figure.formula:
        return figure.name, "given", figure.note, figure_words(figure)
    symbols = "".join(_written(part, known, names=True) for part in _parts(figure.formula))
    numbers = "".join(_written(part, known, names=False) for part in _parts(figure.formula))
    return figure.name, symbols, numbers, figure_words(figure)


def _parts(formula: str) -> Iterator[str]:
    """The names, numbers and signs of a formula, with the spaces between."""
    yield from re.findall(r"[A-Za-z_]\w*|[0-9.]+(?:E[0-9]+)?|\s+|[^\w\s]", formula)


def _written(part: str, known: Mapping[str, Figure], *, names: bool) -> str:
    """One part of a formula as it is printed, in names or in numbers."""
    if part in known:
        figure = known[part]
        return figure.name.partition(",")[0] if names else figure_words(figure)
    if part == "MAX":
        return "the larger of "
    if part == "1E12":
        return "10¹²"
    return f"{int(part):,}" if part.isdigit() else SIGNS.get(part, part)
