"""One line of a price list, whatever the list: who sells which GPUs where, at which prices."""

from collections.abc import Container
from dataclasses import dataclass, field
from functools import lru_cache

from catalog.refresh.cells import slug
from catalog.refresh.names import CHIPS_PER_HOST, UNKNOWN, Known, Slice
from catalog.refresh.price import Price
from catalog.refresh.tally import Tally
from catalog.vocabulary import PROVIDER_ALIASES

# Third-party hosts, order books and auctions: what the catalog calls a marketplace.
MARKETPLACES = {"akash", "hyperbolic", "lium", "mithril", "primeintellect", "sfcompute"}
MARKETPLACES |= {"shadeform", "vast"}
BESIDE_THE_HOST = "GPU part only: the host is not in the price"
HOST_ONLY = "host part only"
NO_GPU = "no GPU"
SEVERAL_HOSTS = "TPU slice of several hosts: the slice of one host stands for it"


@dataclass(frozen=True, slots=True)
class Listing:
    """One instance in one region or zone; prices in USD an hour for all its GPUs.

    ``where`` is the file and line. None: not sold that way. ``read_on`` is the day of this line
    where it has one of its own, ``note`` what an offer of it says besides, and ``min_gpus`` the
    fewest that are sold together, 0 where that is the instance.
    """

    where: str
    provider: str
    gpu: str
    gpus: int
    instance: str
    region: str
    usd: float | None
    spot_usd: float | None
    marketplace: bool = False
    note: str = ""
    read_on: str = ""
    min_gpus: int = 0

    def __str__(self) -> str:
        """Where it stands and what it is, for a report."""
        return f"{self.where}: {self.instance} in {self.region or 'no region'}"


@dataclass(frozen=True, slots=True)
class Unpriced:
    """A machine in a region, empty if not stated, of which a list has no price to be trusted.

    ``pricing`` is how it would be sold, empty for any way.
    """

    gpu: str
    gpus: int
    instance: str
    region: str
    pricing: str = ""


@dataclass(slots=True)
class Found:
    """The usable lines of one provider's list, and what kept the others out.

    ``tally`` counts what is left out, ``notes`` what is taken with a remark. ``doubted`` are GPU
    models or families that the list has without a price to be trusted: what the catalog knows of
    them stays; of others only what it knows of the places in ``unpriced``. ``terms`` are prices
    that bind for a time, as they are to be entered. ``has_zones``: several lines of a machine in a
    region are those of its zones.
    """

    provider: str
    tally: Tally
    notes: Tally
    listings: list[Listing] = field(default_factory=list)
    rows: int = 0
    doubted: set[str] = field(default_factory=set)
    terms: list["Price"] = field(default_factory=list)
    has_zones: bool = True
    unpriced: set[Unpriced] = field(default_factory=set)

    def leave_out(self, reason: str, example: str, doubted: str = "") -> None:
        """Count a row that is not used; ``doubted`` is its GPU model or family."""
        self.tally.add(reason, example)
        if doubted:
            self.doubted.add(doubted)

    def doubt(self, one: "Listing | Price", pricing: str = "") -> None:
        """Note that the list has this machine there without a price to be trusted."""
        self.doubted.add(one.gpu)
        self.unpriced.add(Unpriced(one.gpu, one.gpus, one.instance, one.region, pricing))

    def unknown(self, known: Known, example: str) -> None:
        """Count a row whose GPU is not known."""
        self.leave_out(known.reason, example, known.family)

    def one_host(self, cut: Slice, gpus: Container[str], example: str) -> tuple[str, int] | None:
        """GPU model and chips of a TPU slice within one host; None, and counted, for others."""
        host = CHIPS_PER_HOST.get(cut.generation, 0)
        if cut.gpu not in gpus or not host or not cut.chips:
            self.leave_out(UNKNOWN, example)
            return None
        if cut.chips > host:
            self.leave_out(SEVERAL_HOSTS, example, cut.gpu)
            return None
        return cut.gpu, cut.chips


@lru_cache(maxsize=4096)
def provider_name(written: str) -> str:
    """The catalog's name of a provider, in a-z, 0-9 and _; empty where nothing is left."""
    name = slug(written)
    name = PROVIDER_ALIASES.get(name.replace("_", ""), name)
    return name if name[:1].isalpha() or not name else f"p_{name}"
