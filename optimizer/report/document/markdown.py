"""A document as GitHub-flavored Markdown, to paste into a wiki."""

from collections.abc import Iterator

from optimizer.report.document.blocks import (
    Block,
    Bullets,
    Cell,
    Chart,
    Command,
    Document,
    Facts,
    Paragraph,
    Table,
)
from optimizer.report.inert import address, markdown, markdown_line, plain


def as_markdown(said: Document) -> str:
    """The whole document."""
    return "\n".join(_lines(said)).rstrip() + "\n"


def _lines(said: Document) -> Iterator[str]:
    yield from (f"# {markdown(said.title)}", "", markdown_line(said.subtitle), "")
    yield from (f"**{markdown(said.decision)}**", "")
    rows = "".join(f"\n| {' | '.join(map(markdown, row))} |" for row in said.figures)
    yield from (f"| figure | value | more |\n|---|---|---|{rows}", "")
    yield from _listed("How sure this is", said.reasons)
    yield from _listed("Check first", said.checks)
    for section in said.sections:
        yield from (f"## {markdown(section.title)}", "")
        for block in section.blocks:
            yield from (_block(block), "")
    yield from ("---", "", markdown_line(said.made))


def _listed(title: str, lines: tuple[str, ...]) -> Iterator[str]:
    if lines:
        yield from (f"## {title}", "", _bullets(lines), "")


def _bullets(lines: tuple[str, ...]) -> str:
    return "\n".join(f"- {markdown_line(line)}" for line in lines)


def _block(block: Block) -> str:
    match block:
        case Paragraph(text):
            return markdown_line(text)
        case Bullets(items):
            return _bullets(items)
        case Facts(rows):
            return "\n".join(f"- {markdown_line(name)}: {markdown(value)}" for name, value in rows)
        case Command(text):
            return _command(text)
        case Chart(title, says, _):
            return f"{markdown_line(title)}: {markdown(says)}"
        case Table():
            return _table(block)


def _command(text: str) -> str:
    """A code block whose fence is longer than any in the text."""
    said = plain(text)
    fence = "```"
    while fence in said:
        fence += "`"
    return f"{fence}sh\n{said}\n{fence}"


def _table(block: Table) -> str:
    heads = " | ".join(markdown(column.name) for column in block.columns)
    rules = "|".join("--:" if column.number else "---" for column in block.columns)
    rows = [" | ".join(map(_cell, row)) for row in block.rows]
    if block.foot:
        rows.append(" | ".join(f"**{_cell(cell)}**" if cell else "" for cell in block.foot))
    lines = [f"| {heads} |", f"|{rules}|", *(f"| {row} |" for row in rows)]
    return "\n".join([f"*{markdown(block.caption)}*", "", *lines])


def _cell(cell: Cell) -> str:
    if isinstance(cell, str):
        return markdown(cell)
    url = address(cell.url)
    # A bracket or a pipe would end the link or the cell.
    safe = url.replace("(", "%28").replace(")", "%29").replace("|", "%7C")
    return f"[{markdown(cell.text)}]({safe})" if url else markdown(cell.text)
