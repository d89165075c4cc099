"""What people call a GPU, matched to the catalog: forgiving, but PCIe is never SXM."""

import difflib
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Protocol

# Words that many names carry and nobody's name depends on.
_NOISE = {
    *("nvidia", "amd", "intel", "google", "aws", "geforce", "tesla", "instinct"),
    *("gpu", "gpus", "blackwell", "generation", "edition", "hbm2", "hbm2e", "hbm3", "hbm3e"),
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


class Part(Protocol):
    """Whatever has the names of a GPU model."""

    @property
    def gpu(self) -> str:
        """Its key in gpus.csv."""

    @property
    def name(self) -> str:
        """Its full name."""

    @property
    def family(self) -> str:
        """What all its variants are called together."""


class UnknownGpuError(ValueError):
    """A name that fits no GPU model, or fits models of several families."""

    def __init__(self, asked: str, choices: list[str], ambiguous: bool = False) -> None:
        self.choices = choices
        what = "fits several GPU models" if ambiguous else "unknown GPU"
        hint = ("say which: " if ambiguous else "nearest: ") + ", ".join(choices)
        tail = f"; {hint}" if choices else ""
        super().__init__(f"{what} {asked!r}{tail}; `sixnd gpus` lists them all")


def match_gpu(asked: str, gpus: Iterable[Part]) -> tuple[str, ...]:
    """The GPU models that ``asked`` names: one, or all variants of a family (H100, A100)."""
    models = list(gpus)
    for name in (asked, _singular(asked)):
        found = _same_name(name, models) or _all_words(name, models)
        if len({g.family for g in found}) > 1:
            raise UnknownGpuError(asked, sorted(g.gpu for g in found), ambiguous=True)
        if found:
            return tuple(g.gpu for g in found)
    raise UnknownGpuError(asked, _nearest(_compact(_singular(asked)), models))


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
