"""A recommendation from what was asked by keyword, with the command that makes it again."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from catalog import Catalog
from optimizer.commands.asking import check_ending, check_place
from optimizer.program.solve import DEFAULT_TIME_LIMIT_S
from optimizer.report.write import FORMATS
from optimizer.study.recommendation import recommend
from sixnd.evidence import Recommendation
from sixnd.keywords import FilePath
from sixnd.reading import Reading, plain, read

PAGE = ".html"


def recommended(model: object, path: FilePath | None, asked: Mapping[str, Any]) -> Recommendation:
    """The recommendation, written to ``path`` where there is one."""
    place = None if path is None else Path(path)
    if place is not None:
        check_place("path", place)
        check_ending("path", place, tuple(FORMATS))
    reading, catalog = read(model, asked), asked.get("catalog")
    ending = PAGE if place is None else place.suffix.lower()
    options = [*_options(reading, catalog), "-o", f"report{ending}"]
    with reading.asked.mistakes_placed():
        reading.asked.expect_open_fleet()
        found = recommend(
            reading.question, reading.facts, reading.today, options=options, **reading.solving
        )
    if isinstance(catalog, Catalog):
        # What was added to a catalog or left out of it in Python, no option of the command says.
        found = replace(found, command=f"{found.command}  # with the catalog given in Python")
    result = Recommendation(found)
    if place is not None:
        result.write(place)
    return result


def _options(reading: Reading, catalog: object) -> Iterator[str]:
    """The options of the command that are not of the question, where they were given."""
    if catalog is not None and not isinstance(catalog, Catalog):
        yield from ("--catalog", str(plain(catalog)))
    solver, limit = reading.solving["solver"], reading.solving["time_limit_s"]
    if solver != "highs":
        yield from ("--solver", solver)
    if limit != DEFAULT_TIME_LIMIT_S:
        yield from ("--time-limit", f"{limit:g}")
