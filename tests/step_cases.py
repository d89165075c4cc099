"""A model, parts and fleets that the tests of the step-time model share."""

from functools import cache

from catalog import Gpu, Precision
from catalog.load import load_gpus
from catalog.runs import ObservedRun, load_runs
from optimizer.step.predict import setting_of
from optimizer.step.setting import Setting
from optimizer.step.sharing import BATCH_ROOM
from problems import shape_of


@cache
def gpus() -> dict[str, Gpu]:
    """The shipped GPU models."""
    return load_gpus()


@cache
def runs() -> tuple[ObservedRun, ...]:
    """The shipped runs."""
    return load_runs()


def setting(
    model: str = "llama-3.1-8b",
    gpu: str = "h100_sxm",
    precision: Precision = "bf16",
    *,
    nic: float | None = 400.0,
    node: int = 8,
    seq_len: int | None = None,
    batch: float | None = None,
    room: float = BATCH_ROOM,
) -> Setting:
    """A model on a part with the usual network."""
    return setting_of(
        shape_of(model),
        gpus()[gpu],
        precision,
        gpus_per_node=node,
        nic_gbps_per_gpu=nic,
        seq_len=seq_len,
        global_batch_tokens=batch,
        room=room,
    )
