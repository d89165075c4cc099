"""What the sheets of a workbook have in common: formats, and how they are seen and printed."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil
from typing import Any

from optimizer.report.workbook.grids import COUNT, DATE, DAYS, FLOP, PRICE, SHARE, TEXT, UNIT, USD

A4 = 9
LINE = 15.0
# Of a column's width in digits, what a letter may take.
WIDEST_LETTERS = 1.15
WORDS = (TEXT, UNIT)
NUMBER_FORMATS = {
    TEXT: "@",
    UNIT: "@",
    FLOP: "0.00E+00",
    COUNT: "#,##0",
    USD: "#,##0",
    PRICE: "#,##0.00##",
    DAYS: "#,##0.00",
    SHARE: "0.00%",
    DATE: "yyyy-mm-dd",
}


@dataclass(frozen=True, slots=True)
class Styles:
    """The formats of one workbook, by the name of the style."""

    title: Any
    header: Any
    header_number: Any
    hint: Any
    values: dict[str, Any]
    inputs: dict[str, Any]
    totals: dict[str, Any]


def styles_of(book: Any) -> Styles:
    """The formats of a workbook."""

    def each(**more: object) -> dict[str, Any]:
        return {
            name: book.add_format({"num_format": code, "valign": "top", **_align(name), **more})
            for name, code in NUMBER_FORMATS.items()
        }

    head = {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}
    return Styles(
        title=book.add_format({"bold": True, "font_size": 14}),
        header=book.add_format({**head, "align": "left", "indent": 1}),
        header_number=book.add_format({**head, "align": "right"}),
        hint=book.add_format({"italic": True, "font_color": "#4A5561"}),
        values=each(),
        inputs=each(bg_color="#FFF6CC", border=1, border_color="#C9B458"),
        totals=each(bold=True, top=1),
    )


def _align(style: str) -> dict[str, object]:
    """Text wraps, a little off the number before it; a number stands at the right."""
    if style in WORDS:
        return {"align": "left", "indent": 1, "text_wrap": style == TEXT}
    return {"align": "right"}


def header_of(styles: Styles, style: str) -> Any:
    """The heading of a column of that style stands where its values do."""
    return styles.header if style in WORDS else styles.header_number


def height_of(texts: Iterable[tuple[str, int]]) -> float:
    """The height of a row, in points, that holds each text in a column of that many characters."""
    lines = (max(1, ceil(len(text) * WIDEST_LETTERS / width)) for text, width in texts)
    return LINE * max(lines, default=1)


def set_up(sheet: Any, header_row: int) -> None:
    """The heading stays in sight and is printed on each page, one page wide on A4."""
    sheet.set_row(header_row, 2 * LINE)
    sheet.freeze_panes(header_row + 1, 1)
    sheet.repeat_rows(header_row)
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&L&A&R&P / &N")
    sheet.hide_gridlines(2)
