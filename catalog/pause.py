"""Making a hundred thousand records that all stay: nothing for the collector to find meanwhile."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Iterator[None]:
    """No cyclic garbage collection inside: it would walk over all records again and again.

    Whoever has it switched off keeps it so; threads share the switch, so one that ends first
    switches it on again for the others, which costs them time alone.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
