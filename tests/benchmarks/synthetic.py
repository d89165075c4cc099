"""Catalogs of any size, drawn with a fixed seed: many offers, six segments each."""

from dataclasses import replace
from random import Random

from catalog import Catalog, load_catalog

# Five breakpoints make six segments: one before the first, four between, one after the last.
SCALES = (8, 64, 256, 1024, 4096)
GPU_MODELS = 40
SEED = 20261125


def synthetic_catalog(offers: int) -> Catalog:
    """A catalog of that many offers over forty GPU models, prices and terms at random."""
    shipped, random = load_catalog(), Random(SEED)
    template = next(iter(shipped.gpus.values()))
    point = next(iter(shipped.efficiency.values()))[0]
    # An offer of several nodes: without a network between them no fleet has more than one.
    networked = next(offer for offer in shipped.offers if offer.fabric == "infiniband")
    gpus, efficiency = {}, {}
    for number in range(GPU_MODELS):
        name, peak = f"gpu{number}", random.uniform(100, 2500)
        gpus[name] = replace(
            template,
            gpu=name,
            name=name,
            family=name,
            memory_gb=random.choice([40.0, 80.0, 192.0]),
            peak_bf16_tflops=peak,
        )
        start = random.uniform(0.3, 0.55)
        curve = [start * (1 - 0.06 * step) for step in range(len(SCALES))]
        efficiency[(name, point.precision)] = tuple(
            replace(point, gpu=name, gpus=scale, mfu=mfu, basis="measured")
            for scale, mfu in zip(SCALES, curve, strict=True)
        )
    rows = []
    for number in range(offers):
        gpu = f"gpu{random.randrange(GPU_MODELS)}"
        fair = (gpus[gpu].peak_bf16_tflops or 0.0) / 400
        rows.append(
            replace(
                networked,
                offer=f"offer{number}",
                gpu=gpu,
                pricing=random.choice(["on_demand", "reserved"]),
                gpus_per_node=random.choice([4, 8]),
                min_gpus=1,
                max_gpus=random.choice([8, 128, 512, 4096, 16384]),
                usd_per_gpu_hour=fair * random.uniform(0.7, 3),
                commitment_hours=random.choice([0, 0, 168, 720, 8760]),
                upfront_usd_per_gpu=random.choice([0, 0, 50]),
                lead_time_hours=random.choice([0, 0, 168]),
            )
        )
    return replace(shipped, gpus=gpus, offers=tuple(rows), efficiency=efficiency)
