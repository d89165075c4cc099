"""Counts every supported architecture and every preset with the classes of ``transformers``.

    python -m venv counts && counts/bin/pip install transformers==5.24.0 torch
    cd tests && PYTHONPATH=.. ../counts/bin/python -m benchmarks.architecture_counts

Models are built on torch's meta device, which holds shapes and no weights; nothing is downloaded.
Writes problems/architectures.csv, which tests/questions/test_architectures.py compares with our
own counts.
Runs in an environment of its own: sixnd itself needs neither package.
"""

import csv
import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from problems.architectures import ARCHITECTURES
from problems.config_keys import Keys
from problems.parameters import count
from problems.presets import PRESETS_FILE, config_of_row

TABLE = PRESETS_FILE.with_name("architectures.csv")
COLUMNS = ("model", "config", "parameters", "active_parameters", "transformers", "counted_on")
# Kimi K2's own code is DeepSeek-V3's.
CLASS_OF = {"kimi_k2": "deepseek_v3"}
LAYERS = 6
# What the defaults of a class leave open, or what shows more of the architecture.
OVERRIDES: dict[str, dict[str, Any]] = {
    "bloom": {"n_layer": LAYERS, "hidden_size": 256, "n_head": 8},
    "gpt2": {"n_layer": LAYERS},
    "falcon": {"num_hidden_layers": LAYERS},
    "hunyuan_v1_dense": {"head_dim": 128},
    "hunyuan_v1_moe": {"head_dim": 128, "num_experts": 16, "moe_topk": 4},
    "nemotron": {"num_key_value_heads": 8},
    "deepseek_v2": {"num_experts_per_tok": 6, "first_k_dense_replace": 1},
    "dots1": {
        "n_routed_experts": 16,
        "n_shared_experts": 2,
        "num_experts_per_tok": 6,
        "first_k_dense_replace": 1,
    },
    "granitemoeshared": {"shared_intermediate_size": 1024},
    "granitemoehybrid": {"layer_types": ["mamba", "mamba", "attention"] * 2},
    "glm4_moe": {"head_dim": 128, "attention_bias": True, "use_qk_norm": True},
    "qwen2_moe": {"decoder_sparse_step": 2},
    "falcon_h1": {"mamba_rms_norm": True},
    "nemotron_h": {
        "layers_block_type": ["linear_attention", "moe", "full_attention", "mlp"] * 2,
        "moe_latent_size": 1024,
    },
}
# The keys of a row of presets.csv that classes know under another name.
RENAMED = {
    "num_experts": ("n_routed_experts", "num_local_experts", "moe_num_experts"),
    "num_experts_per_tok": ("moe_topk", "moe_k"),
    "n_shared_experts": ("num_shared_experts", "num_shared_expert", "moe_num_shared_experts"),
    "num_key_value_heads": ("num_kv_heads",),
    "intermediate_size": ("ffn_hidden_size", "n_inner"),
}


class Recorded(dict[str, Any]):
    """A configuration that knows which of its keys were asked for."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__(values)
        self.asked: set[str] = set()

    def get(self, key: str, default: Any = None) -> Any:
        """The value, its key noted."""
        self.asked.add(key)
        return super().get(key, default)


def main() -> None:
    """Write the table anew."""
    rows = [*_architectures(), *_presets()]
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(rows)
    print(f"{len(rows)} models counted: {TABLE}")


def _architectures() -> Iterator[list[str]]:
    """One model of each architecture, of few layers."""
    from transformers import CONFIG_MAPPING

    for kind in ARCHITECTURES:
        chosen = dict(OVERRIDES.get(kind, {}))
        if kind != "nemotron_h" and "n_layer" not in chosen:
            chosen["num_hidden_layers"] = LAYERS
        config = CONFIG_MAPPING[CLASS_OF.get(kind, kind)](**chosen)
        yield _row(kind, {**config.to_dict(), "model_type": kind}, config)


def _presets() -> Iterator[list[str]]:
    """Every preset at its full size; the row of its sizes is presets.csv itself."""
    from transformers import CONFIG_MAPPING

    with PRESETS_FILE.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            ours = config_of_row(row)
            kind = CLASS_OF.get(row["model_type"], row["model_type"])
            known = set(CONFIG_MAPPING[kind]().to_dict())
            config = CONFIG_MAPPING[kind](**_renamed(ours, known, kind))
            yield [row["preset"], "", *_counts(config)]


def _renamed(ours: Mapping[str, Any], known: set[str], kind: str) -> dict[str, Any]:
    """The keys of a preset as the class of its architecture spells them."""
    held = {key: value for key, value in ours.items() if key != "model_type"}
    for key, others in RENAMED.items():
        spelled = next((other for other in others if other in known), None)
        if key in held and spelled is not None and key not in known:
            held[spelled] = held.pop(key)
    if kind == "llama4_text":
        held["intermediate_size_mlp"] = held.pop("intermediate_size")
        held["intermediate_size"] = held.pop("moe_intermediate_size")
    if kind in ("qwen3_next", "qwen3_5_moe_text"):
        shared = held.pop("n_shared_experts") * held["moe_intermediate_size"]
        held["shared_expert_intermediate_size"] = shared
    if "hybrid_override_pattern" in held:
        words = {"M": "linear_attention", "*": "full_attention", "-": "mlp", "E": "moe"}
        held["layers_block_type"] = [words[c] for c in held.pop("hybrid_override_pattern")]
        held.pop("num_hidden_layers")
    if kind == "deepseek_v2":
        held.setdefault("q_lora_rank", None)
    return held


def _row(kind: str, values: Mapping[str, Any], config: Any) -> list[str]:
    recorded = Recorded(values)
    count(Keys(recorded), ARCHITECTURES[kind])
    asked = {"model_type", *recorded.asked}
    needed = {key: held for key, held in values.items() if key in asked and held is not None}
    return [kind, json.dumps(needed, separators=(",", ":")), *_counts(config)]


def _counts(config: Any) -> list[str]:
    """Parameters, active ones, by which version, on which day."""
    import torch
    import transformers

    with torch.device("meta"):
        model = transformers.AutoModelForCausalLM.from_config(config)
    total = sum(part.numel() for part in model.parameters())
    unused = sum(_unused(name, part, config) for name, part in model.named_parameters())
    counts = [str(total), str(total - unused)]
    return [*counts, str(transformers.__version__), date.today().isoformat()]


def _unused(name: str, part: Any, config: Any) -> int:
    """Parameters of routed experts that a token does not pass."""
    if ".experts." not in name or part.dim() < 2:
        return 0
    keys = ("num_experts_per_tok", "moe_topk", "moe_k")
    chosen = next(getattr(config, key) for key in keys if getattr(config, key, None))
    experts = int(part.shape[0])
    return int(part.numel()) * (experts - int(chosen)) // experts


if __name__ == "__main__":
    main()
