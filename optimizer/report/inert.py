"""Text from elsewhere as text that nothing obeys: no control characters, no markup, no formula.

Names of offers, notes and titles come from files that others wrote. HTML is escaped by its
template; this is for the other formats.
"""

import re

from catalog.inert import spreadsheet_safe

MARKDOWN = re.compile(r"([\\`*_\[\]|~$])")
# At the start of a line these make a heading, a list, a rule or a table.
LINE_START = re.compile(r"^([0-9]*)(?=[#+=:-]|[.)](?:\s|$))")
# What Markdown makes a link of by itself; underscores in it must stay bare.
ADDRESS = re.compile(r"(https?://[\w.~/?#=&%+,:@-]+)", re.ASCII)
# The most that a cell of a workbook holds.
LONGEST_CELL = 32_767


def plain(text: str) -> str:
    """One line of printable text; control and format characters become question marks."""
    return "".join(c if c.isprintable() else "?" for c in " ".join(text.split()))


def markdown(text: str) -> str:
    """Text that Markdown shows as it is, within a line; addresses stay as they are."""
    parts = ADDRESS.split(plain(text))
    return "".join(part if place % 2 else _escaped(part) for place, part in enumerate(parts))


def markdown_line(text: str) -> str:
    """The same for text that begins a line, where more has a meaning."""
    return LINE_START.sub(r"\1\\", markdown(text), count=1)


def _escaped(text: str) -> str:
    said = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return MARKDOWN.sub(r"\\\1", said)


def spreadsheet(text: str) -> str:
    """Text that no spreadsheet runs, with ' before it where one might."""
    return spreadsheet_safe(plain(text))[:LONGEST_CELL]


def address(url: str) -> str:
    """A web address that can be linked to; empty for any other scheme or characters."""
    return url if re.fullmatch(r"https?://[!#-;=?-\[\]_a-z~]+", url) else ""
