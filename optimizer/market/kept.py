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

Drawn = TypeVar("Drawn")
# Fields of a run that nothing drawn rests on.
_UNSEEN = ("question", "given", "name", "objective", "deadline_hours", "limits")
_SEEN = tuple(field.name for field in fields(Run) if field.name not in _UNSEEN)
# Segments kept in all, about 200 bytes each; the market of the shipped catalog has 25,000.
MOST_SEGMENTS = 400_000


class _Kept:
    """The latest drawings by key, for any number of threads; a key holds its catalog too."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._drawn: OrderedDict[Hashable, tuple[Catalog, Any, int]] = OrderedDict()

    def get(self, key: Hashable, catalog: Catalog) -> Any | None:
        """What was drawn under a key from this very catalog; None where it is not kept."""
        with self._lock:
            held = self._drawn.get(key)
            if held is None or held[0] is not catalog:
                return None
            self._drawn.move_to_end(key)
            return held[1]

    def put(self, key: Hashable, catalog: Catalog, drawn: Any, segments: int) -> None:
        """Keep a drawing; those that were used longest ago go, and one too large is not kept."""
        with self._lock:
            self._drawn[key] = (catalog, drawn, segments)
            self._drawn.move_to_end(key)
            while sum(held[2] for held in self._drawn.values()) > MOST_SEGMENTS:
                self._drawn.popitem(last=False)

    def forget(self) -> None:
        """Keep nothing of what was drawn so far."""
        with self._lock:
            self._drawn.clear()


_KEPT = _Kept()


def forget() -> None:
    """Draw everything anew from here on."""
    _KEPT.forget()


def kept(
    run: Run,
    catalog: Catalog,
    what: Hashable,
    draw: Callable[[], Drawn],
    segments_of: Callable[[Drawn], int],
) -> Drawn:
    """What ``draw`` gives for a run on a catalog, drawn once; ``what`` tells drawings apart.

    ``segments_of`` says how many segments it has. What is drawn must never be changed.
    """
    key = (what, id(catalog), repr([getattr(run, name) for name in _SEEN]))
    found: Drawn | None = _KEPT.get(key, catalog)
    if found is None:
        found = draw()
        _KEPT.put(key, catalog, found, segments_of(found))
    return found


class Lately:
    """What was made of an object lately, by a key: kept while it is among the last ``most``.

    The object is known by its identity and is held as long as what was made of it.
    """

    def __init__(self, most: int) -> None:
        self._lock, self._most = Lock(), most
        self._made: OrderedDict[tuple[int, Hashable], tuple[object, Any]] = OrderedDict()

    def of(self, known: object, key: Hashable, make: Callable[[], Drawn]) -> Drawn:
        """What ``make`` gives, made once; it must never be changed."""
        at = (id(known), key)
        with self._lock:
            held = self._made.get(at)
        if held is not None and held[0] is known:
            found: Drawn = held[1]
            return found
        made = make()
        with self._lock:
            self._made[at] = (known, made)
            self._made.move_to_end(at)
            while len(self._made) > self._most:
                self._made.popitem(last=False)
        return made
