"""What is to be launched, as every target reads it: machines, model, layout and price."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import ceil

from catalog.units import HOURS_PER_DAY, SECONDS_PER_DAY
from optimizer import say
from optimizer.market.run import Run
from optimizer.plan.estimate import Estimate
from optimizer.plan.plan import Plan
from optimizer.report.launch.refusal import ExportError
from optimizer.step.launch import Launch
from problems import ModelShape

# Slurm counts in seconds, clouds in nodes.
# GPUs of one machine of a rack, where a rack is what is sold.
TRAY = 4
RACKS = ("gb200_nvl72", "gb300_nvl72")
# SkyPilot 0.14.1 and dstack 0.22.5 both take names of this form (2026-11-29).
NAME = re.compile(r"[a-z][a-z0-9-]{1,40}")
LONGEST_NAME = 41


@dataclass(frozen=True, slots=True)
class Job:
    """One run on one fleet; USD, days and GPUs.

    ``nodes`` machines of ``gpus_per_node`` are rented, ``launch`` says how many of them train
    (None: no layout is known in whole numbers). ``provider`` and ``instance_type`` are empty where
    not known, ``regions`` where any will do. ``days`` pass from the first step to the last, in one
    run of ten ``most_days`` or more. ``command`` makes it again.
    """

    command: str
    shape: ModelShape
    tokens: float
    precision: str
    launch: Launch | None
    gpu: str
    gpu_name: str
    nodes: int
    gpus_per_node: int
    usd_per_gpu_hour: float | None
    price_read_on: str
    cost_usd: float | None
    days: float
    most_days: float
    provider: str = ""
    offer: str = ""
    pricing: str = ""
    fabric: str = ""
    regions: tuple[str, ...] = ()
    instance_type: str = ""

    @property
    def gpus(self) -> int:
        """GPUs that are rented."""
        return self.nodes * self.gpus_per_node

    @property
    def training_nodes(self) -> int:
        """Machines that the layout fills; all of them where none is known."""
        return self.nodes if self.launch is None else ceil(self.launch.gpus / self.gpus_per_node)

    @property
    def steps(self) -> int:
        """Optimizer steps that hold all tokens."""
        launch = known_launch(self)
        return ceil(self.tokens / (launch.sequences * launch.seq_len))

    @property
    def seconds(self) -> int:
        """Seconds that a run may take at most: as long as nine of ten do."""
        return ceil(max(self.days, self.most_days) * SECONDS_PER_DAY)

    def named(self, kind: str) -> str:
        """A name that every target takes: 'train-llama-3-1-70b'."""
        words = re.sub(r"[^a-z0-9]+", "-", f"{kind}-{self.shape.name}".lower())
        return words[:LONGEST_NAME].strip("-")


def known_launch(job: Job) -> Launch:
    """The layout; ExportError where none is known in whole numbers."""
    if job.launch is None:
        what = f"layout: none of whole numbers is known on {say.gpus(job.gpus)} ({job.gpu})"
        raise ExportError(f"{what}; expected one; --to skypilot, dstack and slurm go without")
    return job.launch


def job_of_plan(plan: Plan, run: Run, command: str) -> Job:
    """What a plan launches."""
    return replace(
        _job(plan, run, plan.gpu, plan.gpu_name, plan.latest_days, command),
        provider=plan.provider,
        offer=plan.offer,
        pricing=plan.pricing,
        fabric=plan.fabric,
        regions=regions_of(plan.region),
        instance_type=plan.instance_type,
    )


def job_of_estimate(found: Estimate, command: str) -> Job:
    """What a given fleet launches: its provider is not known."""
    return _job(found, found.run, found.gpu.gpu, found.gpu.name, found.days, command)


def _job(
    fleet: Plan | Estimate, run: Run, gpu: str, gpu_name: str, days: float, command: str
) -> Job:
    """A run on a fleet, nobody's yet; ``days`` are those from signature on that it is to take."""
    nodes, each = machines(gpu, fleet.gpus, fleet.gpus_per_node)
    return Job(
        command=command,
        shape=run.shape,
        tokens=run.tokens,
        precision=fleet.precision,
        launch=fleet.layout,
        gpu=gpu,
        gpu_name=gpu_name,
        nodes=nodes,
        gpus_per_node=each,
        usd_per_gpu_hour=fleet.usd_per_gpu_hour,
        price_read_on=fleet.price_read_on.isoformat() if fleet.price_read_on else "",
        cost_usd=fleet.cost_usd,
        days=days - fleet.lead_days,
        most_days=fleet.days_range.high - fleet.lead_days,
    )


def machines(gpu: str, gpus: int, per_node: int) -> tuple[int, int]:
    """Machines and the GPUs of each; a rack is one of several."""
    each = TRAY if gpu in RACKS and per_node > TRAY else per_node
    if gpus % each:
        what = f"gpus: {gpus:,} are not whole nodes of {each}"
        raise ExportError(f"{what}; expected a multiple of {each}; --gpus-per-node says otherwise")
    return gpus // each, each


def regions_of(written: str) -> tuple[str, ...]:
    """Regions as the provider writes them; none where the catalog has words for them."""
    found = tuple(written.split())
    is_region = all(re.fullmatch(r"[a-z][a-z0-9-]*", region) for region in found)
    return found if is_region else ()


def header(job: Job, target: str, notes: Iterable[str] = ()) -> str:
    """Comment lines: the command, the plan, its price and date, what to know."""
    lines = [job.command, *_said(job), *notes, f"written for {target}"]
    return "".join(f"# {_on_one_line(line)}\n" for line in lines)


def _said(job: Job) -> list[str]:
    size = f"{job.nodes:,} x {job.gpus_per_node} {job.gpu_name}"
    how = (
        f", {job.pricing.replace('_', ' ')} from {job.provider} ({job.offer})" if job.offer else ""
    )
    said = [f"plan: {job.shape.name} on {say.count(job.tokens)} tokens, {size}{how}"]
    if job.usd_per_gpu_hour is not None:
        read = f", read {job.price_read_on}" if job.price_read_on else ""
        said.append(f"price: {say.price(job.usd_per_gpu_hour)} USD per GPU-hour{read}")
    cost = "" if job.cost_usd is None else f", {say.usd(job.cost_usd)}"
    said.append(f"time: {say.days(job.days * HOURS_PER_DAY)}{cost}")
    return said + (_laid_out(job.launch) if job.launch else [])


def _laid_out(launch: Launch) -> list[str]:
    batch = f"{launch.sequences:,} sequences of {launch.seq_len:,} tokens a step"
    said = [f"layout: {launch}; {batch}"]
    return [*said, f"idle: {say.gpus(launch.idle)} beside it"] if launch.idle else said


def _on_one_line(line: str) -> str:
    """Comments end with their line: whatever would end it sooner is spelled out."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in line)
