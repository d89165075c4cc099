"""Whether a price can be true: judged against every reading of its part over the months.

The readings are those of price_readings.csv, never the list that is judged: a list of wrong prices
would confirm itself. A price below half of the lowest reading, or above twice the highest, is in
doubt. Judged by the readings of all other sources, one row of the table in a hundred lies outside
these bounds, and more than one in twenty outside the range itself: the bounds let through what a
new source may bring, and hold back what no market has asked. A test counts both again.

A part with few readings is judged beside those of its family as well, then of its architecture
and then of all parts, at the same price per dense 16-bit TFLOP/s; a part without such a peak by the
range of all prices.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from statistics import median

from catalog.rows import Gpu, Offer, PriceReading, ReadingKind
from catalog.units import HOURS_PER_MONTH, HOURS_PER_YEAR

# Where it comes from is said above.
MARGIN = 2
# Fewer prices say little of what else may be asked.
FEWEST_READINGS = 5
# p5.48xlarge and p6-b200.48xlarge have 192 of them beside 8 GPUs.
VCPUS_PER_GPU = 24
CORES_PER_TPU_CHIP = {"tpu_v4": 2, "tpu_v5p": 2}
# Machines are sold with so many GPUs, whatever the row says.
MACHINES = (8, 4)

Key = tuple[str, ReadingKind]


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a GPU-hour of one part may cost, USD, and the readings behind it.

    ``least`` and ``most`` are the limits, ``lowest`` to ``highest`` the readings themselves, from
    month ``first`` to ``last``; ``usual`` is their median. ``of`` says whose they are.
    """

    least: float
    most: float
    lowest: float
    highest: float
    usual: float
    first: str
    last: str
    of: str


@dataclass(frozen=True, slots=True)
class Doubt:
    """A price that cannot be true: the price as written, USD per GPU-hour, and why.

    ``probable_usd`` is what a GPU-hour would cost if the price were that of ``unit``; None and
    empty where no unit fits.
    """

    usd_per_gpu_hour: float
    reason: str
    unit: str = ""
    probable_usd: float | None = None

    def __str__(self) -> str:
        """The price, the reason and the unit that would explain it."""
        said = f"{_usd(self.usd_per_gpu_hour)} USD a GPU-hour, {self.reason}"
        if self.probable_usd is None:
            return said
        return f"{said}; {_usd(self.probable_usd)} a GPU if it is {self.unit}"


def price_bounds(gpus: Mapping[str, Gpu], readings: Iterable[PriceReading]) -> dict[Key, Bounds]:
    """Bounds by GPU model and kind of price; none at all where nothing was ever read."""
    by_kind: dict[ReadingKind, list[PriceReading]] = defaultdict(list)
    for reading in readings:
        if reading.gpu in gpus:
            by_kind[reading.kind].append(reading)
    kinds: tuple[ReadingKind, ...] = ("rent", "spot")
    return {
        (gpu.gpu, kind): _bounds(gpu, gpus, by_kind[kind], by_kind["rent"])
        for gpu in gpus.values()
        for kind in kinds
        if by_kind[kind]
    }


def judge(
    bounds: Mapping[Key, Bounds],
    gpu: str,
    kind: ReadingKind,
    usd_per_gpu_hour: float,
    gpus_per_node: int = 1,
) -> Doubt | None:
    """What is to be doubted of a price, USD per GPU-hour; None where nothing is.

    ``gpus_per_node`` tells the price of a node from that of a GPU.
    """
    known = bounds.get((gpu, kind))
    if known is None or known.least <= usd_per_gpu_hour <= known.most:
        return None
    side = "below" if usd_per_gpu_hour < known.least else "above"
    span = f"{_usd(known.lowest)} to {_usd(known.highest)}, {known.first} to {known.last}"
    reason = f"far {side} every reading of {known.of} ({span})"
    unit, probable = _probable(known, gpu, usd_per_gpu_hour, gpus_per_node)
    return Doubt(usd_per_gpu_hour, reason, unit, probable)


def doubts(offers: Iterable[Offer], bounds: Mapping[Key, Bounds]) -> dict[str, Doubt]:
    """The offers whose price cannot be true, by name; what is bought has no price an hour."""
    found = {}
    for offer in offers:
        if offer.pricing == "owned":
            continue
        kind = kind_of(offer)
        doubt = judge(bounds, offer.gpu, kind, all_in_usd(offer), offer.gpus_per_node)
        if doubt is not None:
            found[offer.offer] = doubt
    return found


def kind_of(offer: Offer) -> ReadingKind:
    """Spot prices are a market of their own."""
    return "spot" if offer.pricing == "spot" else "rent"


def all_in_usd(offer: Offer) -> float:
    """USD per GPU-hour with what is paid at the start, over the hours that are committed to."""
    if not offer.upfront_usd_per_gpu or not offer.commitment_hours:
        return offer.usd_per_gpu_hour
    return offer.usd_per_gpu_hour + offer.upfront_usd_per_gpu / offer.commitment_hours


