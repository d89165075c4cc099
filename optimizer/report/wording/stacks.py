"""What the software makes of a fleet, and published runs like it, in a line each."""

from collections.abc import Iterator, Sequence

from catalog.units import HOURS_PER_DAY
from optimizer import say
from optimizer.market.run import Run
from optimizer.plan.published import Published
from optimizer.plan.stacks import (
    OPEN,
    ORDINARY,
    TUNED,
    Paced,
    WithStack,
    is_late,
    tuning_saves,
)

WORDS = {TUNED: "tuned", ORDINARY: "ordinary", OPEN: "left open"}
# Published runs that a first screen has room for.
MOST_PUBLISHED = 2


def beside(
    run: Run, stacks: Sequence[Paced], published: Sequence[Published], gpu_hours: float
) -> Iterator[tuple[str, str]]:
    """The facts of an answer whose run takes so many GPU-hours; none where nothing is known."""
    if stacks:
        yield "stacks", stacks_line(run, stacks)
    for one in published[:MOST_PUBLISHED]:
        yield "published", published_line(one, gpu_hours)


def stacks_line(run: Run, stacks: Sequence[Paced]) -> str:
    """The same fleet with each stack, what would be chosen then, and what tuning is worth."""
    others = [one for one in stacks if one.stack != run.stack]
    return "; ".join(
        [*(_paced(run, one) for one in others), *_choices(run, others), *_worth(stacks)]
    )


def _paced(run: Run, one: Paced) -> str:
    """'tuned 1.62 million USD in 6.3 days'."""
    days = say.days(one.days * HOURS_PER_DAY)
    said = f"in {days}" if one.cost_usd is None else f"{say.usd(one.cost_usd)} in {days}"
    late = ", past the deadline" if is_late(run, one) else ""
    return f"{_word(one)} {said}{late}"


def _word(one: Paced) -> str:
    return WORDS.get(one.stack, one.stack)


def _choices(run: Run, stacks: Sequence[Paced]) -> Iterator[str]:
    """The offers that other stacks would have chosen, those with the same choice together."""
    chosen = [one for one in stacks if isinstance(one, WithStack) and not one.same_decision]
    best = "cheapest" if run.objective == "cost" else "fastest"
    for offer, gpus in dict.fromkeys((one.offer, one.gpus) for one in chosen):
        words = [_word(one) for one in chosen if (one.offer, one.gpus) == (offer, gpus)]
        when = " or ".join(words)
        if offer is None or gpus is None:
            yield f"asked with {when}, no fleet keeps the limits"
        else:
            yield f"asked with {when}, {offer} ({say.gpus(gpus)}) is {best}"
    if isinstance(stacks[0], WithStack) and not chosen:
        yield "the offer stays"


def _worth(stacks: Sequence[Paced]) -> Iterator[str]:
    """What tuning saves of the bill of the same fleet."""
    saved = tuning_saves(stacks)
    if saved is not None:
        yield f"tuning is worth {say.usd(saved)}" if saved else "tuning saves nothing"


def published_line(one: Published, gpu_hours: float) -> str:
    """A published run, where it is from, and this answer beside it."""
    fleet = one.gpu_name if one.gpus is None else f"{one.gpus:,} {one.gpu_name}"
    source = ", ".join(part for part in (one.publisher, one.title) if part)
    scaled = ", scaled to this run" if one.scaled else ""
    theirs = f"{say.count(one.gpu_hours)} GPU-hours on {fleet}{scaled}"
    ours = f"this answer {say.count(gpu_hours)}, {one.ratio:.2f}x"
    return f"{theirs} ({one.run}: {source}); {ours}"
