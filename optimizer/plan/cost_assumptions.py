"""What the bill takes for granted: interruptions, storage, owning, energy, each with its source."""

from collections.abc import Iterator

from catalog import Catalog, Offer
from optimizer import say
from optimizer.market.owning import resale_usd
from optimizer.market.run import Run
from optimizer.market.terms import stored_gb
from optimizer.plan.assumptions import Assumption, cite
from optimizer.plan.plan import Plan
from optimizer.program.enumerate import Fleet


def cost_assumptions(run: Run, plan: Plan, fleet: Fleet, catalog: Catalog) -> Iterator[Assumption]:
    """The planning defaults behind the bill of this plan."""
    offer = fleet.candidate.offer
    if run.goodput is None:
        yield _failures(run, plan, fleet, catalog)
    if fleet.candidate.reliability.spot is not None:
        yield spot_assumption(run, catalog)
    yield _storage(run, offer, catalog)
    if offer.pricing == "owned":
        yield _owning(offer, catalog)
    yield Assumption(
        "energy",
        plan.energy_basis,
        "for information; " + _sources(catalog, "power_draw_share", "grid_g_co2_per_kwh"),
    )


def _failures(run: Run, plan: Plan, fleet: Fleet, catalog: Catalog) -> Assumption:
    """The rate, and what each interruption costs."""
    asked, gpu = run.failures, fleet.candidate.hardware.gpu
    row = catalog.failure_rate(gpu.architecture)
    rate = row.interruptions_per_1000_gpu_days if asked is None else asked
    restart = f"{catalog.planning('restart_minutes'):g} minutes to restart"
    # Given with a speed of the user's own, all of them count.
    beyond = ", counted where they take more than the run factor holds"
    beyond = beyond if run.run_factor < 1 else ""
    value = (
        f"{rate:g} per 1,000 GPU-days ({gpu.architecture}), {plan.interruptions:.3g} in the run"
        f"{beyond}; a checkpoint every {plan.checkpoint_minutes or 0.0:.0f} minutes, {restart}"
    )
    if asked is not None:
        return Assumption("failures", value, "given")
    between = f"published: {row.low:g} to {row.high:g}; set --failures"
    return Assumption("failures", value, f"{cite((row.source,), catalog)}; {between}")


def spot_assumption(run: Run, catalog: Catalog) -> Assumption:
    """How often spot capacity is taken back, and the time kept for that."""
    known = catalog.defaults["spot_interruptions_per_node_day"]
    value = (
        f"{known.value:g} interruption a node-day ({known.low:g} to {known.high:g}), nodes of a "
        f"zone together; all of them there {catalog.planning('spot_availability_eight_nodes'):.0%} "
        f"to {catalog.planning('spot_availability_one_node'):.0%} of the time; "
        f"{catalog.planning('spot_slack'):.0%} slack; at most {run.spot_nodes} nodes"
    )
    return Assumption("spot", value, f"{known.note}; set --spot-nodes for larger fleets")


def _storage(run: Run, offer: Offer, catalog: Catalog) -> Assumption:
    size = say.digits(stored_gb(run, catalog) / 1000)
    kept = catalog.planning("checkpoints_kept")
    token = catalog.planning("bytes_per_token")
    parameter = catalog.planning("checkpoint_bytes_per_parameter")
    value = f"{size} TB: {token:g} bytes a token, {kept:g} checkpoints of {parameter:g} a parameter"
    if run.storage_price is not None:
        return Assumption("storage", value, "price given")
    row = catalog.storage_of(offer.provider)
    price = f"{row.usd_per_gb_month:g} USD a GB and month"
    return Assumption("storage", f"{value}; {price}", f"{row.note}; set --storage-price")


def _owning(offer: Offer, catalog: Catalog) -> Assumption:
    known = catalog.planning
    price, years = say.usd(offer.purchase_usd_per_gpu or 0.0), known("depreciation_years")
    left = resale_usd(1.0, years, catalog)
    value = (
        f"{price} a GPU on {offer.read_on}, over {years:g} years, the server then worth "
        f"{left:.0%} of it; network {known('network_share'):.0%} of the capital cost; "
        f"electricity {known('electricity_usd_per_kwh'):g} USD/kWh, PUE "
        f"{known('pue_colocation'):g}, colocation {known('colocation_usd_per_kw_month'):g} "
        "USD/kW and month"
    )
    keys = ("depreciation_years", "network_share", "colocation_usd_per_kw_month")
    return Assumption("owning", value, _sources(catalog, *keys))


def _sources(catalog: Catalog, *names: str) -> str:
    """The sources of these planning defaults, each once."""
    return cite(tuple(dict.fromkeys(catalog.defaults[n].source for n in names)), catalog)
