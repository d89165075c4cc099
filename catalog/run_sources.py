"""Where published runs were read: what run_sources.csv says of each source of theirs."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from catalog.columns import text
from catalog.csv_file import checked_rows
from catalog.rows import Source
from catalog.table import Table
from catalog.tables import sources_table

SHIPPED_RUN_SOURCES = Path(__file__).with_name("run_sources.csv")
# A source with several tables has a title for each of them.
BETWEEN_TITLES = " | "


@dataclass(frozen=True, slots=True)
class RunSource(Source):
    """A page, a paper or a log with figures of training runs; blank where none is stated."""

    def title_for(self, model: str) -> str:
        """The title of the part that is about a model, else the first one."""
        titles = self.title.split(BETWEEN_TITLES)
        about = (title for title in titles if model.lower() in title.lower())
        return next(about, titles[0])


def run_sources_table() -> Table:
    """run_sources.csv."""
    columns = {**sources_table().columns, "publisher": text(blank=""), "kind": text()}
    return Table("run_sources.csv", columns, RunSource, ("source",))


def read_run_sources(path: Path) -> dict[str, RunSource]:
    """The sources of a file by key, or a CatalogError that lists every mistake in it."""
    return {row["source"]: RunSource(**row) for _, row in checked_rows(path, run_sources_table())}


@cache
def load_run_sources() -> dict[str, RunSource]:
    """The shipped sources of runs by key."""
    return read_run_sources(SHIPPED_RUN_SOURCES)
