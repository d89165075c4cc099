"""What a catalog holds, as results: its GPU models, its offers."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from catalog import Catalog, Gpu, Offer, UnplannedGpu
from optimizer import say
from optimizer.study.browse import sources_of
from sixnd.columns import names_of
from sixnd.result import Result, Table

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import RenderableType


@dataclass(frozen=True, repr=False, eq=False)
class Gpus(Result):
    """GPU models; ``unplanned`` are known and lack the figures to plan with."""

    record: tuple[Gpu, ...]
    unplanned: tuple[UnplannedGpu, ...]
    catalog: Catalog

    @property
    def frame(self) -> "pd.DataFrame":
        """One row a GPU model, columns as in gpus.csv: GB, GB/s, dense peaks in TFLOP/s, W."""
        import pandas as pd

        return pd.DataFrame([asdict(gpu) for gpu in self.record], columns=names_of(Gpu))

    def _data(self) -> dict[str, Any]:
        from optimizer.report.data.answer import row_data

        return {
            "gpus": [row_data(gpu) for gpu in self.record],
            "unplanned": [row_data(gpu) for gpu in self.unplanned],
        }

    def _said(self) -> "Iterable[RenderableType]":
        from optimizer.report.text.browse import gpus_text

        found = list(self.record)
        return gpus_text(found, sources_of(self.catalog, found), list(self.unplanned))

    def _line(self) -> str:
        return f"{len(self.record)} GPU models"

    def _table(self) -> Table:
        columns = ("GPU", "year", "GB", "dense bf16 TFLOP/s")
        rows = [
            (gpu.gpu, f"{gpu.year}", say.digits(gpu.memory_gb), _peak(gpu.peak_bf16_tflops))
            for gpu in self.record
        ]
        return Table(columns, rows)


def _peak(tflops: float | None) -> str:
    return "-" if tflops is None else say.digits(tflops)


@dataclass(frozen=True, repr=False, eq=False)
class Offers(Result):
    """Offers, the cheapest first and those to buy last."""

    record: tuple[Offer, ...]
    catalog: Catalog

    @property
    def frame(self) -> "pd.DataFrame":
        """One row an offer, columns as in offers.csv: USD per GPU-hour, GPUs, source, date, ..."""
        import pandas as pd

        return pd.DataFrame([asdict(offer) for offer in self.record], columns=names_of(Offer))

    def _data(self) -> dict[str, Any]:
        from optimizer.report.data.answer import row_data

        rows = [row_data(offer) for offer in self.record]
        return {"offers": rows, "remarks": list(self.catalog.remarks)}

    def _said(self) -> "Iterable[RenderableType]":
        from optimizer.report.text.browse import offers_text

        found = list(self.record)
        return offers_text(found, sources_of(self.catalog, found))

    def _line(self) -> str:
        return f"{len(self.record):,} offers"

    def _table(self) -> Table:
        rows = [
            (one.offer, one.gpu, say.price(one.usd_per_gpu_hour), f"{one.max_gpus:,}")
            for one in self.record
        ]
        return Table(("offer", "GPU", "USD per GPU-hour", "most GPUs"), rows)
