"""What the figures of a plan rest on, read from the catalog and the question a second time."""

from dataclasses import dataclass
from math import log2, sqrt
from statistics import mean, median

from catalog import Catalog, Gpu, Offer
from optimizer.market.run import Run
from optimizer.physics.mfu import Curve, Staircase
from optimizer.plan.plan import Plan

# Providers that publish how little their own buildings add to the power of their servers.
HYPERSCALERS = ("aws", "azure", "gcp", "oracle")
# Hours of each.
A_MONTH, A_YEAR = 730, 8760


@dataclass(frozen=True, slots=True)
class Case:
    """A plan with all that it is judged by."""

    plan: Plan
    offer: Offer
    gpu: Gpu
    run: Run
    catalog: Catalog
    curve: Curve | Staircase

    def known(self, name: str) -> float:
        """A planning default of the catalog."""
        return self.catalog.defaults[name].value

    @property
    def exact(self) -> bool:
        """Whether hours are no lines between breakpoints, which formulas leave a little."""
        return isinstance(self.curve, Staircase)

    @property
    def running(self) -> float:
        """GPUs that are not idle: the largest size of a staircase within the fleet."""
        if not isinstance(self.curve, Staircase):
            return self.plan.gpus
        return max((n for n in self.curve.gpus if n <= self.plan.gpus), default=0.0)

    @property
    def elapsed(self) -> float:
        """Hours of one run on the calendar, without the wait for it, as the plan has them."""
        return self.plan.days * 24 - self.offer.lead_time_hours

    @property
    def committed(self) -> float:
        """Hours that every rented GPU is billed at least."""
        if self.offer.block_days:
            return (self.plan.block_days or 0) * 24
        return self.offer.commitment_hours


@dataclass(frozen=True, slots=True)
class Interruptions:
    """What they make of an hour of training: productive of rented hours, and calendar hours.

    ``every`` is the hours between checkpoints, None where nothing is modeled.
    """

    goodput: float
    per_hour: float
    every: float | None
    calendar: float


def peak_tflops(gpu: Gpu, precision: str) -> float | None:
    """The dense peak of the part; formats with a scale a block only where the part has them."""
    peaks = {
        "fp16": gpu.peak_fp16_tflops,
        "bf16": gpu.peak_bf16_tflops,
        "fp8": gpu.peak_fp8_tflops,
        "mxfp8": gpu.peak_fp8_tflops,
        "mxfp4": gpu.peak_fp4_tflops,
        "nvfp4": gpu.peak_fp4_tflops,
    }
    in_blocks = precision in ("mxfp8", "mxfp4", "nvfp4")
    return None if in_blocks and precision not in gpu.block_formats else peaks.get(precision)


def rated_kw(case: Case) -> float:
    """kW a GPU by the server's rating; by that of others where its own is not published."""
    gpu = case.gpu
    if gpu.server_w_per_gpu is not None:
        return gpu.server_w_per_gpu / 1000
    pairs = [(g.server_w_per_gpu, g.power_w) for g in case.catalog.gpus.values()]
    known = [(server, power) for server, power in pairs if server and power]
    if gpu.power_w is not None:
        return gpu.power_w * median(server / power for server, power in known) / 1000
    return median(server for server, _ in known) / 1000


def draw_kw(case: Case) -> float:
    """kW that a GPU in training draws, with its share of server and cooling."""
    building = "hyperscaler" if case.offer.provider in HYPERSCALERS else "colocation"
    return rated_kw(case) * case.known("power_draw_share") * case.known(f"pue_{building}")


def co2_kg_a_mwh(case: Case) -> float:
    """Of the grids of the offer's own regions, on average; of the USA where none is known."""
    regions = [case.catalog.regions.get(name) for name in case.offer.region.split()]
    own = [r.g_co2_per_kwh for r in regions if r and r.provider == case.offer.provider]
    known = [grams for grams in own if grams is not None]
    return mean(known) if known else case.known("grid_g_co2_per_kwh")


