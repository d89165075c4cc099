"""The grammar of questions in words: a table of phrases, and how one phrase is matched.

In a phrase, a|b is either word, a_b is two words in a row, [..] may be left out, and a word in
capitals is a slot, which takes the words it understands (problems/slots.py).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from problems.slots import SLOTS, Known

_UNDER = "under|below|within|less_than|at_most|up_to|no_more_than|not_more_than"
_AT_MOST = "at_most|up_to|no_more_than|not_more_than|maximum|max"

# A phrase and the fields that its mere presence fixes; slots add fields of their own.
PHRASES: tuple[tuple[str, Mapping[str, str]], ...] = (
    ("cheapest|cheaply|least_expensive", {"minimize": "cost"}),
    ("[at] [the] lowest|minimum cost|price", {"minimize": "cost"}),
    ("fastest|quickest|soonest|as_fast_as_possible|as_soon_as_possible", {"minimize": "time"}),
    ("[in] [the] shortest|least|minimum time", {"minimize": "time"}),
    ("[for|of] [a|an] MODEL [parameters|parameter|params] [model|llm]", {}),
    ("[with] ACTIVE active [parameters|params]", {}),
    ("[on|for|with|over|using] TOKENS tokens|token [of] [data|text]", {}),
    (f"[in] [{_UNDER}] DURATION", {}),
    (f"[with|within] [a] deadline [of|is] [{_AT_MOST}] DURATION", {}),
    ("[in|with|within] [a] DURATION deadline", {}),
    ("by|before DATE", {}),
    (f"[for|with] [{_UNDER}] MONEY [budget]", {}),
    ("[on|with|within] [a] MONEY budget", {}),
    (f"[on|with|within] [a] budget [of|is] [{_AT_MOST}] AMOUNT", {}),
    (
        f"[on|with|using] [a] [cluster|fleet] [of] [{_AT_MOST}] COUNT [x] gpus|gpu|GPUS [gpus|gpu]",
        {},
    ),
    ("[on|with|using|of] GPUS [gpus|gpu]", {}),
    ("[on|at|from|with|using] PROVIDERS", {}),
    ("[on|with|at|using] PRICING [prices|price|instances|capacity|offers]", {}),
    (
        "[only|just] [with|on|from] self-serve|self_serve|selfserve [capacity|offers] [only]",
        {"capacity": "self_serve"},
    ),
    ("[only|just] [in|of|with] published sizes|capacity [only]", {"capacity": "published"}),
    ("without|no [a|any] contract|contracts", {"capacity": "quota"}),
    ("[in|with|using|at] PRECISION [precision]", {}),
    ("[with|at] [a] CONTEXT context|sequence|sequences [length|window]", {}),
    ("[with|at] [a] context|sequence [length|window] [of] CONTEXT [tokens]", {}),
    ("[with] [a] [global] batch [size] [of] BATCH [tokens]", {}),
)

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
            slot = SLOTS.get(row[0])
            if slot is not None:
                taken = slot.read(words[at:], known)
                if taken is not None:
                    yield at + taken[0], {slot.field: taken[1]}
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


_COMPILED = tuple((_compile(phrase), fixed) for phrase, fixed in PHRASES)
