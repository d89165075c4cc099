"""Two runs of a source given as pilots, its other runs predicted: without and with them.

python -m benchmarks.pilot_study

Every source of the shipped runs with five timed steps or more of one stack is left out of the
levels, whole. Two of its steps on one part are the pilots, its other steps what is predicted.
Pairs are taken evenly from all that there are, eight a source and stack at most. The constants of
the step model are those shipped.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import log

import numpy as np

from catalog.load import load_gpus
from catalog.runs import load_runs
from optimizer.step.conditions import Conditions, scorable
from optimizer.step.constants import shipped_constants
from optimizer.step.fit.sample import make_sample
from optimizer.step.fit.score import levels_of, practice_of
from optimizer.step.fit.summary import faster_layouts
from optimizer.step.kinds import step_kind_of
from optimizer.step.posterior import Pilot, Place, informed, place_of
from optimizer.step.practice import Practice

LEAST_ROWS, MOST_PAIRS = 5, 8
# Models whose sizes differ by less are the same, in doublings.
SAME_SIZE = 0.05
TIMED = "benchmark"
COLUMNS = "steps predicted|cases|sources|without|with pilots|bare factor|held without|held with"


@dataclass(frozen=True, slots=True)
class Step:
    """A published step: its conditions, where it is, and the model's MFU with practice or without.

    ``error`` is ln(reached / predicted) by levels that have not seen its source.
    """

    run: Conditions
    place: Place
    practice: Practice
    model: float
    error: float
    is_fastest: bool

    @property
    def batch(self) -> float:
        """Tokens in a step."""
        return self.run.sequences * self.run.seq_len


@dataclass(frozen=True, slots=True)
class Case:
    """A step predicted with two pilots: errors, and whether the range held what was reached.

    ``bare`` is the error where the pilots' median factor is applied to everything.
    """

    source: str
    same_part: bool
    same_kind: bool
    same_model: bool
    doublings: float
    before: float
    after: float
    bare: float
    held_before: bool
    held_after: bool


def steps_of(told: bool) -> list[Step]:
    """The timed steps of sources that are to be studied."""
    conditions, _ = scorable(load_runs(), load_gpus())
    fit = shipped_constants()
    sample, _ = make_sample(conditions, "free", fit)
    predicted, slower = sample.predicted(fit), faster_layouts(sample.runs)
    sources = np.array([run.run.source for run in sample.runs], dtype=str)
    steps = []
    for source in sorted(set(sources.tolist())):
        own = np.flatnonzero(sources == source)
        if len(own) < LEAST_ROWS:
            continue
        levels = levels_of(sample.take(sources != source), fit, told)
        practices = practice_of([sample.runs[at] for at in own], levels, told)
        for at, practice in zip(own, practices, strict=True):
            run = sample.runs[at]
            if run.run.kind == TIMED:
                fastest = run.run.id not in slower
                steps.append(_step(run, practice, float(predicted[at]), fastest))
    return steps


def _step(run: Conditions, practice: Practice, model: float, is_fastest: bool) -> Step:
    batch = run.sequences * run.seq_len
    shape = run.shape
    place = place_of(
        run.gpu.gpu, step_kind_of(run), shape.is_mixture, shape.active_parameters, run.seq_len
    )
    reached = run.observed_mfu * float(practice.slower(run.gpus, batch)) / model
    return Step(run, place.on(run.gpus, batch), practice, model, log(reached), is_fastest)


def cases_of(steps: Iterable[Step]) -> list[Case]:
    """Every pair of every source and stack with enough steps, and all others predicted with it."""
    groups: dict[tuple[str, str], list[Step]] = defaultdict(list)
    for step in steps:
        groups[step.run.run.source, step.run.stack].append(step)
    cases = []
    for group in groups.values():
        if len(group) >= LEAST_ROWS:
            for pair in pairs_of(group):
                cases += [_case(pair, step) for step in group if step not in pair]
    return cases


def pairs_of(group: Sequence[Step]) -> list[tuple[Step, Step]]:
    """Pairs on one part, evenly from the smallest to the largest."""
    ordered = sorted(group, key=lambda step: (step.place.part, step.run.gpus, step.run.run.id))
    pairs = [(a, b) for a, b in combinations(ordered, 2) if a.place.part == b.place.part]
    if len(pairs) <= MOST_PAIRS:
        return pairs
    return [pairs[at * len(pairs) // MOST_PAIRS] for at in range(MOST_PAIRS)]


def _case(pair: tuple[Step, Step], step: Step) -> Case:
    pilots = tuple(Pilot(one.place, one.error) for one in pair)
    known = informed(step.practice, step.practice, pilots, step.place, step.batch)
    reached = step.run.observed_mfu * float(known.slower(step.run.gpus, step.batch))
    after, place = log(reached / step.model), step.place
    below, above = known.range_on(step.run.gpus)
    places = [one.place for one in pair]
    return Case(
        source=step.run.run.source,
        same_part=place.part == places[0].part,
        same_kind=place.kind in {p.kind for p in places},
        same_model=any(abs(p.size - place.size) < SAME_SIZE for p in places),
        doublings=min(abs(p.fleet - place.fleet) for p in places),
        before=step.error,
        after=after,
        bare=step.error - float(np.mean([one.error for one in pair])),
        held_before=-step.practice.below <= step.error <= step.practice.above,
        held_after=-below <= after <= above,
    )


def line_of(name: str, cases: Sequence[Case]) -> str:
    """One row of the table, as Markdown."""

    def errors(field: str) -> str:
        found = np.abs([getattr(case, field) for case in cases])
        return f"{np.median(found) * 100:.1f} % / {np.percentile(found, 90) * 100:.0f} %"

    held = [np.mean([getattr(case, f) for case in cases]) for f in ("held_before", "held_after")]
    sources = len({case.source for case in cases})
    figures = [
        errors("before"),
        errors("after"),
        errors("bare"),
        *(f"{h * 100:.0f} %" for h in held),
    ]
    return f"| {name} | {len(cases):,} | {sources} | {' | '.join(figures)} |"


def table_of(cases: Sequence[Case]) -> list[str]:
    """Errors and coverage by what a step has in common with its pilots."""
    alike = [case for case in cases if case.same_part and case.same_kind]
    lines = {
        "same part and kind": alike,
        "of those, the same model": [case for case in alike if case.same_model],
        "of those, four times the GPUs or a quarter and beyond": [
            case for case in alike if case.same_model and case.doublings >= 2
        ],
        "of those, another model": [case for case in alike if not case.same_model],
        "same part, another kind": [c for c in cases if c.same_part and not c.same_kind],
        "another part": [case for case in cases if not case.same_part],
        "all": list(cases),
    }
    return [line_of(name, held) for name, held in lines.items() if held]


def tables(told: bool) -> list[str]:
    """The rows of README's table: all steps, and each source's fastest layouts."""
    steps = steps_of(told)
    chosen = {"all steps": steps, "fastest": [step for step in steps if step.is_fastest]}
    rows = []
    for name, held in chosen.items():
        start = f"| {'told' if told else 'open'}: {name}, "
        rows += [start + row.removeprefix("| ") for row in table_of(cases_of(held))]
    return rows


def main() -> None:
    """Print the table."""
    print(f"| {COLUMNS.replace('|', ' | ')} |")
    print("|---" * (COLUMNS.count("|") + 1) + "|")
    for told in (False, True):
        print("\n".join(tables(told)))


if __name__ == "__main__":
    main()
