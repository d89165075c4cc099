"""Training runs that really happened: what they trained, on what, and how fast."""

import re
from dataclasses import dataclass, replace
from pathlib import Path

from catalog.columns import REQUIRED, above_zero, not_negative, one_of, share, text, whole
from catalog.csv_file import checked_rows
from catalog.table import Table
from catalog.tables import LARGEST_CLUSTER
from catalog.vocabulary import Precision

SHIPPED_RUNS = Path(__file__).with_name("observed_runs.csv")
# Attention that is not plain: multi-head latent attention.
ATTENTIONS = ("mla",)

_PRECISIONS: dict[str, Precision] = {
    "bf16": "bf16",
    "fp16": "fp16",
    "fp16/bf16": "bf16",
    "fp16/bf16 autocast": "bf16",
    "fp8": "fp8",
    "mxfp8": "mxfp8",
    "nvfp4": "nvfp4",
    "mxfp4": "mxfp4",
}
_CARDS = re.compile(r"(\d+)x\s*[^,;]*?(\d+)\s*G(?:b/s|bps|\b)")
_NODE_RATE = re.compile(r"(\d+)\s*Gb(?:ps|/s)")
_ETHERNET = re.compile(r"\d+x Ethernet[^,]*,?")


_TEXTS = (
    *("kind", "model", "gpu", "network", "precision", "activation_recompute", "sharding"),
    *("stack", "series", "framework", "source"),
)
_LAYOUT = ("tp", "pp", "interleave", "dp", "cp", "ep", "micro_batch")
# Unit, least and most of a cell; blank where a source does not say.
_WHOLE = {
    "layers": ("layers", 1, 10_000),
    "hidden": ("values", 1, 1_000_000),
    "heads": ("heads", 1, 100_000),
    "kv_heads": ("heads", 1, 100_000),
    "ffn": ("values", 1, 10_000_000),
    "vocab": ("words", 1, 10_000_000),
    "seq_len": ("tokens", 1, 100_000_000),
    "gpus": ("GPUs", 1, LARGEST_CLUSTER),
    "gpus_per_node": ("GPUs", 1, 1024),
    **dict.fromkeys(_LAYOUT, ("ranks", 1, LARGEST_CLUSTER)),
    "experts": ("experts", 1, 100_000),
    "experts_per_token": ("experts", 1, 100_000),
    "shared_experts": ("experts", 0, 100_000),
    "expert_ffn": ("values", 1, 10_000_000),
    "expert_input": ("values", 1, 1_000_000),
    "shared_ffn": ("values", 0, 10_000_000),
    "dense_layers": ("layers", 0, 10_000),
    "attention_layers": ("layers", 0, 10_000),
    "window": ("tokens", 0, 100_000_000),
}
_ABOVE_ZERO = {
    "params_b": ("billion parameters", 1e6),
    "active_params_b": ("billion parameters", 1e6),
    "global_batch_seqs": ("sequences", 1e9),
    "global_batch_tokens": ("tokens", 1e12),
    "power_w": ("W", 100_000),
    "nic_gbps_per_gpu": ("Gb/s a GPU", 100_000),
    "tokens_per_sec_per_gpu": ("tokens/s", 1e9),
    "tok_s_gpu": ("tokens/s", 1e9),
    "total_tokens_b": ("billion tokens", 1e9),
    "gpu_hours": ("GPU-hours", 1e12),
    "days": ("days", 36_500),
}


@dataclass(frozen=True, slots=True)
class ObservedRun:
    """One published measurement; None where its source does not say.

    ``tokens_per_sec_per_gpu`` is as published or computed from the published FLOP/s less
    attention and recomputation, ``mfu_6n_bf16peak`` 6·N·tokens/s over the dense 16-bit peak.
    Of a mixture ``expert_ffn`` is one routed expert's width, ``expert_input`` what its experts see
    of a token where that is narrower than the model, ``shared_ffn`` that of all shared
    ones; ``attention_layers`` have full attention and the others see ``window`` tokens.
    """

    id: str
    kind: str
    model: str
    params_b: float | None
    active_params_b: float | None
    layers: int | None
    hidden: int | None
    heads: int | None
    kv_heads: int | None
    ffn: int | None
    vocab: int | None
    seq_len: int | None
    global_batch_seqs: float | None
    global_batch_tokens: float | None
    gpu: str
    gpus: int | None
    gpus_per_node: int | None
    power_w: float | None
    network: str
    nic_gbps_per_gpu: float | None
    precision: str
    tp: int | None
    pp: int | None
    interleave: int | None
    dp: int | None
    cp: int | None
    ep: int | None
    micro_batch: int | None
    activation_recompute: str
    sharding: str
    tokens_per_sec_per_gpu: float | None
    tok_s_gpu: float | None
    mfu_6n_bf16peak: float | None
    total_tokens_b: float | None
    gpu_hours: float | None
    experts: int | None
    experts_per_token: int | None
    shared_experts: int | None
    expert_ffn: int | None
    expert_input: int | None
    shared_ffn: int | None
    dense_layers: int | None
    attention: str
    attention_layers: int | None
    window: int | None
    stack: str
    series: str
    goodput: float | None
    days: float | None
    framework: str
    year: int
    source: str
    line: int = 0

    @property
    def number_format(self) -> Precision | None:
        """The precision of its multiplications; 16 bit where it is not stated, None if mixed."""
        return _PRECISIONS.get(self.precision or "bf16")

    @property
    def nic_gbps(self) -> float | None:
        """Gb/s of network a GPU, as stated or read from the words for its network."""
        if self.nic_gbps_per_gpu is not None:
            return self.nic_gbps_per_gpu
        words = _ETHERNET.sub("", self.network.partition("Compute:")[2] or self.network)
        cards, rate = _CARDS.search(words), _NODE_RATE.search(words)
        node = self.gpus_per_node or 8
        if cards:
            return int(cards[1]) * float(cards[2]) / node
        return float(rate[1]) / node if rate else None


def runs_table() -> Table:
    """observed_runs.csv, or any CSV with columns of these names: the rest are ignored."""
    columns = {
        **{name: text(blank="") for name in _TEXTS},
        **{name: whole(unit, low, most, blank=None) for name, (unit, low, most) in _WHOLE.items()},
        **{name: above_zero(unit, most, blank=None) for name, (unit, most) in _ABOVE_ZERO.items()},
        "id": text(),
        "mfu_6n_bf16peak": not_negative("share", 8, blank=None),
        "attention": replace(one_of(ATTENTIONS), blank=""),
        "goodput": share(blank=None),
        "year": whole("year", 2015, 2100, blank=2025),
    }
    optional = frozenset(name for name, held in columns.items() if held.blank is not REQUIRED)
    return Table("observed_runs.csv", columns, ObservedRun, ("id",), optional, open=True)


def load_runs(path: Path = SHIPPED_RUNS) -> tuple[ObservedRun, ...]:
    """The runs of a file, or a CatalogError that lists every mistake in it."""
    rows = checked_rows(path, runs_table())
    return tuple(ObservedRun(**row, line=line) for line, row in rows)
