"""The sensitivity of a plan as a person reads it."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from catalog.units import HOURS_PER_DAY
from optimizer import say
from optimizer.market.run import Run
from optimizer.plan.plan import Plan
from optimizer.report.text.parts import aligned, in_column, listed, model_line, note
from optimizer.report.wording.capacity import LEVEL_WORDS
from optimizer.report.wording.stacks import WORDS
from optimizer.study.factors import HIGHEST, LOWEST
from optimizer.study.sensitivity import CAPACITY, STACK, Case, Flip, Sensitivity

SAME = "same"


def sensitivity_text(run: Run, found: Sensitivity) -> Iterator[RenderableType]:
    """The plan, a block of cases for each factor, and where the choice flips."""
    plan = found.base
    yield Text(_verdict(found), style="bold")
    yield Text(f"{_fleet(plan)}: {_figures(plan)}")
    yield Text(model_line(run))
    yield Text()
    unit, word = say.usd_unit(plan.cost_usd)
    rows: list[tuple[str, ...]] = [("", f"{word}USD", "change", "days", "change", "GPUs", "offer")]
    rows += [_row(case, plan, unit) for case in found.cases]
    header, *lines = aligned(rows)
    yield Text(header, style="bold")
    last = ""
    for line, case in zip(lines, found.cases, strict=True):
        if case.factor != last:
            yield Text(factor_name(case.factor, run, plan), style="bold")
            last = case.factor
        yield Text(line)
        if case.offer is not None and not case.same_decision:
            yield note(f"    {case.offer}")
    yield from listed("Where the choice changes", _flips(run, found))


def factor_name(factor: str, run: Run, plan: Plan) -> str:
    """A factor in words."""
    usual = ", the default" if run.leaves_open("deadline") else ""
    return {
        "mfu": "MFU",
        "prices": "prices of all offers",
        "provider_price": f"prices of {plan.provider}",
        "tokens": f"tokens ({say.count(run.tokens)})",
        "deadline": f"deadline ({say.days(run.deadline_hours)}{usual})",
        "failures": "failures",
        "spot_interruptions": "spot interruptions",
        STACK: f"software stack ({run.stack or 'left open'})",
        CAPACITY: "how GPUs may be had",
    }[factor]


def case_name(case: Case) -> str:
    """What is other in a case: a change of a figure, how GPUs are had, or a stack with its MFU."""
    change = say.more(case.change)
    if case.capacity is not None:
        return LEVEL_WORDS[case.capacity]
    return change if case.stack is None else f"{WORDS[case.stack]}, MFU {change}"


def _verdict(found: Sensitivity) -> str:
    """In how many cases the offer stays the choice."""
    same = sum(case.same_decision for case in found.cases)
    offer, cases = found.base.offer, len(found.cases)
    if same == cases:
        return f"{offer} stays the choice in all {cases} cases:"
    return f"{offer} stays the choice in {same} of {cases} cases:"


def _fleet(plan: Plan) -> str:
    return f"{plan.gpus:,} {plan.gpu_name}"


def _figures(plan: Plan) -> str:
    return f"{say.usd(plan.cost_usd)}, {say.days(plan.days * HOURS_PER_DAY)}"


def _row(case: Case, plan: Plan, unit: float) -> tuple[str, ...]:
    name = f"  {case_name(case)}"
    if case.cost_usd is None or case.days is None:
        return name, "no plan", "", "", "", "", ""
    cost, days = say.in_usd_unit(case.cost_usd, unit), in_column(case.days)
    dearer, longer = case.cost_usd / plan.cost_usd - 1, case.days / plan.days - 1
    offer = SAME if case.same_decision else "other"
    return name, cost, change(dearer), days, change(longer), f"{case.gpus:,}", offer


def change(share: float) -> str:
    """A relative change; nothing that would be said as 0.0 % has a sign."""
    return "0 %" if abs(share) < 5e-4 else say.more(share)


def _flips(run: Run, found: Sensitivity) -> Iterator[str]:
    """For each factor the nearest change down and up; those without one together."""
    never = []
    for factor in dict.fromkeys(case.factor for case in found.cases if case.is_figure):
        name = factor_name(factor, run, found.base)
        own = [_flip(flip) for flip in found.flips if flip.factor == factor]
        if own:
            yield f"{name}: {'; '.join(own)}"
        else:
            never.append(name)
    if never:
        ends = f"between {say.more(LOWEST)} and {say.more(HIGHEST)}"
        yield f"not {ends}: {', '.join(never)}"


def _flip(flip: Flip) -> str:
    at = f"from {flip.change * 100:+.1f} %"
    if flip.offer is None or flip.gpus is None:
        return f"{at} no plan"
    return f"{at} {flip.offer}, {flip.gpus:,} GPUs"
