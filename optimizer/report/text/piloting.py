"""What to measure, as a table, as data and as a CSV to fill in."""

import csv
import io
from collections.abc import Iterator
from dataclasses import asdict

from rich.console import RenderableType
from rich.text import Text

from optimizer import say
from optimizer.market.run import Run
from optimizer.report.data.answer import Data, question_data
from optimizer.report.text.parts import heading, note, plain_table
from optimizer.report.text.piloted import between
from optimizer.study.piloting import Piloting, Trial

COUNTS = {1: "One short run narrows", 2: "Two short runs narrow", 3: "Three short runs narrow"}
COLUMNS = (
    *("id", "gpu", "gpus", "gpus_per_node", "nic_gbps_per_gpu", "precision", "seq_len"),
    *("global_batch_tokens", "tokens_per_sec_per_gpu"),
)


def piloting_text(found: Piloting, filled: str) -> Iterator[RenderableType]:
    """The runs with time, cost and what is left of the range; ``filled`` is the command after."""
    if not found.trials:
        yield Text("No short run on up to 16 nodes fits this plan.", style="bold")
        return
    yield Text(f"{COUNTS[len(found.trials)]} this decision most.", style="bold")
    yield Text()
    table = plain_table("GPU", "nodes", "GPUs", "batch", "time", "cost, USD", "MFU after")
    for trial in found.trials:
        batch, time = say.count(trial.global_batch_tokens), say.days(trial.hours)
        sizes = (f"{trial.nodes}", f"{trial.gpus:,}", batch, time)
        table.add_row(trial.gpu, *sizes, f"{trial.cost_usd:,.0f}", between(trial.range_after))
    yield table
    plan = found.plan
    yield from heading("What they are for")
    yield Text(f"  plan       {plan.offer}, {plan.gpus:,} GPUs, {say.usd(plan.cost_usd)}")
    if found.runner_up is not None:
        yield Text(f"  runner-up  {found.runner_up}")
    before, after = between(found.range_before), between(found.range_after)
    yield Text(f"  MFU        {before} now, eight in ten; {after} after them")
    against = "against the runner-up" if found.runner_up is not None else "of the plan"
    spread = f"{found.spread_before * 100:.0f} % now, {found.spread_after * 100:.0f} % after them"
    yield Text(f"  cost       {against}: uncertain by {spread}")
    share = found.cost_usd / plan.cost_usd
    yield Text(f"  price      {say.usd(found.cost_usd)}, {share:.2%} of the plan's cost")
    yield Text()
    yield note("At least 200 steps or half an hour each, by the hour at the offers' prices.")
    yield Text("Fill in tokens_per_sec_per_gpu (--template FILE writes the rows; keep those")
    yield Text("that you have measured in the same file), then:")
    yield Text(f"  {filled}", overflow="fold")


def piloting_data(found: Piloting, run: Run) -> Data:
    """The keys of `pilot --json`."""
    return {
        "question": question_data(run),
        "offer": found.plan.offer,
        "gpus": found.plan.gpus,
        "cost_usd": found.plan.cost_usd,
        "mfu": found.plan.mfu,
        "runner_up": found.runner_up,
        "pilots": [asdict(trial) for trial in found.trials],
        "pilots_cost_usd": found.cost_usd,
        "range_before": asdict(found.range_before),
        "range_after": asdict(found.range_after),
        "spread_before": found.spread_before,
        "spread_after": found.spread_after,
    }


def template_of(found: Piloting) -> str:
    """The runs as a CSV whose last column is to be filled in."""
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(COLUMNS)
    for number, trial in enumerate(found.trials, 1):
        writer.writerow(_cells(number, trial))
    return lines.getvalue()


def _cells(number: int, trial: Trial) -> tuple[object, ...]:
    nic = "" if trial.nic_gbps_per_gpu is None else f"{trial.nic_gbps_per_gpu:g}"
    batch = f"{trial.global_batch_tokens:.0f}"
    sizes = (trial.gpu, trial.gpus, trial.gpus_per_node, nic)
    return f"pilot-{number}", *sizes, trial.precision, trial.seq_len, batch, ""
