"""What was drawn for a run lately, kept for questions that differ from it in their limits only.

Candidates and segments rest on the run and the catalog, not on a deadline or a budget: those cut
what is drawn. So a second question about the same model is answered from what the first one drew.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import fields
from threading import Lock
from typing import Any, TypeVar

from catalog import Catalog
from optimizer.market.run import Run

Made = TypeVar("Made")
# Fields of a run that nothing drawn rests on.
_UNSEEN = ("question", "given", "name", "objective", "deadline_hours", "limits")
_SEEN = tuple(field.name for field in fields(Run) if field.name not in _UNSEEN)
# Segments kept in all, about 200 bytes each; the market of the shipped catalog has 25,000.
MOST_SEGMENTS = 400_000


class Lately:
    """What was made of an object lately, by a key, for any number of threads.

    The object is known by its identity, and held as long as what was made of it. As much is kept as
    weighs ``most`` together; what was used longest ago goes first.
    """

    def __init__(self, most: int) -> None:
        self.most, self._lock = most, Lock()
        self._made: OrderedDict[tuple[int, Hashable], tuple[object, Any, int]] = OrderedDict()

    def of(
        self,
        known: object,
        key: Hashable,
        make: Callable[[], Made],
        weighs: Callable[[Made], int] = lambda _: 1,
    ) -> Made:
        """What ``make`` gives, made once; it must never be changed."""
        at = (id(known), key)
        with self._lock:
            held = self._made.get(at)
            if held is not None and held[0] is known:
                self._made.move_to_end(at)
                found: Made = held[1]
                return found
        made = make()
        with self._lock:
            self._made[at] = (known, made, weighs(made))
            self._made.move_to_end(at)
            while sum(weight for _, _, weight in self._made.values()) > self.most:
                self._made.popitem(last=False)
        return made

    def forget(self) -> None:
        """Keep nothing of what was made so far."""
        with self._lock:
            self._made.clear()


DRAWN = Lately(MOST_SEGMENTS)


def kept(
    run: Run,
    catalog: Catalog,
    what: Hashable,
    draw: Callable[[], Made],
    segments_of: Callable[[Made], int],
) -> Made:
    """What ``draw`` gives for a run on a catalog, drawn once; ``what`` tells drawings apart.

    ``segments_of`` says how many segments it has. What is drawn must never be changed.
    """
    seen = repr([getattr(run, name) for name in _SEEN])
    return DRAWN.of(catalog, (what, seen), draw, segments_of)
