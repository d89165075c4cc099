"""Another value of every field of a question, and a small market in which each of them matters."""

from dataclasses import replace

from small_catalog import make_catalog, make_gpu, make_offer

from catalog import Catalog
from problems import Question, make_question

# A question with a choice of three offers, most of it left open.
BASE: dict[str, object] = {
    "model": "7B",
    "tokens": "100B",
    "pricing": "on_demand, spot",
    "deadline": "60d",
}
# For each field another value than it has there.
CHANGED: dict[str, object] = {
    "name": "a title",
    "model": "8B",
    "active": "3B",
    "tokens": "200B",
    "precision": "fp16",
    "seq_len": "8k",
    "global_batch": 1_048_576,
    "runs": 3,
    "deadline": "10d",
    "max_gpus": 64,
    "budget": "4500",
    "power_cap": "80 kW",
    "confidence": 0.9,
    "quota": {"alpha": 64},
    "minimize": "time",
    "gpu": ["big"],
    "exclude_gpu": ["old"],
    "provider": ["alpha"],
    "exclude_provider": ["beta"],
    "pricing": ["on_demand"],
    "region": ["us-east"],
    "exclude_region": ["eu-north"],
    "fabric": ["infiniband"],
    "capacity": "published",
    "spot_nodes": 16,
    "mfu": 0.3,
    "tflops_per_gpu": 300,
    "tokens_per_second_per_gpu": 5000,
    "goodput": 0.8,
    "failures": 40,
    "stack": "tuned",
    "pilot": "pilots.csv",
    "storage_price": 0.5,
    "largest_cluster": {"fast": 128},
    "fleet": {"gpu": "big", "gpus": 64, "usd_per_gpu_hour": 2, "gpus_per_node": 16},
}


def fields_catalog() -> Catalog:
    """Two parts of two providers, one sold as spot too; their speeds are predicted."""
    offers = [
        make_offer(usd=2.5, lead=24.0),
        make_offer("alpha_big_spot", usd=1.5, pricing="spot"),
        make_offer(
            *("beta_old", "old"),
            usd=0.9,
            provider="beta",
            region="eu-north",
            fabric="roce",
            estimated_size=True,
        ),
    ]
    gpus = [make_gpu(), make_gpu("old", 400.0)]
    regions = {"us-east": ("US", "us"), "eu-north": ("SE", "eu")}
    return replace(make_catalog(offers, gpus, regions=regions), efficiency={})  # type: ignore[arg-type]


def changed(field: str) -> Question:
    """The base question with another value of one field."""
    value = CHANGED[field]
    given = {"model": BASE["model"], field: value} if field == "fleet" else {**BASE, field: value}
    return make_question("", **given)
