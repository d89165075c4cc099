"""A document as one HTML file that works offline, on paper and on a phone."""

from functools import lru_cache
from importlib.resources import files

from jinja2 import BaseLoader, Environment, StrictUndefined, Template
from markupsafe import Markup, escape

from optimizer.report.document.blocks import Block, Document, Link
from optimizer.report.inert import address, plain


def as_html(said: Document) -> str:
    """The whole page; every text in it is escaped by the template."""
    return _template().render(document=said, style=Markup(_file("report.css")))


@lru_cache(maxsize=1)
def _template() -> Template:
    """The page; autoescape is on, and an unknown name is an error."""
    room = Environment(
        loader=BaseLoader(),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_printable,
    )
    room.filters |= {"address": address, "breakable": _breakable, "drawing": Markup}
    room.filters |= {"is_link": _is_link, "kind": _kind}
    return room.from_string(_file("report.html.j2"))


def _printable(value: object) -> object:
    """Every text that the template prints, without control characters."""
    return plain(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _breakable(text: str) -> Markup:
    """The text with room for a new line after each underscore, for long names of offers."""
    return Markup(escape(plain(text)).replace("_", Markup("_<wbr>")))


def _file(name: str) -> str:
    return (
        files("optimizer.report.document").joinpath("templates", name).read_text(encoding="utf-8")
    )


def _kind(block: Block) -> str:
    """What a block is, by the name of its class in small letters."""
    return type(block).__name__.lower()


def _is_link(cell: object) -> bool:
    return isinstance(cell, Link)
