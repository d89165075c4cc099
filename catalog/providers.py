"""What people call a provider, matched to the catalog's, or else made a name of its own."""

import re
import unicodedata
from collections.abc import Iterable, Mapping

from catalog.columns import CellError
from catalog.vocabulary import PROVIDER_ALIASES, squeezed

LONGEST_PROVIDER = 60

# Words that a provider's name may carry and that tell no two of them apart.
_NOISE = {"ai", "bv", "cloud", "corp", "gmbh", "inc", "labs", "llc", "ltd", "plc", "sas"}


def known_providers(names: Iterable[str]) -> dict[str, str]:
    """Providers by what their names squeeze to, for ``match_provider``."""
    return {squeezed(name): name for name in dict.fromkeys(names)}


def match_provider(asked: str, known: Mapping[str, str]) -> str:
    """The known provider that is meant, or the name as a-z, 0-9 and _: 'Foo Cloud' is foo_cloud.

    CellError where no such name can be made: no letter first, letters outside a-z, too long.
    """
    words = _words(asked)
    whole = "".join(words)
    bare = "".join(word for word in words if word not in _NOISE)
    for name in (whole, bare):
        if name in known:
            return known[name]
        if name in PROVIDER_ALIASES:
            return PROVIDER_ALIASES[name]
    return "_".join(words)


def _words(asked: str) -> list[str]:
    """The words of a name in a-z and 0-9; accents are dropped, other scripts refused."""
    if len(asked) > LONGEST_PROVIDER:
        raise CellError(f"has {len(asked)} characters; expected at most {LONGEST_PROVIDER}")
    parts = unicodedata.normalize("NFD", asked.casefold())
    plain = "".join(char for char in parts if not unicodedata.combining(char))
    latin = not any(char.isalnum() and not char.isascii() for char in plain)
    words = re.findall(r"[a-z0-9]+", plain)
    if not latin or not words or words[0][0].isdigit():
        what = f"{asked!r}; expected a provider's name in letters a-z that begins with one"
        raise CellError(f"{what}, such as Lambda Labs")
    return words
