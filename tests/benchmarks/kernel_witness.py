"""A second witness for the step model: measured kernels of nine parts beside its own figures.

    python -m benchmarks.kernel_witness            # the summary in optimizer/step/witness.csv
    python -m benchmarks.kernel_witness FOLDER     # the package's own tables, summed up anew
    python -m benchmarks.kernel_witness FOLDER --write    # and stored as that summary

FOLDER is where the wheel of aiconfigurator-core 0.12.0 was unpacked. The model's efficiencies are
those of whole layers, forward and backward, inside real steps with all that launches and waits
there; kernels are timed alone. So the model's absolute figures have to be lower, and only what
one part reaches beside another can be compared: the last column is the ratio of the ratios,
(model / measured) on the part over (model / measured) on H100 SXM.
"""

import csv
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields, replace
from functools import cache
from pathlib import Path
from statistics import median
from typing import cast

import numpy as np

import optimizer.step
from benchmarks.kernel_tables import COLLECTIVES, LAYERS, TOKENS, Fact, facts_of, shape_class
from catalog import Precision
from catalog.load import load_gpus
from optimizer.step import setting_of
from optimizer.step.exchange import group_rate, scale_up_rate
from optimizer.step.layouts import Layouts
from optimizer.step.seconds import multiply_seconds
from problems import shape_of

WITNESS = Path(optimizer.step.__file__).with_name("witness.csv")
COLUMNS = tuple(field.name for field in fields(Fact))
REFERENCE = "h100_sxm"
# Any dense model: its matrices' size cancels, its width is set from outside.
MODEL = "llama-3.1-8b"
NODE = 8
HEAD = f"{'part':13} {'kind':14} prec. {'case':8} n measured  model ratio on H100 who is wrong"
HELP = """No tables in {folder}. They come with a wheel, which need not be installed:
  pip download aiconfigurator-core==0.12.0 --no-deps
  python -m zipfile -e aiconfigurator_core-0.12.0-*.whl FOLDER
  python -m benchmarks.kernel_witness FOLDER"""
NEEDS_PYARROW = "The tables are Parquet files: pip install pyarrow"
CARDS = "open: steps of cards on PCIe, by one hand, not the kernels"
PCIE = "neither: H100's links are the yardstick, and the model favors those a little"
SERVER = "tables: that server's PCIe, 19.6 GB/s for two ranks and 1.2 for eight"
NVLS = "neither: sums in the switch (NVLS) fill H100's link to 90 %, at this size only"
CASTS = "open: engines cast the whole input on every rank, unfused"
# Where model and kernels differ by more than a tenth: who is wrong, by the start of a fact's name.
NARROW = "one half-width for all parts: narrow multiplications of L40S keep up to 17 % more"
KNOWN = {
    "rtx_pro_6000 gemm": CARDS,
    "l40s gemm fp8": CARDS,
    "l40s gemm bf16 narrow": NARROW,
    "gb200_nvl72 gemm fp8 narrow": CASTS,
    "b200_sxm gemm fp8 narrow": CASTS,
    "b300_sxm gemm fp8 narrow": CASTS,
    "gb300_nvl72 gemm fp8 narrow": CASTS,
    **{f"rtx_pro_6000 {kind}": PCIE for kind in COLLECTIVES},
    **{f"l40s {kind}": SERVER for kind in COLLECTIVES},
    **{
        f"{part} all_reduce bf16 128 MiB 8": NVLS
        for part in ("a100_sxm_80", "b200_sxm", "b300_sxm")
    },
}


