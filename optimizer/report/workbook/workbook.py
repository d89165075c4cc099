"""A recommendation as an Excel workbook: the bill with live formulas, the rest as numbers."""

import io
from datetime import date, datetime, time
from typing import Any

from optimizer.report.inert import spreadsheet
from optimizer.report.workbook import grids
from optimizer.report.workbook.bill import write_bill
from optimizer.report.workbook.grids import TEXT, USD, Grid, Styled, Value
from optimizer.report.workbook.style import Styles, header_of, height_of, set_up, styles_of
from optimizer.study.recommendation import Recommendation

HEADER_ROW = 2
# Nothing that is text is ever taken for something else.
AS_WRITTEN = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}


def as_workbook(found: Recommendation) -> bytes:
    """The file's bytes; the same recommendation gives the same bytes."""
    import xlsxwriter

    held = io.BytesIO()
    book = xlsxwriter.Workbook(held, AS_WRITTEN)
    created = datetime.combine(found.today, time())
    book.set_properties({"title": "Training plan", "created": created})
    book.set_size(1600, 1000)
    styles = styles_of(book)
    total = found.calculation[-1].value
    summary = grids.summary(found)
    first = _write(book, styles, summary)
    write_bill(book, styles, found)
    row = HEADER_ROW + 2 + len(summary.rows)
    first.write_string(row, 0, "cost with the changes in Bill", styles.header)
    first.write_formula(row, 1, "=total_usd", styles.totals[USD], total)
    for sheet in (
        *(grids.fleets, grids.frontier, grids.sensitivity, grids.paying),
        *(grids.assumptions, grids.sources),
    ):
        _write(book, styles, sheet(found))
    book.close()
    return held.getvalue()


def _write(book: Any, styles: Styles, grid: Grid) -> Any:
    """One sheet with its title, its table, and what paper and screen need."""
    sheet = book.add_worksheet(grid.name)
    sheet.write_string(0, 0, spreadsheet(grid.title), styles.title)
    for place, column in enumerate(grid.columns):
        sheet.set_column(place, place, column.width)
        sheet.write_string(HEADER_ROW, place, column.name, header_of(styles, column.style))
    for number, row in enumerate(grid.rows, start=HEADER_ROW + 1):
        texts = [(v, c.width) for v, c in zip(row, grid.columns, strict=True) if type(v) is str]
        sheet.set_row(number, height_of(texts))
        for place, (value, column) in enumerate(zip(row, grid.columns, strict=True)):
            styled = value if isinstance(value, Styled) else Styled(value, column.style)
            _cell(sheet, (number, place), styled.value, styles.values, styled.style)
    set_up(sheet, HEADER_ROW)
    return sheet


def _cell(
    sheet: Any, at: tuple[int, int], value: Value, formats: dict[str, Any], kind: str
) -> None:
    if value is None or value == "":
        sheet.write_blank(*at, None, formats[TEXT])
    elif isinstance(value, str):
        sheet.write_string(*at, spreadsheet(value), formats[TEXT])
    elif isinstance(value, date):
        sheet.write_datetime(*at, datetime.combine(value, time()), formats[kind])
    else:
        sheet.write_number(*at, value, formats[kind])
