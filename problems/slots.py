"""What stands for a value in a question in words: sizes, times, money, names.

Each reads as many words as it understands from the first on; the table of fields says whose value
it is.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from catalog.vocabulary import PRECISIONS, PRICINGS, PROVIDER_ALIASES, squeezed
from problems.presets import find_presets
from problems.quantities import COUNT, Kind, split_experts, split_quantity
from problems.sizes import split_active

Taken = tuple[int, str | tuple[str, ...]]

_CURRENCY = {"usd", "dollar", "dollars"}
# Words of a vendor's name that nobody's GPU depends on; 'RTX A6000' is the A6000.
_GPU_NOISE = {"nvidia", "amd", "geforce", "rtx", "quadro", "tesla", "instinct"}
_LONGEST_NAME = 5


@dataclass(frozen=True, slots=True)
class Known:
    """The names that the caller's catalog knows, as it spells them."""

    gpus: Collection[str]
    providers: Collection[str]


Read = Callable[[Sequence[str], Known], Taken | None]
ReadItem = Callable[[Sequence[str], Known], tuple[int, tuple[str, ...]] | None]


def _longest(words: Sequence[str], most: int, says: Callable[[str], str | None]) -> Taken | None:
    """The longest run of words, joined by spaces, that ``says`` makes something of."""
    for count in range(min(most, len(words)), 0, -1):
        said = says(" ".join(words[:count]))
        if said is not None:
            return count, said
    return None


def quantity(kind: Kind, bare: bool) -> Read:
    """A number with a unit of that kind; ``bare`` lets a number stand without one."""

    def says(text: str) -> str | None:
        found = split_quantity(text.replace("-", " ") if text[:1].isdigit() else text)
        fits = found is not None and found[1] in kind.units and (bare or found[1] != "")
        return text.replace("-", " ") if fits else None

    return lambda words, known: _longest(words, 2, says)


def money(words: Sequence[str], known: Known) -> Taken | None:
    """An amount that says it is money: $5M, 5 million dollars, USD 5M."""

    def says(text: str) -> str | None:
        plain = text.removeprefix("us$").removeprefix("$").removeprefix("usd ").split()
        if plain and plain[-1] in _CURRENCY:
            plain.pop()
        found = split_quantity(" ".join(plain))
        is_money = text[:1] == "$" or text.startswith("us") or text.split()[-1] in _CURRENCY
        return text if is_money and found and found[1] in COUNT.units else None

    return _longest(words, 3, says)


def amount(words: Sequence[str], known: Known) -> Taken | None:
    """An amount where only money can stand, so that it need not say so."""
    return money(words, known) or quantity(COUNT, bare=True)(words, known)


def model(words: Sequence[str], known: Known) -> Taken | None:
    """A size with its magnitude, or the name of one preset."""

    def says(text: str) -> str | None:
        if text[:1].isdigit():
            return _size(text)
        presets = find_presets(text)
        return presets[0].name if len(presets) == 1 else None

    return _longest(words, _LONGEST_NAME, says)


def _size(text: str) -> str | None:
    """A size as it is usually written: '70 billion' as 70B; None without a magnitude."""
    total, active = split_active(text)
    if active is not None and (whole := _size(total)) and (part := _size(active)):
        return f"{whole}-A{part}"
    experts, one = split_experts(text)
    found = split_quantity(str(one))
    magnitude = COUNT.units.get(found[1]) if found and found[1] else None
    if found is None or magnitude is None:
        return None
    letter = {3: "k", 6: "M", 9: "B", 12: "T"}[magnitude.adjusted()]
    return (f"{experts}x" if experts > 1 else "") + found[0] + letter


def day(words: Sequence[str], known: Known) -> Taken | None:
    """A day written 2026-12-31."""
    if not words or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", words[0]):
        return None
    try:
        return 1, f"by {date.fromisoformat(words[0])}"
    except ValueError:
        return None


def one_of(names: Mapping[str, str]) -> Read:
    """One of these names, forgiving case, spaces and dashes."""
    return lambda words, known: _longest(words, 2, lambda text: names.get(squeezed(text)))


def list_of(
    item: ReadItem,
) -> Read:
    """Items side by side, or joined by 'or' and 'and'."""

    def read(words: Sequence[str], known: Known) -> Taken | None:
        end, names, at = 0, list[str](), 0
        while (found := item(words[at:], known)) is not None:
            end = at = at + found[0]
            names += found[1]
            if at < len(words) and words[at] in ("or", "and"):
                at += 1
        return (end, tuple(dict.fromkeys(names))) if names else None

    return read


def gpu(words: Sequence[str], known: Known) -> tuple[int, tuple[str, ...]] | None:
    """A GPU or a family of them, forgiving vendor, dashes and plural."""
    for count in range(min(_LONGEST_NAME, len(words)), 0, -1):
        text = " ".join(words[:count])
        # As written first: the L40S is no plural.
        for name in (text, re.sub(r"(?<=\d)s\b", "", text)):
            found = _gpus_named(name, known.gpus)
            if found:
                return count, found
    return None


def _gpus_named(name: str, gpus: Collection[str]) -> tuple[str, ...]:
    """The one of that name, or else all that have its words, one of them a model number."""
    exact = [gpu for gpu in gpus if _gpu_name(gpu) == _gpu_name(name)]
    words = _gpu_words(name)
    has_number = any(re.search(r"[a-z]\d|\d[a-z]", word) for word in words)
    if exact or not has_number:
        return tuple(exact[:1])
    return tuple(sorted(gpu for gpu in gpus if words <= _gpu_words(gpu)))


def _gpu_name(name: str) -> str:
    """A name without its vendor's words, squeezed."""
    words = re.findall(r"[a-z0-9]+", name.lower())
    return "".join(word for word in words if word not in _GPU_NOISE)


def _gpu_words(name: str) -> set[str]:
    words = set(re.findall(r"[a-z0-9]+", name.lower())) - _GPU_NOISE
    return {re.sub(r"^(\d+)gb?$", r"\1", re.sub(r"^sxm\d$", "sxm", word)) for word in words}


def provider(words: Sequence[str], known: Known) -> tuple[int, tuple[str, ...]] | None:
    """A provider of the catalog, forgiving spaces and dashes."""
    names = {squeezed(name): name for name in known.providers}
    for count in range(min(3, len(words)), 0, -1):
        said = squeezed(" ".join(words[:count]))
        name = names.get(said) or names.get(PROVIDER_ALIASES.get(said, said))
        if name is not None:
            return count, (name,)
    return None


def pricing(words: Sequence[str], known: Known) -> tuple[int, tuple[str, ...]] | None:
    """A kind of price."""
    names = {squeezed(name): name for name in PRICINGS}
    found = _longest(words, 2, lambda text: names.get(squeezed(text)))
    return (found[0], (str(found[1]),)) if found else None


PRECISION_NAMES: dict[str, str] = {
    **{name: name for name in PRECISIONS},
    "bfloat16": "bf16",
    "float16": "fp16",
}
