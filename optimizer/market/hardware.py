"""What a run makes of one GPU model, in nodes of one size, on one network: its MFU and memory.

Offers of the same hardware share it. The MFU of a step comes from the step-time model. Where that
has no constants for the architecture the catalog's curve sets its level. A curve that the catalog
calls measured is used as it is, and so is the user's own MFU.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf
from statistics import median
from typing import Literal

from catalog import Breakpoint, Catalog, Gpu, Offer, Precision
from catalog.vocabulary import ETHERNET_GBPS_A_NODE
from optimizer.market.kept import Lately
from optimizer.market.run import Run
from optimizer.physics.mfu import Curve, Staircase, make_curve
from optimizer.step.kinds import NO_GPUS
from optimizer.step.machine import architecture_of
from optimizer.step.predict import (
    NoLayoutError,
    Prediction,
    fewest_gpus,
    needed_gpus,
    predict,
    setting_of,
)
from optimizer.step.predict import curve as predicted_curve
from optimizer.step.setting import BatchError, Setting
from optimizer.step.transformer import ShapeError
from problems import ProblemError, shape_of

# The most GPUs that a plan looks at.
LARGEST_FLEET = 65_536
# The plan, its rivals and what stands beside them ask for the same layouts.
_LAID_OUT = Lately(most=512)
# Below this a network between nodes is worth a remark.
SLOW_NIC_GBPS = 100
# The published runs behind the curves that set a level are of this kind.
REFERENCE_MODEL = "llama-2-70b"
BITS_PER_GIGABYTE = 8e-9
Basis = Literal["predicted", "anchored", "measured", "given"]
Key = tuple[str, int, float | None]


@dataclass(frozen=True, slots=True)
class Hardware:
    """A run on one kind of hardware.

    ``curve`` is the MFU of the whole run, unusual failures apart: that of a step times
    ``run_factor``.
    ``scale`` takes a prediction to the curve: the run factor, and the level of an anchored one.
    ``fewest_gpus`` hold the model.
    """

    gpu: Gpu
    precision: Precision
    setting: Setting
    basis: Basis
    curve: Curve | Staircase
    run_factor: float
    scale: float
    fewest_gpus: int

    def running(self, gpus: int) -> float:
        """GPUs of a fleet that run: the largest launchable size, all where the MFU is measured."""
        return self.curve.running(gpus) if isinstance(self.curve, Staircase) else gpus

    def faster_from(self, gpus: int) -> float:
        """GPUs of the next larger fleet that is faster; beyond what is sold where none is known."""
        if isinstance(self.curve, Staircase):
            return next((n for n in self.curve.gpus if n > gpus), inf)
        return gpus + self.setting.node


@dataclass(frozen=True, slots=True)
class Unfit:
    """Why a run cannot use some hardware, by the limit that says so; ``needs`` GPUs hold it."""

    limit: str
    reason: str
    short: str = ""
    needs: int | None = None


def layout_on(hardware: Hardware, gpus: int) -> Prediction | None:
    """The best layout on that many GPUs with its step MFU and range; None where none fits."""

    def laid_out() -> Prediction | None:
        try:
            return predict(hardware.setting, hardware.gpu, gpus)
        except NoLayoutError:
            return None

    return _LAID_OUT.of(hardware, gpus, laid_out)


def laid_out_as_gpus(hardware: Hardware) -> bool:
    """Whether the layout found is one that such parts are used in: those of GPUs are."""
    return hardware.basis != "anchored" and architecture_of(hardware.gpu) not in NO_GPUS


def memory_of(found: Prediction) -> float:
    """What each GPU holds, in the GB of datasheets: a GPU of "80 GB" has 80 GiB."""
    return found.memory_gb_per_gpu * 1e9 / 2**30


def remarks_on(hardware: Hardware, found: Prediction) -> list[str]:
    """What slows this layout down, as a practitioner would say it."""
    layout, setting, gpu = found.layout, hardware.setting, hardware.gpu
    said = []
    if layout.tensor > setting.domain:
        said.append("splits every layer over PCIe")
    if layout.recompute == "full":
        said.append(f"recomputes all activations to fit {gpu.memory_gb:g} GB")
    nic = float(setting.machine.nic_rate) * BITS_PER_GIGABYTE
    if found.gpus > setting.node and nic < SLOW_NIC_GBPS:
        said.append(f"exchanges gradients over {nic:g} Gb/s a GPU")
    return said


def key_of(offer: Offer) -> Key:
    """What offers of the same hardware have in common."""
    return offer.gpu, offer.gpus_per_node, nic_gbps_of(offer)


def nic_gbps_of(offer: Offer) -> float | None:
    """Gb/s a GPU between nodes; None stands for the usual of the part, on networks made for it.

    Plain Ethernet of no stated speed is none of those, and taken to be slow.
    """
    if offer.nic_gbps_per_gpu is None and offer.fabric == "ethernet":
        return ETHERNET_GBPS_A_NODE / offer.gpus_per_node
    return offer.nic_gbps_per_gpu


def largest_sizes(offers: Iterable[tuple[Offer, int]]) -> dict[Key, int]:
    """The most GPUs on sale of each kind of hardware, from offers with their largest cluster."""
    sizes: dict[Key, int] = {}
    for offer, most in offers:
        key = key_of(offer)
        sizes[key] = max(sizes.get(key, 0), most)
    return sizes


def hardware_of(run: Run, catalog: Catalog, key: Key, most_gpus: int) -> Hardware | Unfit:
    """The run on this hardware, in fleets of up to ``most_gpus``."""
    name, node, nic = key
    gpu = catalog.gpus[name]
    precision = run.precision_on(gpu)
    if precision is None:
        asked = run.precision or "bf16 or fp16"
        return Unfit("precision", f"no {asked} figures for {name}")
    setting = _setting(run, gpu, precision, node, nic)
    fewest = fewest_gpus(setting, most_gpus)
    if fewest is None:
        return _too_few(setting, name)
    return _with_curve(run, catalog, setting, gpu, precision, fewest, most_gpus)


def _too_few(setting: Setting, name: str) -> Unfit:
    """How many of a part a run needs, where any number of them would do."""
    needs = needed_gpus(setting)
    if needs is not None:
        return Unfit("memory", "", "", needs)
    batch = f"a batch of {setting.sequences:,.0f} sequences"
    why = f"no layout of {setting.shape.name} with {batch} fits any number of {name}"
    return Unfit("memory", why, "no number of them fits")


def step_on(run: Run, gpu: Gpu, precision: Precision, node: int, nic: float | None) -> Setting:
    """The run's step on a part in such nodes; ShapeError or BatchError where there is none."""
    return setting_of(
        run.shape,
        gpu,
        precision,
        gpus_per_node=node,
        nic_gbps_per_gpu=nic,
        seq_len=run.seq_len,
        global_batch_tokens=run.global_batch,
        room=run.batch_room,
        stack=run.stack,
        pilots=run.pilots,
    )


