"""The published whole runs like the one asked about, and the GPU-hours they took beside ours."""

from dataclasses import dataclass

from catalog import Gpu, Precision
from catalog.run_sources import load_run_sources
from optimizer.market.run import Run
from optimizer.step.evidence import WholeRun, whole_runs_near
from optimizer.step.machine import BITS

# Compute that differs by less is the same: published token counts are rounded.
SAME = 0.005


@dataclass(frozen=True, slots=True)
class Published:
    """A published whole run on the same part in as many bits, of a model of nearly the same size.

    ``gpu_hours`` are its own, or where it did other compute those that it would have taken for
    ours at the same MFU, and then ``scaled``. ``ratio`` is our GPU-hours over these. ``source`` is
    a key into run_sources.csv, which has its publisher, title and address.
    """

    run: str
    model: str
    gpu_name: str
    gpus: int | None
    gpu_hours: float
    scaled: bool
    ratio: float
    source: str
    publisher: str
    title: str
    url: str


def published_beside(
    run: Run, gpu: Gpu, precision: Precision, gpu_hours: float
) -> tuple[Published, ...]:
    """The published runs beside so many GPU-hours of one run on this part, the nearest first."""
    shape = run.shape
    near = whole_runs_near(gpu.gpu, BITS[precision], shape.parameters, shape.active_parameters)
    return tuple(_beside(run, gpu, gpu_hours, one) for one in near)


def _beside(run: Run, gpu: Gpu, gpu_hours: float, one: WholeRun) -> Published:
    source = load_run_sources()[one.source]
    hours = one.hours_for(run.shape.active_parameters, run.tokens)
    scaled = abs(hours / one.gpu_hours - 1) > SAME
    theirs = hours if scaled else one.gpu_hours
    return Published(
        run=one.id,
        model=one.model,
        gpu_name=gpu.name,
        gpus=one.gpus,
        gpu_hours=theirs,
        scaled=scaled,
        ratio=gpu_hours / theirs,
        source=one.source,
        publisher=source.publisher,
        title=source.title_for(one.model),
        url=source.url,
    )
