"""The grammar of questions in words: the phrases of the fields, and how one is matched.

In a phrase, a|b is either word, a_b is two words in a row, [..] may be left out, and a word in
capitals is a slot, which takes the words it understands (problems/slots.py). Whose phrases and
slots they are is in the table of fields (problems/table).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from problems.question import ROWS
from problems.slots import Known, Read

# Words that may stand anywhere because leaving them out changes nothing.
_FILLERS = """
    a an and the what what's which is are it to way how much can could do does i we me us my our
    you find give show tell want need get plan train training pretrain pre-train pretraining
    pre-training run please should would cost costs fleet cluster
"""
FILLERS = frozenset(_FILLERS.split())

GRAMMAR = """understood are, in any order:
  cheapest | fastest          70B | 8x22B | llama-3.1-405b      39B active parameters
  on 1.4T tokens              in 30 days | by 2026-12-31        under $5M | a budget of 5M
  on H100 or A100             with at most 512 GPUs             on aws
  spot | on demand | reserved | marketplace
  self-serve only             without contracts                 of published sizes
  in fp8                      8k context                        batch of 4M tokens"""


@dataclass(frozen=True, slots=True)
class Piece:
    """One element of a phrase: alternatives, each a slot or words in a row."""

    alternatives: tuple[tuple[str, ...], ...]
    optional: bool

    def readings(
        self, words: Sequence[str], at: int, known: Known
    ) -> Iterator[tuple[int, dict[str, str | tuple[str, ...]]]]:
        """Each way to read this element at ``at``: where it ends, and the fields it fills."""
        for row in self.alternatives:
            slot = _SLOTS.get(row[0])
            if slot is not None:
                field, read = slot
                taken = read(words[at:], known)
                if taken is not None:
                    yield at + taken[0], {field: taken[1]}
            elif tuple(words[at : at + len(row)]) == row:
                yield at + len(row), {}
        if self.optional:
            yield at, {}


@dataclass(frozen=True, slots=True)
class Reading:
    """A phrase found in the question: the words it took and the fields they fill."""

    end: int
    fields: Mapping[str, str | tuple[str, ...]]


def longest_phrase(words: Sequence[str], at: int, known: Known) -> Reading | None:
    """The phrase that takes the most words from ``at`` on; the first of equals."""
    best: Reading | None = None
    for pieces, fixed in _COMPILED:
        found = _match(pieces, words, at, known)
        if found is not None and (best is None or found.end > best.end):
            best = Reading(found.end, {**fixed, **found.fields})
    return best if best is not None and best.end > at else None


def grammar_words() -> set[str]:
    """Every word the grammar itself knows."""
    rows = (row for pieces, _ in _COMPILED for piece in pieces for row in piece.alternatives)
    return {word for row in rows for word in row if word.islower()} | FILLERS


def _match(
    pieces: tuple[Piece, ...], words: Sequence[str], at: int, known: Known
) -> Reading | None:
    if not pieces:
        return Reading(at, {})
    for end, fields in pieces[0].readings(words, at, known):
        rest = _match(pieces[1:], words, end, known)
        if rest is not None:
            return Reading(rest.end, {**fields, **rest.fields})
    return None


def _compile(phrase: str) -> tuple[Piece, ...]:
    pieces = []
    for part in phrase.split():
        rows = (row.split("_") for row in part.strip("[]").split("|"))
        pieces.append(Piece(tuple(tuple(row) for row in rows), part.startswith("[")))
    return tuple(pieces)


_WORDS = {field: row.words for field, row in ROWS.items() if row.words is not None}
_SLOTS: dict[str, tuple[str, Read]] = {
    name: (field, read) for field, words in _WORDS.items() for name, read in words.slots.items()
}
# Each phrase with the field that its mere presence fixes; slots add fields of their own.
_COMPILED = tuple(
    (_compile(phrase), {} if value is None else {field: value})
    for field, words in _WORDS.items()
    for phrase, value in words.phrases.items()
)
