"""What an import left out or took for granted: counted by reason, with a few examples."""

from dataclasses import dataclass, field

MOST_EXAMPLES = 3
LONGEST_EXAMPLE = 120


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason, how often it applied, and up to three places where it did."""

    reason: str
    count: int
    examples: tuple[str, ...]


@dataclass(slots=True)
class Tally:
    """Reasons counted as they come up."""

    counts: dict[str, int] = field(default_factory=dict)
    examples: dict[str, list[str]] = field(default_factory=dict)

    def add(self, reason: str, example: str, times: int = 1) -> None:
        """Count a reason; the first examples of each are kept."""
        self.counts[reason] = self.counts.get(reason, 0) + times
        kept = self.examples.setdefault(reason, [])
        if len(kept) < MOST_EXAMPLES and example[:LONGEST_EXAMPLE] not in kept:
            kept.append(example[:LONGEST_EXAMPLE])

    def reasons(self) -> tuple[Reason, ...]:
        """The reasons, the most frequent first."""
        ordered = sorted(self.counts.items(), key=lambda item: (-item[1], item[0]))
        return tuple(Reason(why, n, tuple(self.examples[why])) for why, n in ordered)
