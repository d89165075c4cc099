"""The report as a workbook: its formulas come to the plan, and follow what is changed."""

import io
import re
from datetime import datetime, time
from typing import Any

import pytest
from formulas import value_of
from openpyxl import load_workbook
from report_cases import harmful, plain
from small_catalog import TODAY, make_catalog, make_offer

from optimizer.report.inert import spreadsheet
from optimizer.report.workbook.workbook import as_workbook
from optimizer.study.recommendation import Recommendation, recommend
from problems import make_question

SHEETS = [
    *("Summary", "Bill", "Fleets", "Frontier", "Sensitivity", "Break-even"),
    *("Assumptions", "Sources"),
]
FIRST_FIGURE = 5
# The format keeps 16 digits.
EXACT = 1e-14


def book(found: Recommendation, *, values: bool = False) -> Any:
    """The workbook read back: its formulas, or the values that are shown without computing."""
    return load_workbook(io.BytesIO(as_workbook(found)), data_only=values)


def cells(sheet: Any) -> dict[str, Any]:
    """What stands beside each name in the first column."""
    return {row[0].value: row[1] for row in sheet.iter_rows() if row[0].value}


def computed(found: Recommendation, changed: dict[str, float]) -> dict[str, object]:
    """Every named cell of the sheet "Bill", computed in order with some inputs changed."""
    opened = book(found)
    names = {int(d.attr_text.split("$")[-1]): name for name, d in opened.defined_names.items()}
    known: dict[str, object] = {}
    for row in range(FIRST_FIGURE, opened["Bill"].max_row + 1):
        value = opened["Bill"].cell(row, 2).value
        if isinstance(value, str) and value.startswith("="):
            value = value_of(value, known)
        if row in names:
            known[names[row]] = changed.get(names[row], value)
        known[f"B{row}"] = value
    return known


def test_the_sheets() -> None:
    """In this order, each with its heading in sight, on A4, one page wide."""
    opened = book(plain())
    assert opened.sheetnames == SHEETS
    for sheet in opened:
        assert sheet.freeze_panes
        assert sheet.print_title_rows
        assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
        # One page wide is the format's own default.
        assert sheet.page_setup.fitToWidth in (None, 1)
        assert sheet.page_setup.fitToHeight == 0
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        widths = [dimension.width for dimension in sheet.column_dimensions.values()]
        assert len(widths) >= 2
        assert min(widths) >= 8


def test_the_formulas_come_to_the_plan() -> None:
    """Hours, days, lines and total; what is shown without computing is the same."""
    found = plain()
    known, shown = computed(found, {}), book(found, values=True)["Bill"]
    assert known["total_usd"] == pytest.approx(found.plan.cost_usd, rel=1e-9)
    assert known["days"] == pytest.approx(found.plan.days, rel=1e-9)
    for row in range(FIRST_FIGURE, shown.max_row + 1):
        if shown.cell(row, 2).value is not None:
            assert shown.cell(row, 2).value == pytest.approx(known[f"B{row}"])
    assert list(known.values())[-1] == "yes"


def test_a_changed_price_changes_the_total() -> None:
    """Twice the price is twice the compute; half the MFU twice the hours and the days."""
    found = plain()
    before, price = computed(found, {}), found.plan.usd_per_gpu_hour
    dearer = computed(found, {"price": 2 * price})
    assert dearer["compute_usd"] == pytest.approx(2 * before["compute_usd"])  # type: ignore[operator]
    more = dearer["total_usd"] - before["total_usd"]  # type: ignore[operator]
    assert more == pytest.approx(before["compute_usd"])
    slower = computed(found, {"mfu": found.plan.mfu / 2})
    for name in ("run_gpu_hours", "days", "compute_usd"):
        assert slower[name] == pytest.approx(2 * before[name])  # type: ignore[operator]
    larger = computed(found, {"tokens": 3 * found.answer.run.tokens})
    assert larger["run_gpu_hours"] == pytest.approx(3 * before["run_gpu_hours"])  # type: ignore[operator]
    wider = computed(found, {"nodes": 2.0 * found.plan.nodes})
    assert wider["days"] == pytest.approx(before["days"] / 2)  # type: ignore[operator]


