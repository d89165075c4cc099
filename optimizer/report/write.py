"""A recommendation written to a file, in the format that the file's ending names."""

import json
from collections.abc import Callable
from pathlib import Path

from optimizer.report.data.recommendation import recommendation_data
from optimizer.report.document.document import document
from optimizer.report.document.html import as_html
from optimizer.report.document.markdown import as_markdown
from optimizer.report.files import whole_file
from optimizer.report.workbook.workbook import as_workbook
from optimizer.study.recommendation import Recommendation


def write_report(found: Recommendation, path: Path) -> None:
    """Write the report, all of it or nothing: what is there stays where writing fails.

    KeyError for an ending other than those of ``FORMATS``.
    """
    whole = FORMATS[path.suffix.lower()](found)
    with whole_file(path) as part:
        part.write_bytes(whole)


def _html(found: Recommendation) -> bytes:
    return as_html(document(found)).encode()


def _markdown(found: Recommendation) -> bytes:
    return as_markdown(document(found)).encode()


def _json(found: Recommendation) -> bytes:
    return f"{json.dumps(recommendation_data(found), indent=2, allow_nan=False)}\n".encode()


FORMATS: dict[str, Callable[[Recommendation], bytes]] = {
    ".html": _html,
    ".md": _markdown,
    ".xlsx": as_workbook,
    ".json": _json,
}
