"""What the user's own steps changed in an answer, in a line."""

from optimizer.plan.piloted import Piloted
from optimizer.plan.ranges import Span


def pilot_line(found: Piloted) -> str:
    """What they changed in one line."""
    rows = "1 row" if found.rows == 1 else f"{found.rows} rows"
    after, before = found.range_after, found.range_before
    moved = f"MFU {_percent(found.mfu_after)} in place of {_percent(found.mfu_before)}"
    ranges = f"{between(after)} in place of {between(before)}"
    return f"{rows}: {moved}; eight in ten {ranges}"


def _percent(share: float) -> str:
    return f"{share * 100:.1f} %"


def between(span: Span) -> str:
    """A range of MFU: '29.0 to 33.6 %'."""
    return f"{span.low * 100:.1f} to {_percent(span.high)}"
