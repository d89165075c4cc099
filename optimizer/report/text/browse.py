"""The catalog as tables: GPU models and offers, then the pages they were read from."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from catalog import Gpu, Offer, Source, UnplannedGpu
from catalog.parts import NO_PEAK
from optimizer.report.text.parts import listed, note

# What an audit that did not confirm a price adds to its date.
HAD_BY = {"self_serve": "api"}
NETS = {"infiniband": "IB", "ethernet": "eth"}
AUDIT_MARKS = {"confirmed": "", "corrected": "", "unaudited": "?", "doubtful": "!"}


def gpus_text(
    gpus: Iterable[Gpu], sources: Iterable[Source], unplanned: Iterable[UnplannedGpu] = ()
) -> Iterator[RenderableType]:
    """GPU models with dense peaks in TFLOP/s; blank where a part lacks the precision.

    ``unplanned`` are named below them, with the reason.
    """
    table = _table("gpu", "GB", "fp16", "bf16", "fp8", "in the node", "source", "read on")
    for gpu in gpus:
        peaks = (gpu.peak_fp16_tflops, gpu.peak_bf16_tflops, gpu.peak_fp8_tflops)
        table.add_row(
            gpu.gpu,
            f"{gpu.memory_gb:g}",
            *("" if peak is None else f"{peak:,.0f}" for peak in peaks),
            gpu.scale_up,
            gpu.source,
            gpu.read_on.isoformat(),
        )
    yield table
    said = "GB of memory; dense peaks in TFLOP/s; in the node: what joins its GPUs"
    yield note(f"{table.row_count} GPU models. {said}")
    if names := ", ".join(gpu.gpu for gpu in unplanned):
        yield note(f"Known, but not planned, because {NO_PEAK}: {names}")
    yield from listed("Sources", (f"{s.source}: {_page(s)}" for s in sources))


def offers_text(offers: Iterable[Offer], sources: Iterable[Source]) -> Iterator[RenderableType]:
    """Offers with price, size and date; an estimated largest cluster is marked with ~."""
    rows = [_offer_cells(offer) for offer in offers]
    if not rows:
        yield Text("No offer of the catalog matches.")
        return
    yield _Offers(rows)
    yield note(
        f"{len(rows)} offers. USD per GPU-hour, of own a GPU's price; node: its GPUs; most: "
        "GPUs in one cluster, ~ by our judgment; had by: api (self-serve), block, approval, quota "
        "(list price, size by ticket), contract; net: network between "
        "nodes; ? nobody has read the "
        "price a second time, ! an audit doubts it. --json has terms, notes and every source"
    )
    yield from listed("Sources", (_page(source) for source in sources))


OFFER_COLUMNS = ("offer", "USD", "node", "most", "had by", "net", "read on")


def _offer_cells(offer: Offer) -> tuple[str, ...]:
    """One for each of the columns above."""
    estimated = "~" if offer.max_gpus_basis == "estimate" else ""
    return (
        offer.offer,
        _usd(offer),
        f"{offer.gpus_per_node}",
        f"{estimated}{offer.max_gpus:,}",
        HAD_BY.get(offer.capacity, offer.capacity),
        NETS.get(offer.fabric, offer.fabric),
        f"{offer.read_on.isoformat()}{AUDIT_MARKS[offer.audit]}",
    )


@dataclass(frozen=True, slots=True)
class _Offers:
    """The table of offers: a name that leaves no room has a line of its own, never a break."""

    rows: Sequence[tuple[str, ...]]

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        """The header and a line for each offer, two for a long name."""
        table = [OFFER_COLUMNS, *self.rows]
        longest, *widths = (max(map(len, column)) for column in zip(*table, strict=True))
        room = min(longest, max(options.max_width - sum(widths) - len(widths), len("offer")))
        for number, (name, *cells) in enumerate(table):
            figures = " ".join(
                cell.rjust(width) if column in NUMBERS else cell.ljust(width)
                for column, cell, width in zip(OFFER_COLUMNS[1:], cells, widths, strict=True)
            ).rstrip()
            style = "bold" if not number else ""
            if len(name) > room:
                yield Text(name, overflow="fold")
                name = ""
            yield Text(f"{name:{room}} {figures}", style=style)


def _usd(offer: Offer) -> str:
    bought = offer.purchase_usd_per_gpu
    return f"{offer.usd_per_gpu_hour:.2f}" if bought is None else f"{bought:,.0f}"


NUMBERS = {"GB", "fp16", "bf16", "fp8", "USD", "node", "most"}


def _table(*columns: str) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold")
    for name in columns:
        if name in NUMBERS:
            table.add_column(name, justify="right", no_wrap=True)
        else:
            table.add_column(name, overflow="fold", no_wrap=name == "read on")
    return table


def _page(source: Source) -> str:
    return ", ".join(part for part in (source.publisher, source.title, source.url) if part)
