"""What a reader of gpus.csv would doubt: peaks that a part of its generation cannot have."""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from catalog.load import Catalog
from catalog.refresh.finding import Finding
from catalog.rows import Gpu

# Generations without tensor cores for these formats, by what vendors call them.
WITHOUT_BF16 = {"Volta"}
WITHOUT_FP8 = {"Volta", "Ampere", "CDNA2"}
FIRST_YEAR_OF_FP4 = 2024
BLOCK_FORMATS = {"mxfp8": "fp8", "mxfp4": "fp4", "nvfp4": "fp4"}
# Half the bits are at most four times as fast; more is a sparse figure beside a dense one.
MOST_OF_HALF_THE_BITS = 4


def audit_parts(catalog: Catalog, _: date) -> Iterator[Finding]:
    """Peaks that do not go with the generation, with each other, or with the block formats."""
    for gpu in catalog.gpus.values():
        for check, said in (*_generation(gpu), *_ladder(gpu), *_block_formats(gpu)):
            yield Finding("warning", check, said, (gpu.gpu,))


def _generation(gpu: Gpu) -> Iterator[tuple[str, str]]:
    """V100 has no bf16, Ampere no fp8; fp4 came with Blackwell, and beside fp8."""
    check = "precision that its generation lacks"
    if (gpu.peak_bf16_tflops is not None) == (gpu.architecture in WITHOUT_BF16):
        has = "no bf16 peak" if gpu.peak_bf16_tflops is None else "a bf16 peak"
        yield check, f"{has}, of {gpu.architecture}"
    if gpu.peak_fp8_tflops is not None and gpu.architecture in WITHOUT_FP8:
        yield check, f"an fp8 peak, of {gpu.architecture}"
    if gpu.peak_fp4_tflops is not None:
        if gpu.year < FIRST_YEAR_OF_FP4:
            yield check, f"an fp4 peak, of {gpu.year}"
        if gpu.peak_fp8_tflops is None:
            yield check, "an fp4 peak and none in fp8"


def _ladder(gpu: Gpu) -> Iterator[tuple[str, str]]:
    """Fewer bits are never slower, and not much faster."""
    peaks = (gpu.peak_bf16_tflops, gpu.peak_fp8_tflops, gpu.peak_fp4_tflops)
    for more_bits, fewer_bits in pairwise(peak for peak in peaks if peak is not None):
        if not 1 <= fewer_bits / more_bits <= MOST_OF_HALF_THE_BITS:
            said = f"{fewer_bits:g} TFLOP/s beside {more_bits:g} in twice the bits"
            yield "peaks of a dense and a sparse figure", said


def _block_formats(gpu: Gpu) -> Iterator[tuple[str, str]]:
    """Known words, at a peak of as many bits; nvfp4 is NVIDIA's, the others are open."""
    check = "block format without a peak for it"
    peaks = {"fp8": gpu.peak_fp8_tflops, "fp4": gpu.peak_fp4_tflops}
    for word in gpu.block_formats:
        if word not in BLOCK_FORMATS:
            yield check, f"{word!r} is none of {', '.join(BLOCK_FORMATS)}"
        elif peaks[BLOCK_FORMATS[word]] is None:
            yield check, f"{word} without a peak in {BLOCK_FORMATS[word]}"
        elif word == "nvfp4" and gpu.vendor != "NVIDIA":
            yield check, f"nvfp4 of {gpu.vendor}"
