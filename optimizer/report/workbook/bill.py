"""The sheet "Bill": given figures as input cells, everything else as formulas over them."""

from typing import Any

from catalog.units import HOURS_PER_DAY
from optimizer.report.inert import spreadsheet
from optimizer.report.workbook.grids import COUNT, DAYS, FLOP, PRICE, SHARE, TEXT, UNIT, USD
from optimizer.report.workbook.style import Styles, set_up
from optimizer.study.calculation import Figure
from optimizer.study.recommendation import Recommendation

NAME = "Bill"
HEADER_ROW = 3
HINTS = (
    "Yellow cells are figures to change; everything else follows.",
    "MFU and goodput are those of this fleet: they do not follow a change of its size.",
)
COLUMNS = (("figure", 36), ("value", 18), ("unit", 20), ("formula, or where it is from", 70))
# What the user measured takes the place of the figure that is computed.
MEASURED, COMPUTED = "known_gpu_hours", "run_gpu_hours"
SMALL = 100
STYLES = {
    "FLOP": FLOP,
    "USD": USD,
    "USD a GPU": PRICE,
    "USD a GPU-hour": PRICE,
    "USD a GB and month": PRICE,
}


def write_bill(book: Any, styles: Styles, found: Recommendation) -> None:
    """Write the sheet; every figure has a name, so that the formulas can be read."""
    sheet = book.add_worksheet(NAME)
    sheet.write_string(0, 0, spreadsheet(f"The bill of {found.plan.offer}"), styles.title)
    sheet.write_string(1, 0, " ".join(HINTS), styles.hint)
    for place, (name, width) in enumerate(COLUMNS):
        sheet.set_column(place, place, width)
        head = styles.header_number if place == 1 else styles.header
        sheet.write_string(HEADER_ROW, place, name, head)
    row = HEADER_ROW
    for figure in found.calculation:
        if figure.key == COMPUTED:
            row += 1
            _measured(book, sheet, styles, row)
        row += 1
        _figure(book, sheet, styles, row, figure)
    _checks(sheet, styles, row + 2, found)
    set_up(sheet, HEADER_ROW)


def _figure(book: Any, sheet: Any, styles: Styles, row: int, figure: Figure) -> None:
    name = figure.name[:1].upper() + figure.name[1:]
    kind = _style(figure)
    summed = figure.key == "total_usd"
    sheet.write_string(row, 0, name, styles.totals[TEXT] if summed else styles.values[TEXT])
    if figure.formula:
        form = styles.totals[kind] if summed else styles.values[kind]
        sheet.write_formula(row, 1, f"={_formula(figure)}", form, figure.value)
    else:
        sheet.write_number(row, 1, figure.value, styles.inputs[kind])
        _allow(sheet, row, figure)
    sheet.write_string(row, 2, figure.unit, styles.values[UNIT])
    says = figure.formula if figure.formula else figure.note
    sheet.write_string(row, 3, spreadsheet(says), styles.values[TEXT])
    book.define_name(figure.key, f"={NAME}!$B${row + 1}")


def _formula(figure: Figure) -> str:
    if figure.key == COMPUTED:
        return f"IF(ISNUMBER({MEASURED}),{MEASURED},{figure.formula})"
    return figure.formula


def _measured(book: Any, sheet: Any, styles: Styles, row: int) -> None:
    """An empty input cell for GPU-hours that are known better."""
    sheet.write_string(row, 0, "GPU-hours of one run, if you know them", styles.values[TEXT])
    sheet.write_blank(row, 1, None, styles.inputs[COUNT])
    sheet.write_string(row, 2, "GPU-hours", styles.values[UNIT])
    says = "leave it empty to have them computed from MFU and goodput"
    sheet.write_string(row, 3, says, styles.values[TEXT])
    book.define_name(MEASURED, f"={NAME}!$B${row + 1}")


def _style(figure: Figure) -> str:
    if figure.unit in STYLES:
        return STYLES[figure.unit]
    if figure.key in ("mfu", "goodput"):
        return SHARE
    return DAYS if abs(figure.value) < SMALL and figure.value % 1 else COUNT


def _allow(sheet: Any, row: int, figure: Figure) -> None:
    """Refuse what cannot be: a share above one, a size of nothing, a price below nothing."""
    rule: dict[str, Any] = {"validate": "decimal", "criteria": ">", "value": 0}
    if figure.key in ("mfu", "goodput"):
        rule = {"validate": "decimal", "criteria": "between", "minimum": 1e-6, "maximum": 1}
    elif figure.unit.startswith("USD") or figure.unit in ("days", "hours a GPU"):
        rule["criteria"] = ">="
    sheet.data_validation(row, 1, row, 1, {**rule, "error_message": "This figure cannot be."})


def _checks(sheet: Any, styles: Styles, row: int, found: Recommendation) -> None:
    """The plan as decided beside what the sheet makes of it, and the deadline."""
    plan, values = found.plan, styles.values
    deadline = found.answer.run.deadline_hours / HOURS_PER_DAY
    same = found.calculation[-1].value - plan.cost_usd
    kept = "yes" if plan.days <= deadline else "no"
    lines: tuple[tuple[str, float | str, str, str, str, float | str], ...] = (
        ("Cost of the plan as decided", plan.cost_usd, USD, "USD", "", 0.0),
        ("Difference", "", USD, "USD", f"=total_usd-B{row + 1}", same),
        ("Deadline", deadline, DAYS, "days", "", 0.0),
        ("Within the deadline", "", COUNT, "", f'=IF(days<=B{row + 3},"yes","no")', kept),
    )
    for place, (name, value, kind, unit, formula, shown) in enumerate(lines, start=row):
        sheet.write_string(place, 0, name, values[TEXT])
        sheet.write_string(place, 2, unit, values[UNIT])
        if formula:
            sheet.write_formula(place, 1, formula, values[kind], shown)
        else:
            sheet.write_number(place, 1, value, values[kind])
