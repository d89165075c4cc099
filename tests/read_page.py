"""A report's page and wiki text, read back as elements, tables and text."""

import html
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

# What a chart begins with, in lower case, by the ending of its file.
CHART_STARTS = {".svg": b"<svg", ".png": b"\x89png", ".html": b"<!doctype"}
VOID = ("meta", "link", "br", "img", "input", "hr", "wbr")


@dataclass
class Element:
    """One element: its tag, its attributes, its children in order, and its parent."""

    tag: str
    attributes: dict[str, str]
    parent: "Element | None" = None
    children: list["Element | str"] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All text within, with single spaces."""
        return " ".join("".join(self._texts()).split())

    def _texts(self) -> list[str]:
        return [child if isinstance(child, str) else child.text for child in self.children]

    def all(self, *tags: str) -> list["Element"]:
        """The elements with these tags within, in order; all of them without a tag."""
        found = []
        for child in self.children:
            if isinstance(child, Element):
                found += [child] if not tags or child.tag in tags else []
                found += child.all(*tags)
        return found


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.top = Element("", {})
        self.here = self.top

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs}, self.here)
        self.here.children.append(element)
        if tag not in VOID:
            self.here = element

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.here.children.append(Element(tag, attributes, self.here))

    def handle_endtag(self, tag: str) -> None:
        assert self.here.tag == tag, f"</{tag}> ends <{self.here.tag}>"
        assert self.here.parent is not None
        self.here = self.here.parent

    def handle_data(self, data: str) -> None:
        self.here.children.append(data)


def read_html(page: str) -> Element:
    """The page's elements; every one has to be closed where it should be."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    assert reader.here is reader.top, f"<{reader.here.tag}> is not closed"
    return reader.top


def html_tables(page: Element) -> list[list[list[str]]]:
    """Every table as rows of cells, headings first."""
    return [
        [[cell.text for cell in row.all("th", "td")] for row in table.all("tr")]
        for table in page.all("table")
    ]


def markdown_tables(text: str) -> list[list[list[str]]]:
    """Every table as rows of cells, headings first, as a reader sees them."""
    tables: list[list[list[str]]] = []
    inside = False
    for line in text.splitlines():
        if not line.startswith("|"):
            inside = False
            continue
        if not inside:
            tables.append([])
            inside = True
        if not re.fullmatch(r"[|:\- ]+", line) or line.replace("|", "").strip() == "":
            tables[-1].append([_seen(cell) for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
    return tables


def _seen(cell: str) -> str:
    """A cell's text without the marks of Markdown."""
    said = re.sub(r"(?<!\\)\[(.*)(?<!\\)\]\(https?://[^)]*\)", r"\1", cell.strip())
    said = re.sub(r"^\*\*(.*)\*\*$", r"\1", said)
    return " ".join(html.unescape(re.sub(r"\\(.)", r"\1", said)).split())


def assert_drawn(path: Path, *words: str) -> None:
    """A chart is whole, in the form of its file's ending, and has these words in it."""
    assert path.read_bytes().lstrip().lower().startswith(CHART_STARTS[path.suffix])
    if path.suffix == ".svg":
        text = path.read_text(encoding="utf-8")
        assert [word for word in words if word not in text] == []
