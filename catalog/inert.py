"""Text from elsewhere, made harmless before a spreadsheet or a terminal gets it."""

import re
import unicodedata

from catalog.columns import NUMBER

# What a spreadsheet runs as a formula, in ASCII and in the full-width forms that some take too.
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")


def spreadsheet_safe(cell: str) -> str:
    """The cell's text, with ' before it where a spreadsheet would run it as a formula.

    Numbers such as -3.5 stay as they are. Source of the rule: OWASP, "CSV Injection".
    """
    runs = _FORMULA.match(cell) and not NUMBER.fullmatch(cell.strip(" "))
    return f"'{cell}" if runs else cell


def terminal_safe(text: str) -> str:
    r"""The text with what would move a cursor or turn the reading direction spelled out: \x1b.

    Spelled out are control and format characters (escape sequences, bidirectional overrides,
    zero-width characters), line and paragraph separators, and code points without a meaning.
    """
    if text.isprintable():
        return text
    return "".join(char if _shows(char) else _spelled(char) for char in text)


def _shows(char: str) -> bool:
    category = unicodedata.category(char)
    return not category.startswith("C") and category not in ("Zl", "Zp")


def _spelled(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
