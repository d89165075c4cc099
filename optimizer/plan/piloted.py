"""What the user's own steps changed in an answer: the speed and its range without and with them."""

from dataclasses import dataclass, replace

from catalog import Catalog
from optimizer.market.hardware import Hardware, Key, Unfit, hardware_of, layout_on
from optimizer.market.run import Run
from optimizer.plan.ranges import Span, mfu_range


@dataclass(frozen=True, slots=True)
class Piloted:
    """The MFU of a fleet before and after ``rows`` pilots, ``shift`` being the share it moved.

    The ranges hold eight cases in ten.
    """

    rows: int
    shift: float
    range_before: Span
    range_after: Span
    mfu_before: float
    mfu_after: float


def piloted(
    run: Run, catalog: Catalog, key: Key, gpus: int, mfu: float, span: Span
) -> Piloted | None:
    """What pilots changed of a fleet whose MFU they made this; None without any."""
    if not run.pilots:
        return None
    plain = hardware_of(replace(run, pilots=()), catalog, key, gpus)
    if isinstance(plain, Unfit):
        return None
    before = _mfu_on(plain, gpus)
    return Piloted(
        rows=len(run.pilots),
        shift=mfu / before - 1,
        range_before=mfu_range(plain, gpus, before),
        range_after=span,
        mfu_before=before,
        mfu_after=mfu,
    )


def _mfu_on(hardware: Hardware, gpus: int) -> float:
    """The MFU of exactly that fleet where a layout is known, else what the curve has."""
    found = layout_on(hardware, gpus) if hardware.basis == "predicted" else None
    return found.mfu * hardware.scale if found else hardware.curve.at(gpus)