def test_measured_hours_take_the_place_of_computed_ones() -> None:
    """The empty cell; two runs share what is measured of one."""
    offer = make_offer(commitment=500.0, pricing="reserved")
    asked = make_question(model="1B", deadline="30d", runs=2, storage_price=0)
    found = recommend(asked, make_catalog([offer]), TODAY)
    known = computed(found, {"known_gpu_hours": 100_000.0})
    assert known["gpu_hours"] == 200_000
    assert known["billed_gpu_hours"] == 200_000
    assert known["total_usd"] == pytest.approx(2.0 * 200_000)


def test_inputs_and_formulas() -> None:
    """Price, MFU, tokens and parameters are figures to change; what follows is a formula."""
    found = cells(book(plain())["Bill"])
    inputs = ("Price of a GPU-hour", "MFU, share of the peak reached", "Tokens, D", "Nodes")
    for name in (*inputs, "Parameters, N"):
        assert isinstance(found[name].value, (int, float))
        assert found[name].fill.fgColor.rgb == "FFFFF6CC"
    for name in ("GPU-hours used", "Days", "Compute used", "Storage", "Total"):
        assert found[name].data_type == "f"
        assert found[name].fill.fgColor.rgb != "FFFFF6CC"
    total = book(plain())["Summary"]
    assert "=total_usd" in [cell.value for cell in total["B"]]


def test_every_name_is_a_cell() -> None:
    """A formula uses no name that is not defined, and every name is a figure of the bill."""
    opened = book(plain())
    names = set(opened.defined_names)
    formulas = [c.value for s in opened for row in s.iter_rows() for c in row if c.data_type == "f"]
    used = {word for formula in formulas for word in re.findall(r"[a-z_]{2,}", formula)} - {"yes"}
    assert used - {"no"} <= names
    assert names == {figure.key for figure in plain().calculation} | {"known_gpu_hours"}


def test_numbers_are_numbers() -> None:
    """Money, days, shares and dates with their formats, at the precision of the plan."""
    found = plain()
    summary = cells(book(found)["Summary"])
    cost = summary["cost, USD"]
    assert cost.value == pytest.approx(found.plan.cost_usd, rel=EXACT)
    assert summary["days"].value == pytest.approx(found.plan.days, rel=EXACT)
    assert summary["MFU"].value == pytest.approx(found.plan.mfu, rel=EXACT)
    assert (cost.number_format, summary["MFU"].number_format) == ("#,##0", "0.00%")
    made = summary["made on"]
    assert (made.value, made.number_format) == (datetime.combine(found.today, time()), "yyyy-mm-dd")
    frontier = book(found)["Frontier"]
    rows = list(frontier.iter_rows(min_row=4, values_only=True))
    points = found.frontier.points
    assert [row[:2] for row in rows] == [(p.plan.offer, p.plan.gpus) for p in points]
    assert [row[2] for row in rows] == pytest.approx([p.days for p in points], rel=EXACT)
    assert [row[3] for row in rows] == pytest.approx([p.cost_usd for p in points], rel=EXACT)
    cases = list(book(found)["Sensitivity"].iter_rows(min_row=4, values_only=True))
    costs = [case.cost_usd for case in found.sensitivity.cases]
    written = [row[3] for row in cases if row[0] == "case"]
    assert [cost is None for cost in written] == [cost is None for cost in costs]
    kept = [(one, other) for one, other in zip(written, costs, strict=True) if other is not None]
    assert all(one == pytest.approx(other, rel=EXACT) for one, other in kept)


def test_harm_is_text() -> None:
    """Nothing that others wrote is a formula, a link or a control character."""
    opened = book(harmful())
    ours = {"Bill", "Summary"}
    for sheet in opened:
        for cell in (cell for row in sheet.iter_rows() for cell in row):
            assert cell.hyperlink is None
            if cell.data_type == "f":
                assert sheet.title in ours
                assert value_safe(cell.value)
            elif isinstance(cell.value, str):
                assert cell.value.isprintable()
                assert cell.value == spreadsheet(cell.value.removeprefix("'")) or not re.match(
                    r"\s*[=+\-@]", cell.value
                )
    titles = [row[0].value for row in opened["Sources"].iter_rows(min_row=4)]
    assert any(title.startswith("'=cmd") for title in titles)


def value_safe(formula: str) -> bool:
    """A formula of ours has names, cells, numbers, signs and our own three functions."""
    words = set(re.findall(r"[A-Z]{2,}(?=\()", formula))
    return words <= {"MAX", "IF", "ISNUMBER"} and "'" not in formula


def test_the_day_is_the_given_one() -> None:
    """No clock: the file says that it was made on the day of the report."""
    properties = book(plain()).properties
    assert properties.created == datetime.combine(TODAY, time())
