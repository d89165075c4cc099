"""What interrupts a run: failures of the part, spot capacity, and what its checkpoints save."""

from catalog import Catalog, Gpu
from catalog.units import HOURS_PER_DAY
from optimizer.market.run import Run
from optimizer.physics.goodput import Reliability, Spot, checkpoints_of


def reliability_of(run: Run, catalog: Catalog, gpu: Gpu, node: int, spot: bool) -> Reliability:
    """What interrupts the run on this GPU in nodes of this size."""
    return Reliability(
        given=run.goodput,
        failures=0.0 if run.goodput is not None else failures_per_gpu_hour(run, catalog, gpu),
        checkpoints=checkpoints_of(run.shape.parameters, catalog),
        spot=_spot(catalog) if spot else None,
        node=node,
        held=run.run_factor,
    )


def failures_per_gpu_hour(run: Run, catalog: Catalog, gpu: Gpu) -> float:
    """Interruptions a GPU-hour: the question's, else those published of the architecture."""
    asked = run.failures
    if asked is None:
        asked = catalog.failure_rate(gpu.architecture).interruptions_per_1000_gpu_days
    return asked / 1000 / HOURS_PER_DAY


def _spot(catalog: Catalog) -> Spot:
    known = catalog.planning
    return Spot(
        per_hour=known("spot_interruptions_per_node_day") / HOURS_PER_DAY,
        growth=known("spot_growth_per_doubling"),
        available_one=known("spot_availability_one_node"),
        available_eight=known("spot_availability_eight_nodes"),
        slack=known("spot_slack"),
    )
