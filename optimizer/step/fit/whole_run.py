"""What a whole run keeps of its steps' speed, as validation counts it."""

from catalog import Catalog
from catalog.units import HOURS_PER_DAY
from optimizer.physics.goodput import Reliability, checkpoints_of
from optimizer.physics.run_factor import RUN_FACTOR
from optimizer.step.conditions import Conditions


def whole_run_share(catalog: Catalog, run: Conditions) -> float:
    """What a published whole run is expected to keep of its steps' speed, failures included."""
    rate = catalog.failure_rate(run.gpu.architecture).interruptions_per_1000_gpu_days
    per_hour = rate / 1000 / HOURS_PER_DAY
    saved = checkpoints_of(run.shape.parameters, catalog)
    losses = Reliability(None, per_hour, saved, None, run.node, RUN_FACTOR).at(run.gpus)
    return RUN_FACTOR * losses.goodput
