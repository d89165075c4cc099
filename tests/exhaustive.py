"""Every fleet counted one by one, from the formulas and with nothing of the optimizer's own.

Slow and plain on purpose: it is the judge of the program, the bounds and the suggestions.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import inf, log2, sqrt

from catalog import Catalog, Gpu, Offer
from optimizer.physics.run_factor import RUN_FACTOR
from optimizer.step.predict import fewest_gpus, predict, setting_of
from optimizer.step.setting import Setting
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
            gpus = nodes * offer.gpus_per_node
            if gpus >= max(offer.min_gpus, fewest) and _is_sold(offer, gpus):
                yield from _counted(question, catalog, offer, nodes)
            nodes += 1


def _is_sold(offer: Offer, gpus: int) -> bool:
    """Whether so many can be rented: TPUs come in slices, all else in any number of nodes."""
    if offer.gpu in ("tpu_v5e", "tpu_v6e"):
        return gpus.bit_count() == 1 and gpus <= 256
    if offer.gpu == "tpu_v5p":
        missing = (4288, 4544, 4672, 5056, 5312, 5696)
        return gpus in (4, 8, 16, 32) or (gpus % 64 == 0 and gpus not in missing)
    return True


def _counted(question: Question, catalog: Catalog, offer: Offer, nodes: int) -> Iterator[Counted]:
    """One number of nodes, under every choice of its duration."""
    shape = shape_of(question.model, question.active)
    parameters = shape.parameters
    tokens = question.tokens or 20 * shape.active_parameters
    gpu, gpus, runs = catalog.gpus[offer.gpu], nodes * offer.gpus_per_node, question.runs
    running, step = _step(question, catalog, offer, gpus)
    peak = (gpu.peak_bf16_tflops or 0.0) * 1e12
    mfu = RUN_FACTOR * step
    goodput, calendar = _losses(question, catalog, offer, running // offer.gpus_per_node)
    one = 6 * shape.active_parameters * tokens / (peak * mfu * goodput) / 3600 / running
    hours, elapsed = one * gpus, calendar * one
    kw = gpus * _kw(gpu, catalog)
    stored = _stored_usd(question, catalog, offer, parameters, tokens) * runs * elapsed
    price = _own_price(offer, gpu, catalog) if offer.pricing == "owned" else offer.usd_per_gpu_hour
    terms = [(24.0 * days, 24.0 * days) for days in offer.block_days]
    checkpoint = catalog.defaults["checkpoint_bytes_per_parameter"].value * parameters / 1e9
    once = offer.setup_usd + offer.egress_usd + runs * checkpoint * offer.egress_usd_per_gb
    for least, longest in terms or [(offer.commitment_hours, offer.longest_hours or inf)]:
        spent = max(max(runs * hours, least * gpus) * price, offer.minimum_usd)
        spent *= 1 + offer.support_share
        cost = spent + offer.upfront_usd_per_gpu * gpus + stored + once
        in_time = runs * elapsed <= longest * (1 + CLOSE)
        wall = offer.lead_time_hours + elapsed
        yield Counted(offer.offer, gpus, wall, in_time, cost, kw)


def _step(question: Question, catalog: Catalog, offer: Offer, gpus: int) -> tuple[int, float]:
    """GPUs that run, and the MFU of a step on them: measured, or the largest launchable size's."""
    points = catalog.efficiency.get((offer.gpu, "bf16"), ())
    if points and all(point.basis == "measured" for point in points):
        return gpus, _mfu([(p.gpus, p.mfu) for p in points], gpus)
    found = predict(_setting(question, offer, catalog), catalog.gpus[offer.gpu], gpus)
    return found.layout.gpus, found.mfu * gpus / found.layout.gpus


def _losses(question: Question, catalog: Catalog, offer: Offer, nodes: int) -> tuple[float, float]:
    """Goodput, and hours on the calendar for an hour that is billed."""
    know = {name: default.value for name, default in catalog.defaults.items()}
    spot = offer.pricing == "spot"
    failing, taken, extra = 0.0, 0.0, 0.0
    if question.goodput is None:
        row = catalog.failure_rate(
            catalog.gpus[offer.gpu].architecture
        ).interruptions_per_1000_gpu_days
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
    parameters = shape_of(question.model, question.active).parameters
    state = know["checkpoint_bytes_per_parameter"] * parameters / 1e9
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


def _stored_usd(
    question: Question, catalog: Catalog, offer: Offer, parameters: float, tokens: float
) -> float:
    """USD an hour for the tokens and the checkpoints that are kept."""
    know = {name: default.value for name, default in catalog.defaults.items()}
    price = question.storage_price
    if price is None:
        price = catalog.storage_of(offer.provider).usd_per_gb_month
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
    most = MOST_LOOKED_AT // offer.gpus_per_node * offer.gpus_per_node
    return fewest_gpus(_setting(question, offer, catalog), most) or MOST_LOOKED_AT


def _setting(question: Question, offer: Offer, catalog: Catalog) -> Setting:
    """The step on the offer's hardware."""
    return setting_of(
        shape_of(question.model, question.active),
        catalog.gpus[offer.gpu],
        "bf16",
        gpus_per_node=offer.gpus_per_node,
        nic_gbps_per_gpu=_nic(offer),
        seq_len=question.seq_len,
    )


def _nic(offer: Offer) -> float | None:
    """25 Gb/s a node on Ethernet of no stated speed."""
    slow = offer.fabric == "ethernet" and offer.nic_gbps_per_gpu is None
    return 25 / offer.gpus_per_node if slow else offer.nic_gbps_per_gpu


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
