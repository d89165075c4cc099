"""Six offers of four providers in five regions, and what is said of a choice among them."""

from typing import Any

from small_catalog import TODAY, make_catalog, make_gpu, make_offer

from catalog import Catalog
from catalog.vocabulary import Group
from optimizer import Answer, Plan, Reason, best_plan
from optimizer.explain.binding import Binding
from optimizer.report.wording.reasons import reason_words
from problems import make_question

REGIONS: dict[str, tuple[str, Group]] = {
    "us-east": ("US", "us"),
    "europe-west3": ("DE", "eu"),
    "europe-west6": ("CH", "europe"),
    "australia-southeast1": ("AU", "oceania"),
    "asia-east1": ("TW", "asia"),
}
# A flat curve, goodput 1 and free storage: 2,000 GPU-hours on big, 8,000 on old.
GPUS = [make_gpu(), make_gpu("old", 500.0)]
FLAT = {"big": ((8, 0.5),), "old": ((8, 0.25),)}
CATALOG = make_catalog(
    [
        make_offer("alpha_us", usd=2.0, most=64),
        make_offer("beta_de", usd=2.5, provider="beta", region="europe-west3", fabric="efa"),
        make_offer("beta_both", usd=3.0, provider="beta", region="us-east europe-west3"),
        make_offer("gamma_ch", usd=3.5, provider="gamma", region="europe-west6", fabric="tcpx"),
        make_offer(
            "gamma_au", usd=1.0, provider="gamma", region="australia-southeast1", fabric="ethernet"
        ),
        make_offer("delta_old", "old", usd=0.3, provider="delta", region="", fabric="none"),
    ],
    GPUS,
    FLAT,
    REGIONS,
)
RUN: dict[str, Any] = {
    "model": "1B",
    "tokens": "600B",
    "seq_len": 1024,
    "goodput": 1,
    "storage_price": 0,
}


def ask(catalog: Catalog = CATALOG, **fields: Any) -> Answer:
    """The answer about the 2,000 GPU-hour run."""
    return best_plan(make_question("", **{**RUN, **fields}), catalog, today=TODAY)


def best(catalog: Catalog = CATALOG, **fields: Any) -> Plan:
    """The plan, which exists."""
    plan = ask(catalog, **fields).plan
    assert plan is not None
    return plan


def binds(limit: str, catalog: Catalog = CATALOG, **fields: Any) -> Binding:
    """What is said of a limit that makes the plan worse."""
    found = [binding for binding in ask(catalog, **fields).binding if binding.limit == limit]
    assert len(found) == 1, limit
    return found[0]


def widened(limit: str, catalog: Catalog = CATALOG, **fields: Any) -> Reason:
    """What is said of a limit alone where nothing fits; fed back in, a suggestion works."""
    answer = ask(catalog, **fields)
    assert answer.status == "infeasible"
    (reason,) = [
        r for r in answer.reasons if r.limit == limit and "ruled out" not in reason_words(r)[0]
    ]
    if reason.fields:
        assert ask(catalog, **{**fields, **reason.fields}).plan is not None
    return reason
