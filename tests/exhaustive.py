"""Every fleet counted one by one, from the formulas and with nothing of the optimizer's own.

Slow and plain on purpose: it is the judge of the program, the bounds and the suggestions.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import inf, log2, sqrt

from catalog import Catalog, Gpu, Offer
from optimizer.step.predict import fewest_gpus, setting_of
from optimizer.step.whole_run import RUN_FACTOR
from problems import Question, shape_of

CLOSE = 1e-9
MOST_LOOKED_AT = 65_536
DEFAULT_PRICING = ("on_demand", "reserved")


@dataclass(frozen=True)
class Counted:
    """One fleet: GPUs, hours from signature of one run, hours of all runs, USD, kW."""

    offer: str
    gpus: int
    wall_hours: float
    ends_in_time: bool
    cost_usd: float
    kw: float


def every_fleet(question: Question, catalog: Catalog) -> Iterator[Counted]:
    """All fleets that hold the model, of all offers asked for, whatever the other limits."""
    for offer in catalog.offers:
        if question.gpu and offer.gpu not in question.gpu:
            continue
        if offer.pricing not in (question.pricing or DEFAULT_PRICING):
            continue
        most, fewest = _most(offer, question), _fewest(question, offer, catalog)
        nodes = 1
        while nodes * offer.gpus_per_node <= most:
            if nodes * offer.gpus_per_node >= max(offer.min_gpus, fewest):
                yield from _counted(question, catalog, offer, nodes)
            nodes += 1


def _counted(question: Question, catalog: Catalog, offer: Offer, nodes: int) -> Iterator[Counted]:
    """One number of nodes, under every choice of its duration."""
    parameters = shape_of(question.model).parameters
    tokens = question.tokens or 20 * parameters
    gpu, gpus, runs = catalog.gpus[offer.gpu], nodes * offer.gpus_per_node, question.runs
    points = catalog.efficiency[(offer.gpu, "bf16")]
    peak = (gpu.peak_bf16_tflops or 0.0) * 1e12
    mfu = RUN_FACTOR * _mfu([(p.gpus, p.mfu) for p in points], gpus)
    goodput, calendar = _losses(question, catalog, offer, nodes)
    hours = 6 * parameters * tokens / (peak * mfu * goodput) / 3600
    elapsed = calendar * hours / gpus
    kw = gpus * _kw(gpu, catalog)
    stored = _stored_usd(question, catalog, parameters, tokens) * runs * elapsed
    price = _own_price(offer, gpu, catalog) if offer.pricing == "owned" else offer.usd_per_gpu_hour
    terms = [(24.0 * days, 24.0 * days) for days in offer.block_days]
    for least, longest in terms or [(offer.commitment_hours, offer.longest_hours or inf)]:
        billed = max(runs * hours, least * gpus)
        cost = billed * price + offer.upfront_usd_per_gpu * gpus + stored
        in_time = runs * elapsed <= longest * (1 + CLOSE)
        wall = offer.lead_time_hours + elapsed
        yield Counted(offer.offer, gpus, wall, in_time, cost, kw)


def _losses(question: Question, catalog: Catalog, offer: Offer, nodes: int) -> tuple[float, float]:
    """Goodput, and hours on the calendar for an hour that is billed."""
    know = {name: default.value for name, default in catalog.defaults.items()}
    spot = offer.pricing == "spot"
    failing, taken, extra = 0.0, 0.0, 0.0
    if question.goodput is None:
        row = catalog.failures["any"].interruptions_per_1000_gpu_days
        per_gpu_day = row if question.failures is None else question.failures
        failing = per_gpu_day / 1000 / 24 * nodes * offer.gpus_per_node
    else:
        extra = 1 / question.goodput - 1
    calendar = 1.0
    if spot:
        growth = 1 + know["spot_growth_per_doubling"] * log2(nodes)
        taken = know["spot_interruptions_per_node_day"] / 24 * growth
        one, eight = know["spot_availability_one_node"], know["spot_availability_eight_nodes"]
        available = one - (one - eight) * min(log2(nodes) / 3, 1)
        calendar = (1 + know["spot_slack"]) / available
    if failing + taken == 0 and question.goodput is not None:
        return question.goodput, calendar
    state = know["checkpoint_bytes_per_parameter"] * shape_of(question.model).parameters / 1e9
    speed = min(know["checkpoint_gb_per_s_per_node"] * nodes, know["checkpoint_gb_per_s_most"])
    write, stall = state / speed / 3600, know["checkpoint_stall_s"] / 3600
    least = max(know["checkpoint_interval_least_s"] / 3600, write)
    most = max(know["checkpoint_interval_most_s"] / 3600, least)

    def longer(rate: float) -> float:
        every = min(max(sqrt(2 * stall / rate), least), most) if rate else most
        lost = every / 2 + write + know["restart_minutes"] / 60
        return 1 + extra + stall / every + rate * lost

    if question.goodput is not None:
        return 1 / longer(taken), calendar
    # Failures count as far as they take more than what a whole run loses anyway.
    beyond = max(1.0, RUN_FACTOR * longer(failing))
    return longer(failing) / longer(failing + taken) / beyond, calendar


def _kw(gpu: Gpu, catalog: Catalog) -> float:
    """A provider that is no hyperscaler: the server's draw with the cooling of a colocation."""
    know = catalog.defaults
    return (
        (gpu.server_w_per_gpu or 0.0)
        / 1000
        * know["power_draw_share"].value
        * know["pue_colocation"].value
    )


