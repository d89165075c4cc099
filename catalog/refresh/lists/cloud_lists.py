"""Imports of lists in the formats of large providers, from files to the user's catalog."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from catalog.csv_file import CatalogError
from catalog.load import Catalog
from catalog.refresh.fetch import Document
from catalog.refresh.importing import Imported, Listed, install, priceable
from catalog.refresh.listing import Found, provider_name
from catalog.refresh.lists.aws_price_list import ONLY_GPUS, read_aws
from catalog.refresh.lists.azure_retail import KEEP_MACHINES, read_azure
from catalog.refresh.lists.cloud import Cloud
from catalog.refresh.lists.ec2instances import read_ec2instances
from catalog.refresh.lists.gcp_skus import read_gcp
from catalog.refresh.lists.importing import KEEP_GPUS, Given, opened
from catalog.refresh.lists.looks import hint, looks_like
from catalog.refresh.lists.records import read_data
from catalog.refresh.lists.words import read_day as day_of
from catalog.refresh.machines import Machine, known_machines, plain_machine
from catalog.refresh.tally import Tally


@dataclass(frozen=True, slots=True)
class CloudList:
    """A provider's format: its reader, whose prices it has, and what to do with a large file.

    ``providers`` is one where the format is the provider's own; of several one has to be given.
    ``is_joined``: its rows are parts, so those of all files are read together.
    """

    source: str
    importer: str
    providers: tuple[str, ...]
    read: Callable[[str, Any, Cloud], None]
    too_large: str
    is_joined: bool = False


CLOUD_LISTS = {
    one.importer: one
    for one in (
        CloudList("aws_price_list", "aws-price-list", ("aws",), read_aws, ONLY_GPUS),
        CloudList("azure_retail", "azure-retail", ("azure",), read_azure, KEEP_MACHINES),
        CloudList("gcp_skus", "gcp-skus", ("gcp",), read_gcp, KEEP_GPUS, True),
        CloudList(
            "ec2instances", "ec2instances", ("aws", "azure", "gcp"), read_ec2instances, KEEP_GPUS
        ),
    )
}


def import_cloud_list(kind: str, sources: Sequence[str], given: Given | None = None) -> Imported:
    """Import files in the format of a large provider: ``kind`` is one of ``CLOUD_LISTS``.

    Several files are one list: regions or pages of it. CatalogError, and nothing written, where
    one cannot be read.
    """
    given, cloud = given or Given(), CLOUD_LISTS[kind]
    found = Found(_seller(cloud, given), Tally(), Tally(), has_zones=False)
    documents: list[tuple[Document, Any]] = []
    mistakes: list[str] = []
    on, facts = given.today or date.today(), None
    for source in sources:
        try:
            on, facts, document = opened(source, given, cloud.too_large)
            documents.append((document, _data(document, cloud)))
        except CatalogError as error:
            mistakes += error.mistakes
    if mistakes or facts is None:
        raise CatalogError(mistakes or ["no file; expected at least one"])
    machines = _machines(found.provider, facts)
    for name, data in _lists(cloud, documents):
        day = "" if given.read_on else _published(data, on)
        cloud.read(name, data, Cloud(found, machines, given.money, on, day))
    oldest = min((one for one, _ in documents), key=lambda one: one.read_on)
    named = oldest.name if len(documents) == 1 else f"{oldest.name} and {len(documents) - 1} more"
    listed = Listed(found, named, oldest.read_on, oldest.dated_by, oldest.url)
    tallies = (found.tally, found.notes)
    return install(cloud.source, [listed], facts, *tallies, on, accept=given.accept)


def _lists(
    cloud: CloudList, documents: Sequence[tuple[Document, Any]]
) -> Sequence[tuple[str, Any]]:
    """The lists by name; pages whose rows belong together are one."""
    if not cloud.is_joined:
        return [(document.name, data) for document, data in documents]
    pages = [page for _, data in documents for page in (data if isinstance(data, list) else [data])]
    return [(documents[0][0].name, pages)]


def _seller(cloud: CloudList, given: Given) -> str:
    """Whose list it is; CatalogError where that has to be said."""
    provider = provider_name(given.provider or "") or (
        cloud.providers[0] if len(cloud.providers) == 1 else ""
    )
    if provider not in cloud.providers:
        said = f"{provider!r}; " if provider else "the file does not say whose machines it has; "
        raise CatalogError([f"--provider: {said}expected one of {', '.join(cloud.providers)}"])
    return provider


def _machines(provider: str, facts: Catalog) -> dict[str, Machine]:
    """A provider's machines by plain name, of GPUs that an offer can be of."""
    known, gpus = known_machines(facts.offers), priceable(facts)
    return {
        plain_machine(name): machine
        for (seller, name), machine in known.items()
        if seller == provider and machine.gpu in gpus
    }


def _data(document: Document, cloud: CloudList) -> Any:
    """The JSON in a document; CatalogError that says what it looks like where it is another."""
    _, importer = looks_like(document.text)
    if importer not in ("", cloud.importer):
        raise CatalogError([f"{document.name}: {hint(document.text, cloud.importer)}"])
    try:
        data = read_data(document.name, document.text)
    except CatalogError as error:
        raise CatalogError([f"{one}; {cloud.too_large}" for one in error.mistakes]) from None
    if data is None:
        what = f"not JSON; {hint(document.text, cloud.importer)}"
        raise CatalogError([f"{document.name}: {what}"])
    return data


def _published(data: Any, today: date) -> str:
    """The day on which a list says that it was published; empty where it does not."""
    try:
        stated = day_of(str(data.get("publicationDate", ""))) if isinstance(data, dict) else None
    except ValueError:
        return ""
    return stated.isoformat() if stated is not None and stated <= today else ""