@dataclass(frozen=True, slots=True)
class Line:
    """A measured fact, the model's figure for it, and the ratio of ratios on H100 SXM."""

    fact: Fact
    model: float
    beside_h100: float

    @property
    def known(self) -> str:
        """Why the two differ, where that is known."""
        name = name_of(self.fact)
        return next((why for start, why in KNOWN.items() if name.startswith(start)), "")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; 2 where there is nothing to read."""
    asked = ArgumentParser(prog="python -m benchmarks.kernel_witness")
    asked.add_argument("folder", nargs="?", type=Path, help="where the wheel was unpacked")
    asked.add_argument("--write", action="store_true", help="store the summary")
    given = asked.parse_args(arguments)
    try:
        facts = facts_of(given.folder, load_gpus()) if given.folder else read_facts()
    except FileNotFoundError:
        print(HELP.format(folder=given.folder), file=sys.stderr)
        return 2
    except ImportError:
        print(NEEDS_PYARROW, file=sys.stderr)
        return 2
    if given.write:
        write_facts(facts)
    print(HEAD)
    for line in compare(facts):
        print(say(line))
    return 0


def name_of(fact: Fact) -> str:
    """What a fact is of: the starts of such names are the keys of ``KNOWN``."""
    return f"{fact.part} {fact.kind} {fact.precision} {fact.case} {fact.ranks}"


def compare(facts: Sequence[Fact]) -> list[Line]:
    """The model beside each fact; H100 SXM has to be among them."""
    ratios = {_case(fact): model_of(fact) / fact.measured for fact in facts if _is_h100(fact)}
    return [_line(fact, ratios[_case(fact)]) for fact in facts]


def _line(fact: Fact, on_h100: float) -> Line:
    model = model_of(fact)
    return Line(fact, model, model / fact.measured / on_h100)


def _is_h100(fact: Fact) -> bool:
    return fact.part == REFERENCE


def _case(fact: Fact) -> tuple[str, str, str, int]:
    return fact.precision, fact.kind, fact.case, fact.ranks


def model_of(fact: Fact) -> float:
    """The model's figure in the fact's own unit."""
    if fact.kind == "gemm":
        return model_share(fact.part, cast(Precision, fact.precision), fact.case)
    return model_rate(fact.part, fact.kind, fact.ranks)


@cache
def model_share(part: str, precision: Precision, case: str) -> float:
    """Median share of the dense peak over the layers and tokens of a shape class."""
    gpu = load_gpus()[part]
    setting = setting_of(shape_of(MODEL), gpu, precision, gpus_per_node=NODE)
    shares: list[float] = []
    for hidden, tensor in LAYERS:
        if shape_class(hidden, tensor) == case:
            work = replace(setting.work, hidden=np.asarray(float(hidden)))
            for tokens in TOKENS:
                work = replace(work, seq_len=np.asarray(float(tokens)))
                seconds = multiply_seconds(work, setting.machine, split(tensor), setting.fit)
                flop = 2 * work.layer_params * tokens / tensor
                shares.append(float(np.squeeze(flop / seconds / setting.machine.peak_flops)))
    return median(shares)


def model_rate(part: str, kind: str, ranks: int) -> float:
    """GB/s on the bus inside a node: of the gradient exchange, or of tensor parallelism."""
    setting = setting_of(shape_of(MODEL), load_gpus()[part], "bf16", gpus_per_node=NODE)
    group = np.asarray(float(ranks))
    if kind == "all_gather":
        rate = group_rate(setting.machine, group, np.asarray(1.0)) * setting.fit.network_share
    else:
        rate = scale_up_rate(setting.machine, group) * setting.fit.tensor_share
    return float(rate) / 1e9


def split(tensor: int) -> Layouts:
    """A layer split over so many ranks, and nothing else."""
    ones = {name: np.ones(1) for name in Layouts.__slots__}
    return Layouts(**{**ones, "tensor": np.array([float(tensor)])})


def read_facts(path: Path = WITNESS) -> list[Fact]:
    """The summary as it is stored."""
    with path.open(encoding="utf-8", newline="") as file:
        return [_fact(row) for row in csv.DictReader(file)]


def _fact(row: dict[str, str]) -> Fact:
    return Fact(
        part=row["part"],
        precision=row["precision"],
        kind=row["kind"],
        case=row["case"],
        ranks=int(row["ranks"]),
        measured=float(row["measured"]),
        source=row["source"],
    )


def write_facts(facts: Sequence[Fact], path: Path = WITNESS) -> None:
    """Store the summary: what the tests read."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(astuple(fact) for fact in facts)


def say(line: Line) -> str:
    """One line of the table."""
    fact = line.fact
    unit = "{:6.1%}" if fact.kind == "gemm" else "{:6.1f}"
    figures = f"{unit.format(fact.measured):>8} {unit.format(line.model):>6}"
    head = f"{fact.part:13} {fact.kind:14} {fact.precision:5} {fact.case:8} {fact.ranks}"
    ratio = line.model / fact.measured
    return f"{head} {figures} {ratio:5.2f} {line.beside_h100:7.2f} {line.known}".rstrip()


if __name__ == "__main__":
    sys.exit(main())