def _setting(run: Run, gpu: Gpu, precision: Precision, node: int, nic: float | None) -> Setting:
    try:
        return step_on(run, gpu, precision, node, nic)
    except ShapeError as error:
        raise ProblemError([f"model: {error}"]) from None
    except BatchError as error:
        raise ProblemError([f"global_batch: {error}"]) from None


def _with_curve(
    run: Run,
    catalog: Catalog,
    setting: Setting,
    gpu: Gpu,
    precision: Precision,
    fewest: int,
    most_gpus: int,
) -> Hardware | Unfit:
    """The hardware with the user's own MFU, else a measured curve, else the prediction."""
    if run.measured:
        own = run.own_curve(gpu, precision)
        if own is None:
            assert run.speed is not None
            return Unfit(run.speed.key, run.speed.why_not_on(gpu, precision))
        return Hardware(gpu, precision, setting, "given", own, 1.0, 1.0, fewest)
    table, factor = catalog.breakpoints(gpu.gpu, precision), run.run_factor
    if table and all(point.basis == "measured" for point in table) and not setting.piloted:
        curve = make_curve([(float(p.gpus), p.mfu * factor) for p in table])
        return Hardware(gpu, precision, setting, "measured", curve, factor, factor, fewest)
    return _predicted(run, setting, gpu, precision, table, min(most_gpus, LARGEST_FLEET))


def _predicted(
    run: Run,
    setting: Setting,
    gpu: Gpu,
    precision: Precision,
    table: tuple[Breakpoint, ...],
    most_gpus: int,
) -> Hardware:
    """The hardware with the predicted staircase, at the table's level where that is needed."""
    points = predicted_curve(setting, most_gpus)
    known = architecture_of(gpu) != "other" or not table or setting.piloted
    level = 1.0 if known else _level(setting, gpu, precision, table)
    # An anchored curve never passes the best that the table has.
    highest = 1.0 if known else max(point.mfu for point in table)
    mfu = tuple(min(share * level, highest) * run.run_factor for _, share in points)
    return Hardware(
        gpu=gpu,
        precision=precision,
        setting=setting,
        basis="predicted" if known else "anchored",
        curve=Staircase(tuple(float(n) for n, _ in points), mfu),
        run_factor=run.run_factor,
        scale=level * run.run_factor,
        fewest_gpus=points[0][0],
    )


def _level(
    setting: Setting, gpu: Gpu, precision: Precision, table: tuple[Breakpoint, ...]
) -> float:
    """The catalog's curve against the prediction for the kind of model that it was measured on.

    The model has no constants for such an architecture and takes another's. The curve sets the
    level; how MFU changes with the model's shape, the batch and the scale is the prediction's.
    """
    node, nic = setting.node, float(setting.machine.nic_rate) * BITS_PER_GIGABYTE
    usual = setting_of(
        shape_of(REFERENCE_MODEL), gpu, precision, gpus_per_node=node, nic_gbps_per_gpu=nic
    )
    shares = []
    for point in table:
        try:
            found = predict(usual, gpu, -(-point.gpus // node) * node)
        except NoLayoutError:
            continue
        shares.append(point.mfu / found.mfu)
    return median(shares) if shares else 1.0
