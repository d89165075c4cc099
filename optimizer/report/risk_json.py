"""How sure an answer is, as the keys that `--json` documents."""

from dataclasses import asdict

from optimizer.report.json import Data
from optimizer.study.premium import Premium
from optimizer.study.risk import Risks


def with_risk(data: Data, risks: Risks, premium: Premium | None) -> Data:
    """The data of an answer with a plan, and "risk" in it and in each of its alternatives.

    "premium" is there where a confidence was asked for.
    """
    pairs = zip(data["alternatives"], risks.alternatives, strict=True)
    others = [{**other, "risk": asdict(risk)} for other, risk in pairs]
    more = {"risk": asdict(risks.plan)} | ({"premium": _premium(premium)} if premium else {})
    return {**data, "alternatives": others, **more}


def _premium(premium: Premium) -> Data:
    plain = premium.plain
    return {
        "confidence": premium.confidence,
        "cost_usd": premium.cost_usd,
        "days": premium.days,
        "plain": {key: getattr(plain, key) for key in ("offer", "gpus", "days", "cost_usd")},
    }
