"""A list's text as rows of cells: CSV with any delimiter, JSON, JSON lines or YAML.

A column of JSON is a dotted path, with [] where a list lies: availability[].region.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from catalog.csv_file import CatalogError
from catalog.inert import terminal_safe

DELIMITERS = ",;|\t"
# What lists call the array with their offers, where there are several arrays.
_ARRAYS = ("offers", "items", "data", "instance_types", "results", "plans", "prices")
# What lists call the day of the whole file.
_DAYS = ("date", "generated_at", "collected_at", "snapshot_date", "fetched_at", "updated_at")
# Columns are those of the first records: a list has the same ones throughout.
_RECORDS_FOR_COLUMNS = 1_000
_DEEPEST = 8
LARGEST_YAML_MB = 8
_YAML = re.compile(r"---|- |[A-Za-z_][\w -]*:(\s|$)")
# Between the values of a list in one cell.
SEVERAL = "|"


@dataclass(frozen=True, slots=True)
class Records:
    """A table: its columns, its rows by chosen columns, and the day it states for itself.

    ``rows(columns)`` yields for each row where it stands and its cells in that order, stripped;
    a column of '' is a blank cell. A row of CSV of another width yields None for its cells.
    """

    columns: tuple[str, ...]
    rows: Callable[[Sequence[str]], Iterator[tuple[str, list[str] | None]]]
    day: str = ""


def read_data(name: str, text: str) -> Any:
    """What JSON, JSON lines (as an array) or YAML hold; None where the text is neither."""
    if text.lstrip("\ufeff \t\r\n")[:1] in ("{", "["):
        return _json(name, text)
    lines = (line for line in text.splitlines() if line.strip() and not line.startswith("#"))
    first = next(lines, "")
    if _YAML.match(first) and not any(first.count(mark) > 1 for mark in DELIMITERS):
        return _yaml(name, text)
    return None


def table_of_data(name: str, data: Any) -> Records:
    """The offers in data; CatalogError where it holds no objects."""
    records = _records(data)
    if not records:
        what = "no list of offers in it; expected an array of objects, or an object with one"
        raise CatalogError([f"{name}: {what}"])
    paths: dict[str, None] = {}
    for record in records[:_RECORDS_FOR_COLUMNS]:
        paths.update(dict.fromkeys(_paths(record, "", _DEEPEST)))

    def rows(chosen: Sequence[str]) -> Iterator[tuple[str, list[str] | None]]:
        getters = [path.split(".") if path else [] for path in chosen]
        for number, record in enumerate(records, 1):
            cells = [_value(record, steps) if steps else "" for steps in getters]
            yield f"{name}: item {number}", cells

    return Records(tuple(paths), rows, _own_day(data))


def table_of_text(name: str, text: str) -> Records:
    """The table of a CSV file with , ; | or tabs; CatalogError where it has no header."""
    first = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    try:
        header = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
    except csv.Error as error:
        raise CatalogError([f"{name}:1: not readable as CSV ({error}); check the quotes"]) from None
    columns = tuple(cell.strip() for cell in header)
    if len(columns) < 2:
        what = "no table: one column; expected a header with , ; | or tabs between its names"
        raise CatalogError([f"{name}:1: {what}"])
    for column in columns:
        if column and columns.count(column) > 1:
            what = f"column {terminal_safe(column)[:60]!r} appears twice; expected once"
            raise CatalogError([f"{name}:1: {what}"])

    def rows(chosen: Sequence[str]) -> Iterator[tuple[str, list[str] | None]]:
        places = [columns.index(column) if column else -1 for column in chosen]
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        width = len(columns)
        try:
            next(reader)
            for cells in reader:
                if not any(cells):
                    continue
                where = f"{name}:{reader.line_num}"
                if len(cells) != width:
                    yield where, None
                else:
                    yield where, [cells[at].strip() if at >= 0 else "" for at in places]
        except csv.Error as error:
            what = f"not readable as CSV ({error}); check the quotes"
            raise CatalogError([f"{name}:{reader.line_num}: {what}"]) from None

    return Records(columns, rows)


def _json(name: str, text: str) -> Any:
    """JSON, or else JSON lines as a list."""
    try:
        return json.loads(text)
    except RecursionError:
        raise CatalogError([f"{name}: JSON nested too deeply; is it the right file?"]) from None
    except ValueError as error:
        whole = terminal_safe(str(error))[:80]
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        try:
            found += [json.loads(line)] if line.strip() else []
        except (ValueError, RecursionError):
            said = whole if not found else f"line {number} is not JSON"
            what = f"not JSON ({said}), and not JSON lines; is it cut off?"
            raise CatalogError([f"{name}: {what}"]) from None
    return found


def _yaml(name: str, text: str) -> Any:
    """YAML with every scalar as text; aliases are refused, for they can grow without end."""
    if len(text) > LARGEST_YAML_MB * 1_000_000:
        what = f"YAML of more than {LARGEST_YAML_MB} MB; keep the GPU machines alone"
        raise CatalogError([f"{name}: {what}"])
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, loader)):
            raise CatalogError([f"{name}: YAML with aliases (*name); expected values written out"])
        return yaml.load(text, loader)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        if isinstance(error, CatalogError):
            raise
        said = terminal_safe(" ".join(str(error).split()))[:100]
        raise CatalogError([f"{name}: not readable as YAML ({said})"]) from None


def _records(data: Any) -> list[dict[str, Any]] | None:
    """The objects that are the rows: an array, or the one that an object holds."""
    if isinstance(data, list):
        return [one for one in data if isinstance(one, dict)] or None
    if not isinstance(data, dict):
        return None
    arrays = {key: value for key, value in data.items() if _holds_objects(value)}
    named = [key for key in _ARRAYS for held in arrays if held.lower() == key]
    if named or len(arrays) == 1:
        key = next(held for held in arrays if not named or held.lower() == named[0])
        value = arrays[key]
        return [*value.values()] if isinstance(value, dict) else [*filter(_is_object, value)]
    inner = data.get("data")
    return _records(inner) if isinstance(inner, dict) else None


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def _holds_objects(value: Any) -> bool:
    """Whether it is an array of objects, or an object of objects with fields of their own."""
    if isinstance(value, list):
        return any(map(_is_object, value))
    return isinstance(value, dict) and len(value) > 0 and all(map(_is_object, value.values()))


def _paths(value: Any, before: str, depth: int) -> Iterator[str]:
    if isinstance(value, dict) and depth:
        for key, inner in value.items():
            yield from _paths(inner, f"{before}.{key}" if before else str(key), depth - 1)
    elif isinstance(value, list) and depth and any(map(_is_object, value)):
        for inner in value:
            yield from _paths(inner, f"{before}[]", depth - 1)
    elif before:
        yield before


def _value(value: Any, steps: list[str]) -> str:
    """The value at a path as a cell; those of a list with | between."""
    for at, step in enumerate(steps):
        if step.endswith("[]"):
            inner = value.get(step[:-2]) if isinstance(value, dict) else None
            held = inner if isinstance(inner, list) else []
            return SEVERAL.join(filter(None, (_value(one, steps[at + 1 :]) for one in held)))
        value = value.get(step) if isinstance(value, dict) else None
    return _cell(value)


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    return value.strip() if isinstance(value, str) else ""


def _own_day(data: Any) -> str:
    """The day that a file states for all of its offers; empty where it does not."""
    if not isinstance(data, dict):
        return ""
    stated = (data.get(key) for key in _DAYS)
    return next((one for one in stated if isinstance(one, str)), "")
