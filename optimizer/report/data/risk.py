"""How sure an answer is, as the keys that `--json` documents."""

from dataclasses import asdict

from optimizer.plan.plan import Plan
from optimizer.report.data.answer import Data
from optimizer.study.price_of_confidence import Premium
from optimizer.study.risk import Risks


def risk_data(risks: Risks, premium: Premium) -> Data:
    """The keys "risk" and "premium", for an answer with a plan."""
    return {"risk": asdict(risks.plan), "premium": _premium(premium)}


def alternatives_with_risk(data: Data, risks: Risks) -> Data:
    """The data of an answer with "risk" in each of its alternatives."""
    pairs = zip(data["alternatives"], risks.alternatives, strict=True)
    return {**data, "alternatives": [{**other, "risk": asdict(risk)} for other, risk in pairs]}


def _premium(premium: Premium) -> Data:
    return {
        "confidence": premium.confidence,
        "cost_usd": premium.cost_usd,
        "days": premium.days,
        "plain": _fleet(premium.plain),
        "sure": None if premium.sure is None else _fleet(premium.sure),
    }


def _fleet(plan: Plan) -> Data:
    return {key: getattr(plan, key) for key in ("offer", "gpus", "days", "cost_usd")}
