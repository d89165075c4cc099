"""A speed that the user measured, as an MFU by 6·N·D over the dense peak.

Tokens a second need no convention. TFLOP/s and an MFU are read by 6·N·D unless a framework is
named; what that one logs is counted by its rule (frameworks.py) and divided by its own peak.
"""

from dataclasses import dataclass
from math import floor, log10

from catalog import Catalog, Framework, FrameworkPeak, Gpu, Precision
from catalog.units import TERA
from optimizer.market.frameworks import RULES, flop_per_token, own_flop_per_token
from optimizer.physics.compute import mfu_of
from problems import Logged, ModelShape, ProblemError, Question

DIGITS = 4
ROUNDING = 1e-12
INSTEAD = "--tokens-per-second-per-gpu needs no convention"


@dataclass(frozen=True, slots=True)
class OwnSpeed:
    """A speed given as TFLOP/s, as tokens a second or as a framework's MFU.

    ``key`` is the field of the question, ``flop_per_token`` what whoever gave it counts, and
    ``six_n`` what we count. ``peaks`` are what the framework divides by, by GPU; parts that it
    does not list have ``elsewhere``.
    """

    key: str
    value: float
    six_n: float
    flop_per_token: float
    seq_len: int
    framework: Framework | None = None
    peaks: tuple[FrameworkPeak, ...] = ()

    def peak_on(self, gpu: Gpu) -> float | None:
        """TFLOP/s that the framework divides by on this part; None where it logs no MFU."""
        assert self.framework is not None
        row = self._row(gpu)
        return row.peak_tflops if row is not None else self.framework.elsewhere_tflops

    def tflops_on(self, gpu: Gpu) -> float | None:
        """Useful TFLOP/s by 6·N·D on this part; None where the framework logs no MFU there."""
        if self.key == "tokens_per_second_per_gpu":
            return self.six_n * self.value / TERA
        counted = self.value
        if self.key == "mfu":
            peak = self.peak_on(gpu)
            if peak is None:
                return None
            counted *= peak
        return counted * self.six_n / self.flop_per_token

    def mfu_on(self, gpu: Gpu, precision: Precision) -> float | None:
        """The MFU on this part; None where there is none, or where it would pass the peak."""
        tflops, peak = self.tflops_on(gpu), gpu.peak_tflops(precision)
        if tflops is None or peak is None or tflops > peak:
            return None
        return mfu_of(tflops, peak)

    def why_not_on(self, gpu: Gpu, precision: Precision) -> str:
        """Why the speed cannot be one on this part, whose MFU is None."""
        tflops, peak = self.tflops_on(gpu), gpu.peak_tflops(precision) or 0.0
        if tflops is None:
            return f"{self._no_peak(gpu)}; {INSTEAD}"
        if self._is_ours:
            return f"{gpu.gpu} peaks below {tflops:g} TFLOP/s"
        ours = f"{tflops:,.4g} TFLOP/s by 6·N·D"
        return f"{self._said(gpu)} is {ours}, and {gpu.gpu} peaks at {peak:g}"

    def refusal(self, gpu: Gpu, precision: Precision) -> str:
        """The same as a mistake: what was given, what was expected and what to do."""
        tflops, peak = self.tflops_on(gpu), gpu.peak_tflops(precision) or 0.0
        if tflops is None:
            return f"{self._no_peak(gpu)}; expected its TFLOP/s, or tokens a second; {INSTEAD}"
        ours = "" if self._is_ours else f", {tflops:,.4g} TFLOP/s by 6·N·D,"
        above = f"{self._said(gpu)}{ours} is above the dense {precision} peak of {gpu.name}"
        return f"{above}; expected at most {_rounded_down(self.value * peak / tflops)}"

    def _no_peak(self, gpu: Gpu) -> str:
        """That the framework divides by nothing on this part."""
        return f"{self._named} has no peak for {gpu.name} and logs no MFU on it"

    def _said(self, gpu: Gpu) -> str:
        """The speed as it was given, with what the framework divides by."""
        if self.key == "tokens_per_second_per_gpu":
            return f"{self.value:,.10g} tokens a second"
        over = f" over {self.peak_on(gpu):g} TFLOP/s" if self.key == "mfu" else ""
        return f"{self._given}{over}"

    @property
    def _given(self) -> str:
        """The speed with its unit and its framework."""
        unit = " TFLOP/s" if self.key == "tflops_per_gpu" else ""
        by = f"@{self.framework.framework}" if self.framework is not None else ""
        return f"{self.value:.10g}{unit}{by}"

    @property
    def _is_ours(self) -> bool:
        """Whether TFLOP/s are given by our own rule, so that there is nothing to convert."""
        return self.framework is None and self.key == "tflops_per_gpu"

    def converted(self, gpu: Gpu, precision: Precision) -> tuple[str, str] | None:
        """What a framework's figure became on this part, and by which rule; None without one."""
        mfu, peak = self.mfu_on(gpu, precision), gpu.peak_tflops(precision)
        if self.framework is None or mfu is None:
            return None
        what = f"{self._given} at {self.seq_len:,} tokens of context"
        value = f"{what} is {mfu * 100:.3g} % by 6·N·D over {peak:,g} TFLOP/s"
        counts = f"{self._named} counts {RULES[self.framework.rule].says}"
        divides = ""
        if self.key == "mfu":
            row = self._row(gpu)
            note = f" ({row.note})" if row is not None and row.note else ""
            divides = f"; it divides by {self.peak_on(gpu):,g} TFLOP/s on {gpu.name}{note}"
        return value, f"{counts}{divides}; read {self.framework.read_on}"

    @property
    def _named(self) -> str:
        assert self.framework is not None
        return f"{self.framework.framework} {self.framework.version}"

    def _row(self, gpu: Gpu) -> FrameworkPeak | None:
        return next((row for row in self.peaks if row.gpu == gpu.gpu), None)


