"""The catalogue as tables: GPU models and offers, each with its source and date."""

from collections.abc import Iterable, Iterator

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from catalog import Gpu, Offer


def gpus_text(gpus: Iterable[Gpu]) -> Iterator[RenderableType]:
    """GPU models with dense peaks in TFLOP/s; blank where a part lacks the precision."""
    table = _table(
        ("gpu", "left"),
        ("memory GB", "right"),
        ("fp16", "right"),
        ("bf16", "right"),
        ("fp8", "right"),
        ("in the node", "left"),
        ("source", "left"),
        ("read on", "left"),
    )
    for gpu in gpus:
        peaks = (gpu.peak_fp16_tflops, gpu.peak_bf16_tflops, gpu.peak_fp8_tflops)
        table.add_row(
            gpu.gpu,
            f"{gpu.memory_gb:g}",
            *("" if peak is None else f"{peak:g}" for peak in peaks),
            gpu.scale_up,
            gpu.source,
            gpu.read_on.isoformat(),
        )
    yield table
    yield Text(f"{table.row_count} GPU models; dense peaks in TFLOP/s", style="dim")


def offers_text(offers: Iterable[Offer]) -> Iterator[RenderableType]:
    """Offers with price, size and date; an estimated largest cluster is marked with ~."""
    table = _table(
        ("offer", "left"),
        ("USD/GPU-h", "right"),
        ("node", "right"),
        ("most GPUs", "right"),
        ("network", "left"),
        ("audit", "left"),
        ("read on", "left"),
    )
    for offer in offers:
        mark = "~" if offer.max_gpus_basis == "estimate" else ""
        table.add_row(
            offer.offer,
            f"{offer.usd_per_gpu_hour:g}",
            f"{offer.gpus_per_node}",
            f"{mark}{offer.max_gpus:,}",
            offer.fabric,
            offer.audit,
            offer.read_on.isoformat(),
        )
    yield table
    note = "~ is our judgement of the largest cluster; --json has sources and notes"
    yield Text(f"{table.row_count} offers; {note}", style="dim")


def _table(*columns: tuple[str, str]) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold")
    for name, justify in columns:
        table.add_column(name, justify=justify, overflow="fold")  # type: ignore[arg-type]
    return table
