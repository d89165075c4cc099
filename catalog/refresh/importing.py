"""An import from beginning to end: lists read, prices checked, the user's catalog replaced."""

from collections.abc import Collection, Sequence
from datetime import date
from pathlib import Path

from catalog.csv_file import CatalogError
from catalog.load import SHIPPED, Catalog, load_catalog
from catalog.refresh.dating import read_day, undated
from catalog.refresh.fetch import Opener, read_document
from catalog.refresh.hunted import open_hunt, read_provider
from catalog.refresh.install import Imported, Listed, ProviderImport, install
from catalog.refresh.listing import Found, provider_name
from catalog.refresh.money import IN_USD, Money
from catalog.refresh.skypilot import Progress, read_skypilot
from catalog.refresh.tally import Tally
from catalog.refresh.whose import known_names, provider_of
from catalog.rows import Gpu

__all__ = ["Imported", "Listed", "ProviderImport", "import_gpuhunt", "import_skypilot", "install"]


def import_skypilot(
    sources: Sequence[str],
    provider: str | None = None,
    read_on: str | None = None,
    today: date | None = None,
    open_url: Opener | None = None,
    progress: Progress | None = None,
    shipped: Path = SHIPPED,
    accept: Collection[str] = (),
    money: Money = IN_USD,
) -> Imported:
    """Import SkyPilot's files of one cloud each; CatalogError, and nothing written, if one fails.

    The provider is the known one that the path names, or given for a single file. ``accept`` are
    names of offers to take although their price cannot be true, or ``all``; ``money`` is the
    currency of all files.
    """
    on = today or date.today()
    dated = read_day(read_on, on) if read_on is not None else None
    if provider is not None and len(sources) != 1:
        raise CatalogError(["--provider: names one provider; expected one file with it"])
    facts = load_catalog(shipped, on)
    known = known_names(facts)
    left_out, notes = Tally(), Tally()
    lists: list[Listed] = []
    mistakes: list[str] = []
    for source in sources:
        try:
            document = read_document(source, on, dated, open_url, progress)
            name = provider_of(document.name, document.parts, known, provider)
            if any(name == other.found.provider for other in lists):
                raise CatalogError([f"{document.name}: {name} is there twice; expected it once"])
            found = Found(name, left_out, notes)
            read_skypilot(document.name, document.text, found, priceable(facts), progress, money)
            lists.append(
                Listed(found, document.name, document.read_on, document.dated_by, document.url)
            )
        except CatalogError as error:
            mistakes += error.mistakes
    if mistakes:
        raise CatalogError(mistakes)
    return install("skypilot", lists, facts, left_out, notes, on, accept=accept)


def import_gpuhunt(
    providers: Sequence[str] = (),
    read_on: str | None = None,
    today: date | None = None,
    progress: Progress | None = None,
    shipped: Path = SHIPPED,
    accept: Collection[str] = (),
) -> Imported:
    """Import gpuhunt's catalog, or some of its providers; one that fails is told, not fatal.

    CatalogError where the package is missing, has no catalog at all, or none whose day is known.
    ``accept`` is as in ``import_skypilot``.
    """
    on = today or date.today()
    dated = read_day(read_on, on) if read_on is not None else None
    hunt = open_hunt(providers, on)
    days = {name: (dated, "as given") if dated else when for name, when in hunt.dated.items()}
    if days and not any(days.values()):
        raise undated(f"gpuhunt's {', '.join(days)}")
    facts = load_catalog(shipped, on)
    left_out, notes, failures = Tally(), Tally(), [*hunt.failures]
    lists = []
    for name, when in days.items():
        if when is None:
            failures += undated(name).mistakes
            continue
        found = Found(provider_name(name), left_out, notes)
        failure = read_provider(hunt, name, found, priceable(facts), progress)
        if failure:
            failures.append(failure)
        else:
            lists.append(Listed(found, name, *when))
    return install("gpuhunt", lists, facts, left_out, notes, on, failures, accept)


def priceable(facts: Catalog) -> dict[str, Gpu]:
    """The GPU models that an offer can be of: those with an MFU curve."""
    curved = {gpu for gpu, _ in facts.efficiency}
    return {name: gpu for name, gpu in facts.gpus.items() if name in curved}
