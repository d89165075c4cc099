"""What people call a GPU, matched to the catalog: forgiving, but PCIe is never SXM."""

import difflib
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Protocol

# Words that many names carry and nobody's name depends on.
_NOISE = {
    *("nvidia", "amd", "intel", "google", "aws", "geforce", "tesla", "instinct"),
    *("gpu", "gpus", "blackwell", "generation", "edition", "hbm2", "hbm2e", "hbm3", "hbm3e"),
    *("tensor", "core", "cloud"),
}
# What clouds and server makers say instead.
_ALIASES = {
    "dgx": "sxm",
    "hgx": "sxm",
    "trn1": "trainium1",
    "trn2": "trainium2",
    "trn3": "trainium3",
    "v5litepod": "v5e",
}
_SUGGESTIONS = 4
# Memory as a name states it: '80GB', '80 GB', '(80 GiB)'; the G of A10G is none.
_MEMORY = re.compile(r"(?<![a-z0-9.])([0-9]{1,4})[ -]?(?:gib|gb|g)(?![a-z0-9])", re.IGNORECASE)
# What is sold under more GB than a run can use, as the notes in gpus.csv have it.
_SOLD_AS_GB = {"b200_sxm": 192.0, "b300_sxm": 288.0}


class Part(Protocol):
    """Whatever has the names of a GPU model."""

    @property
    def gpu(self) -> str:
        """Its key in gpus.csv."""
        ...

    @property
    def name(self) -> str:
        """Its full name."""
        ...

    @property
    def family(self) -> str:
        """What all its variants are called together."""
        ...

    @property
    def memory_gb(self) -> float | None:
        """Its memory; None where it is not published."""


class UnknownGpuError(ValueError):
    """A name that fits no GPU model, or fits models of several families."""

    def __init__(self, asked: str, choices: list[str], ambiguous: bool = False) -> None:
        self.choices = choices
        what = "fits several GPU models" if ambiguous else "unknown GPU"
        hint = ("say which: " if ambiguous else "nearest: ") + ", ".join(choices)
        tail = f"; {hint}" if choices else ""
        super().__init__(f"{what} {asked!r}{tail}; `sixnd gpus` lists them all")


class WrongMemoryError(UnknownGpuError):
    """A GPU that is known, with a memory that no variant of it has."""

    def __init__(self, asked: str, gb: float, models: Sequence[Part]) -> None:
        self.choices = sorted(g.gpu for g in models)
        families = " or ".join(sorted({g.family for g in models}))
        sizes = " or ".join(
            f"{size:g}" for size in sorted({g.memory_gb for g in models if g.memory_gb})
        )
        ValueError.__init__(self, f"{asked!r}: {families} has {sizes} GB, not {gb:g}")


def match_gpu(asked: str, gpus: Iterable[Part]) -> tuple[str, ...]:
    """The GPU models that ``asked`` names: one, or all variants of a family (H100, A100).

    Memory chooses among variants, and a memory that none of them has is an error.
    UnknownGpuError where nothing, or several families, can be meant.

    >>> from catalog import load_catalog
    >>> match_gpu("A100 40GB", load_catalog().gpus.values())
    ('a100_pcie_40', 'a100_sxm_40')
    """
    models = list(gpus)
    for name in (asked, _singular(asked)):
        found = _named(name, models) or _named_with_memory(name, models)
        if len({g.family for g in found}) > 1:
            raise UnknownGpuError(asked, sorted(g.gpu for g in found), ambiguous=True)
        if found:
            return tuple(g.gpu for g in found)
    raise UnknownGpuError(asked, _nearest(_compact(_singular(asked)), models))


def _named(asked: str, models: list[Part]) -> list[Part]:
    return _same_name(asked, models) or _all_words(asked, models)


def _named_with_memory(asked: str, models: list[Part]) -> list[Part]:
    """The models of the name apart from its memory that have so much of it: 'L40S 48 GB'."""
    sizes = {float(size) for size in _MEMORY.findall(asked)}
    if len(sizes) != 1:
        return []
    (gb,) = sizes
    found = _named(_MEMORY.sub(" ", asked), models)
    fitting = [g for g in found if gb in (g.memory_gb, _SOLD_AS_GB.get(g.gpu))]
    if found and not fitting:
        raise WrongMemoryError(asked, gb, found)
    return fitting


def _same_name(asked: str, models: list[Part]) -> list[Part]:
    """The model of that name, or else every model of the family of that name."""
    compact = _compact(asked)
    exact = [g for g in models if compact in (_compact(g.gpu), _compact(g.name))]
    return exact or [g for g in models if compact == _compact(g.family)]


def _all_words(asked: str, models: list[Part]) -> list[Part]:
    """The models whose name has every word that was asked for."""
    words = set(_words(asked))
    return [g for g in models if words and words <= set(_words(f"{g.gpu} {g.name} {g.family}"))]


def _singular(name: str) -> str:
    """'H100s' as H100; tried second, because L40S is no plural."""
    return re.sub(r"(?<=\d)s\b", "", name, flags=re.IGNORECASE)


# A file of quotes asks thousands of names, and each is held against every model.
@lru_cache(maxsize=1024)
def _words(name: str) -> tuple[str, ...]:
    """The name's words; '80GB' and '80g' are 80, 'SXM5' and 'SXM4' are sxm."""
    words = [w for w in re.findall(r"[a-z0-9]+", name.lower()) if w not in _NOISE]
    words = [re.sub(r"^(\d+)gb?$", r"\1", _ALIASES.get(word, word)) for word in words]
    return tuple(re.sub(r"^sxm\d$", "sxm", word) for word in words)


def _compact(name: str) -> str:
    """The name without case, spaces and vendor."""
    return "".join(_words(name))


def _nearest(compact: str, models: list[Part]) -> list[str]:
    """Names that look like it, then families that begin with it."""
    families = {_compact(g.family): g.family for g in models}
    names = {_compact(g.gpu): g.gpu for g in models} | families
    near = difflib.get_close_matches(compact, list(names), n=3, cutoff=0.5)
    begun = sorted(n for n in families if compact and n.startswith(compact) and n not in near)
    return [names[n] for n in [*near, *begun]][:_SUGGESTIONS]
