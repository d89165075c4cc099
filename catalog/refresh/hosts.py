"""Google's hosts and GPUs, which SkyPilot's list has in rows of their own, put together.

Only where the machine is known: a fixed number of GPUs on one host, both in one zone.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from catalog.inert import terminal_safe
from catalog.refresh.cells import plain
from catalog.refresh.listing import BESIDE_THE_HOST, HOST_ONLY, Found, Listing, Unpriced
from catalog.refresh.machines import Machine, table
from catalog.refresh.prices import GCP_SPOT_ABOVE

TWICE = "GPUs of one zone listed twice: the first row counts"
# A3 High and A3 Mega hold the same GPU; the list tells them apart in its name.
_MEGA = "mega"


@dataclass(frozen=True, slots=True)
class Part:
    """A host without its GPUs (no ``gpu``) or the GPUs without their host; USD an hour."""

    where: str
    instance: str
    accelerator: str
    gpu: str
    gpus: int
    region: str
    zone: str
    usd: float | None
    spot_usd: float | None

    def __str__(self) -> str:
        """Where it stands and what it is, for a report."""
        said = self.instance or self.accelerator
        return terminal_safe(f"{self.where}: {said} in {self.region or 'no region'}")


def joined(hosts: Iterable[Part], parts: Iterable[Part], found: Found) -> Iterator[Listing]:
    """A listing for each host whose GPUs are there too; what stays alone is counted."""
    by_place: dict[tuple[str, str, str, int, bool], Part] = {}
    for gpus in parts:
        mega = _MEGA in gpus.accelerator.lower()
        place = (gpus.region, gpus.zone, gpus.gpu, gpus.gpus, mega)
        if place in by_place:
            found.leave_out(TWICE, str(gpus), gpus.gpu)
        else:
            by_place[place] = gpus
    used: set[str] = set()
    for host in hosts:
        machine = table().get(("gcp", host.instance.lower()))
        part: Part | None = None
        if machine is not None:
            mega = machine.gpu == "h100_sxm" and _MEGA in host.instance.lower()
            part = by_place.get((host.region, host.zone, machine.gpu, machine.gpus, mega))
        if machine is None or part is None:
            found.leave_out(HOST_ONLY, str(host))
            continue
        used.add(part.where)
        yield _whole(host, part, machine, found)
    for gpus in by_place.values():
        if gpus.where not in used:
            found.leave_out(BESIDE_THE_HOST, str(gpus), gpus.gpu)
            found.unpriced.add(Unpriced(gpus.gpu, gpus.gpus, "", gpus.region))


def _whole(host: Part, part: Part, machine: Machine, found: Found) -> Listing:
    usd, spot = part.usd, part.spot_usd
    # A host's spot price is always low: in the sum a spot price that is none would not show.
    if usd is not None and spot is not None and spot >= usd:
        found.leave_out(GCP_SPOT_ABOVE, f"{part}: {usd:g}", part.gpu)
        found.unpriced.add(Unpriced(part.gpu, part.gpus, host.instance, part.region))
        usd = spot = None
    note = "host and GPUs added up"
    if machine.local_ssd_gib:
        note += "; the local SSD that comes with it may cost extra"
    return Listing(
        part.where,
        found.provider,
        machine.gpu,
        machine.gpus,
        plain(host.instance),
        host.region,
        _sum(host.usd, usd),
        _sum(host.spot_usd, spot),
        note=note,
    )


def _sum(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one + other