def own_rates(case: Case) -> dict[str, float]:
    """USD an hour of a GPU of one's own, by line: the server is sold at the end of its life."""
    server, years = case.offer.purchase_usd_per_gpu or 0.0, case.known("depreciation_years")
    sold_for = server / 10 ** (case.known("server_value_decay_per_year") * years)
    capital = server / (1 - case.known("network_share"))
    return {
        "depreciation": (server - sold_for) / years / A_YEAR,
        "network": (capital - server) / years / A_YEAR,
        "energy": draw_kw(case) * case.known("electricity_usd_per_kwh"),
        "colocation": rated_kw(case) * case.known("colocation_usd_per_kw_month") / A_MONTH,
    }


def rates(case: Case) -> dict[str, float]:
    """USD of an hour of a GPU that is used, by line of the bill."""
    if case.offer.pricing == "owned":
        return own_rates(case)
    return {"compute used": case.offer.usd_per_gpu_hour}


def checkpoint_gb(case: Case) -> float:
    """GB of weights and optimizer state."""
    return case.known("checkpoint_bytes_per_parameter") * case.run.shape.parameters / 1e9


def interruptions(case: Case) -> Interruptions:
    """By failures of GPUs, and by spot capacity that is taken back, on the nodes that run."""
    nodes, spot = case.running / case.offer.gpus_per_node, case.offer.pricing == "spot"
    doublings = log2(max(nodes, 1.0))
    failing, taking, calendar = _failures(case) * case.running, 0.0, 1.0
    if spot:
        growth = 1 + case.known("spot_growth_per_doubling") * doublings
        taking = case.known("spot_interruptions_per_node_day") / 24 * growth
        one, eight = (case.known(f"spot_availability_{n}") for n in ("one_node", "eight_nodes"))
        there = one + (eight - one) * min(doublings / 3, 1.0)
        calendar = (1 + case.known("spot_slack")) / there
    given = case.run.goodput
    if given is not None and not taking:
        return Interruptions(given, 0.0, None, calendar)
    every = _interval(case, failing + taking, nodes)
    if given is not None:
        goodput = 1 / (1 / given - 1 + _hours(case, taking, nodes))
    else:
        # A whole run's MFU has usual failures in it: they count as far as they take more.
        with_failures = _hours(case, failing, nodes)
        more = max(case.run.run_factor * with_failures, 1.0)
        goodput = with_failures / (_hours(case, failing + taking, nodes) * more)
    return Interruptions(goodput, failing + taking, every, calendar)


def _failures(case: Case) -> float:
    """Failures a GPU-hour: the question's, else the architecture's; none beside a goodput."""
    if case.run.goodput is not None:
        return 0.0
    asked, rows = case.run.failures, case.catalog.failures
    row = rows.get(case.gpu.architecture, rows["any"])
    return (row.interruptions_per_1000_gpu_days if asked is None else asked) / 1000 / 24


def _hours(case: Case, rate: float, nodes: float) -> float:
    """Rented hours for one of training: stalls of checkpoints, and what interruptions lose."""
    every = _interval(case, rate, nodes)
    lost = every / 2 + _write_hours(case, nodes) + case.known("restart_minutes") / 60
    return 1 + case.known("checkpoint_stall_s") / 3600 / every + rate * lost


def _interval(case: Case, rate: float, nodes: float) -> float:
    """Hours between checkpoints that lose least (Young 1974), within what is sensible."""
    least = max(case.known("checkpoint_interval_least_s") / 3600, _write_hours(case, nodes))
    most = max(case.known("checkpoint_interval_most_s") / 3600, least)
    if not rate:
        return most
    return min(max(sqrt(2 * case.known("checkpoint_stall_s") / 3600 / rate), least), most)


def _write_hours(case: Case, nodes: float) -> float:
    """Hours to write one checkpoint, each node at its rate up to that of the storage."""
    rate = min(
        case.known("checkpoint_gb_per_s_per_node") * nodes, case.known("checkpoint_gb_per_s_most")
    )
    return checkpoint_gb(case) / rate / 3600
