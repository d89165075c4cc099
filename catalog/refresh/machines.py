"""Machines that providers sell by name: which GPUs they hold, and at Google what else is billed.

Names come from the shipped offers and from machines.csv, which says where each was read.
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from catalog.rows import Offer
from catalog.vocabulary import squeezed

TABLE = Path(__file__).with_name("machines.csv")
NOT_KNOWN = "machine not in the table of GPU machines"


@dataclass(frozen=True, slots=True)
class Machine:
    """One machine; vCPUs, memory and the local SSD that comes with it are 0 where not needed."""

    instance: str
    gpu: str
    gpus: int
    vcpus: int = 0
    memory_gib: int = 0
    local_ssd_gib: int = 0


Machines = Mapping[tuple[str, str], Machine]


def known_machines(offers: Iterable[Offer]) -> dict[tuple[str, str], Machine]:
    """Machines by provider and name in lower case: those of the table, then those of offers."""
    named = {
        (offer.provider, offer.instance_type.lower()): Machine(
            offer.instance_type, offer.gpu, offer.gpus_per_node
        )
        for offer in offers
        if offer.instance_type
    }
    return named | table()


@lru_cache(maxsize=4096)
def plain_machine(name: str) -> str:
    """A machine's name as lists differ in it: Standard_ND96isr_H100_v5 is nd96isrh100v5."""
    return squeezed(name).removeprefix("standard")


@lru_cache(maxsize=1)
def table() -> dict[tuple[str, str], Machine]:
    """The rows of machines.csv by provider and name in lower case."""
    with TABLE.open(encoding="utf-8", newline="") as stream:
        return {
            (row["provider"], row["instance_type"].lower()): Machine(
                row["instance_type"],
                row["gpu"],
                int(row["gpus"]),
                *(int(row[name] or 0) for name in ("vcpus", "memory_gib", "local_ssd_gib")),
            )
            for row in csv.DictReader(stream)
        }