def _bounds(
    gpu: Gpu,
    gpus: Mapping[str, Gpu],
    readings: list[PriceReading],
    rents: list[PriceReading],
) -> Bounds:
    """The bounds of one part, widened by parts like it until enough prices are behind them."""
    near, of = _near(gpu, gpus, readings)
    # Spot capacity costs at most what the part costs on demand, seldom as little.
    above = _near(gpu, gpus, rents)[0] if rents else near
    lowest = min(reading.lowest_usd_per_gpu_hour * scale for reading, scale in near)
    highest = max(reading.highest_usd_per_gpu_hour * scale for reading, scale in (*near, *above))
    months = [reading.month for reading, _ in near]
    return Bounds(
        least=lowest / MARGIN,
        most=highest * MARGIN,
        lowest=lowest,
        highest=highest,
        usual=median(_prices(near)),
        first=min(months),
        last=max(months),
        of=of,
    )


Scaled = list[tuple[PriceReading, float]]


def _near(gpu: Gpu, gpus: Mapping[str, Gpu], readings: list[PriceReading]) -> tuple[Scaled, str]:
    """Readings to judge a part by, each with what its price is multiplied by, and whose they are.

    Those of the part itself; where they are few those of its family too, then of its architecture
    and then of all parts.
    """
    own: Scaled = [(reading, 1.0) for reading in readings if reading.gpu == gpu.gpu]
    if _count(own) >= FEWEST_READINGS:
        return own, gpu.name
    family = {one.gpu for one in gpus.values() if one.family == gpu.family}
    kin = {one.gpu for one in gpus.values() if one.architecture == gpu.architecture}
    circles = ((family, gpu.family), (kin, gpu.architecture), (set(gpus), "all"))
    for names, whose in circles:
        near = own + _scaled(gpu, gpus, [one for one in readings if one.gpu in names])
        if _count(near) >= FEWEST_READINGS:
            return near, f"{gpu.name} and of {whose} parts per TFLOP/s"
    return [(reading, 1.0) for reading in readings], "any part"


def _scaled(gpu: Gpu, gpus: Mapping[str, Gpu], readings: list[PriceReading]) -> Scaled:
    """Prices of other parts at the same price per TFLOP/s; none where a peak is not known."""
    peak = _peak(gpu)
    if peak is None:
        return []
    peaks = {reading.gpu: _peak(gpus[reading.gpu]) for reading in readings}
    return [
        (reading, peak / other)
        for reading in readings
        if reading.gpu != gpu.gpu and (other := peaks[reading.gpu]) is not None
    ]


def _peak(gpu: Gpu) -> float | None:
    return gpu.peak_bf16_tflops or gpu.peak_fp16_tflops


def _count(near: Scaled) -> int:
    return sum(reading.readings for reading, _ in near)


def _prices(near: Scaled) -> Iterator[float]:
    for reading, scale in near:
        yield reading.lowest_usd_per_gpu_hour * scale
        yield reading.highest_usd_per_gpu_hour * scale


def _probable(known: Bounds, gpu: str, usd: float, gpus_per_node: int) -> tuple[str, float | None]:
    """The unit that would make the price a true one, and the price of a GPU-hour then, if any.

    A unit of the node that the row itself states comes first; of other units the one that gives
    the most usual price.
    """
    fitting = [
        (unit, usd * factor)
        for unit, factor in _units(gpu, gpus_per_node)
        if known.lowest <= usd * factor <= known.highest
    ]
    if not fitting:
        return "", None
    if "the node of" in fitting[0][0]:
        return fitting[0]
    return min(fitting, key=lambda one: max(one[1] / known.usual, known.usual / one[1]))


def _units(gpu: str, gpus_per_node: int) -> Iterator[tuple[str, float]]:
    """Units that prices are written in, each with the factor to USD per GPU-hour.

    Those of the row's own node come first.
    """
    if gpus_per_node > 1:
        yield f"the price of the node of {gpus_per_node}", 1 / gpus_per_node
        yield (
            f"that of the node of {gpus_per_node} for a month",
            1 / gpus_per_node / HOURS_PER_MONTH,
        )
        yield f"that of the node of {gpus_per_node} for a year", 1 / gpus_per_node / HOURS_PER_YEAR
    for number in MACHINES:
        if number != gpus_per_node:
            yield f"the price of a machine of {number}", 1 / number
    yield "in cents", 1 / 100
    yield "in thousandths of a USD", 1 / 1000
    yield "the price of a month", 1 / HOURS_PER_MONTH
    yield "the price of a year", 1 / HOURS_PER_YEAR
    if gpu in CORES_PER_TPU_CHIP:
        yield "the price of a core", CORES_PER_TPU_CHIP[gpu]
    else:
        yield f"the price of a vCPU, {VCPUS_PER_GPU} to a GPU", VCPUS_PER_GPU


def _usd(usd: float) -> str:
    """In cents, or with three digits where a small price has them."""
    return f"{usd:,.2f}" if usd >= 1 or round(usd, 2) == usd else f"{usd:.3g}"