def own_speed(
    question: Question, shape: ModelShape, seq_len: int, framework: str | None, catalog: Catalog
) -> OwnSpeed | None:
    """The speed that a question gives in other terms than our own MFU; None without one."""
    six_n = own_flop_per_token(shape)
    if question.tokens_per_second_per_gpu is not None:
        rate = question.tokens_per_second_per_gpu
        return OwnSpeed("tokens_per_second_per_gpu", rate, six_n, six_n, seq_len)
    given = question.tflops_per_gpu if question.mfu is None else question.mfu
    key = "tflops_per_gpu" if question.mfu is None else "mfu"
    if isinstance(given, Logged) and framework is not None:
        named = catalog.frameworks[framework]
        peaks = tuple(row for row in catalog.framework_peaks.values() if row.framework == framework)
        if key == "mfu":
            _check_mfu(named, peaks, question.precision)
        counted = flop_per_token(named.rule, shape, seq_len)
        return OwnSpeed(key, given.value, six_n, counted, seq_len, named, peaks)
    if key == "tflops_per_gpu" and isinstance(given, float):
        return OwnSpeed(key, given, six_n, six_n, seq_len)
    return None


def _check_mfu(named: Framework, peaks: tuple[FrameworkPeak, ...], precision: str | None) -> None:
    """Refuse an MFU that the framework logs on no part, or not in this precision."""
    name = f"{named.framework} {named.version}"
    if not peaks and named.elsewhere_tflops is None:
        what = f"{name} logs no MFU; expected its TFLOP/s, --tflops-per-gpu 400@{named.framework}"
        raise ProblemError([f"mfu: {what}, or tokens: {INSTEAD}"])
    if precision == "fp8":
        what = f"which peak {name} divides by in fp8 is not known; expected one by 6·N·D"
        raise ProblemError([f"mfu, precision: {what} over the dense fp8 peak; {INSTEAD}"])


def _rounded_down(number: float) -> str:
    """Four digits that are not above the number, so that what is printed works."""
    step = 10.0 ** (floor(log10(number)) + 1 - DIGITS)
    return f"{floor(number / step * (1 + ROUNDING)) * step:.10g}"