def _own_price(offer: Offer, gpu: Gpu, catalog: Catalog) -> float:
    """What an hour of a GPU of one's own costs."""
    know = {name: default.value for name, default in catalog.defaults.items()}
    server, years = offer.purchase_usd_per_gpu or 0.0, know["depreciation_years"]
    network = server / (1 - know["network_share"]) - server
    sold_for = server * 10 ** (-know["server_value_decay_per_year"] * years)
    capital = (server + network - sold_for) / (years * 8760)
    rated = (gpu.server_w_per_gpu or 0.0) / 1000
    colocation = rated * know["colocation_usd_per_kw_month"] / 730
    return capital + _kw(gpu, catalog) * know["electricity_usd_per_kwh"] + colocation


def _stored_usd(question: Question, catalog: Catalog, parameters: float, tokens: float) -> float:
    """USD an hour for the tokens and the checkpoints that are kept."""
    know = {name: default.value for name, default in catalog.defaults.items()}
    price = question.storage_price
    if price is None:
        price = catalog.storage["any"].usd_per_gb_month
    checkpoint = know["checkpoint_bytes_per_parameter"] * parameters
    kept = know["checkpoints_kept"] * checkpoint + know["bytes_per_token"] * tokens
    return kept / 1e9 * price / 730


def _most(offer: Offer, question: Question) -> int:
    """GPUs to be had; a judgment of the catalog gives way to the question's own."""
    most = offer.max_gpus
    if offer.max_gpus_basis != "published":
        most = question.largest_cluster.get(offer.cluster_class, most)
    if offer.pricing == "spot":
        most = min(most, (question.spot_nodes or 8) * offer.gpus_per_node)
    return min(most, question.quota.get(offer.provider, most))


def _fewest(question: Question, offer: Offer, catalog: Catalog) -> int:
    """The memory model's own answer: it is tested elsewhere, and decides nothing here."""
    shape, gpu = shape_of(question.model), catalog.gpus[offer.gpu]
    setting = setting_of(
        shape,
        gpu,
        "bf16",
        gpus_per_node=offer.gpus_per_node,
        nic_gbps_per_gpu=offer.nic_gbps_per_gpu,
        seq_len=question.seq_len,
    )
    return fewest_gpus(setting, MOST_LOOKED_AT // offer.gpus_per_node) or MOST_LOOKED_AT


def _mfu(points: list[tuple[int, float]], gpus: int) -> float:
    if gpus <= points[0][0]:
        return points[0][1]
    for (n0, m0), (n1, m1) in pairwise(points):
        if gpus <= n1:
            share = (gpus - n0) / (n1 - n0)
            return 1 / (1 / m0 + share * (1 / m1 - 1 / m0))
    if len(points) == 1:
        return points[-1][1]
    (n0, m0), (n1, m1) = points[-2:]
    slope = max(0.0, (1 / m1 - 1 / m0) / (n1 - n0))
    return 1 / (1 / m1 + slope * (gpus - n1))


def allowed(fleets: list[Counted], question: Question) -> list[Counted]:
    """The fleets that keep the question's deadline, size, power and budget, and their terms."""
    deadline = question.deadline or 90 * 24.0
    return [
        fleet
        for fleet in fleets
        if fleet.ends_in_time
        and fleet.wall_hours <= deadline * (1 + CLOSE)
        and fleet.gpus <= (question.max_gpus or fleet.gpus)
        and fleet.kw <= (question.power_cap or fleet.kw) * (1 + CLOSE)
        and fleet.cost_usd <= (question.budget or fleet.cost_usd) * (1 + CLOSE)
    ]
