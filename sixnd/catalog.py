"""The facts that answers rest on: GPU models and offers, each with its source and date.

mine = sixnd.catalog.load(quotes=["quotes.csv"], fx={"EUR": 1.09})
sixnd.plan("70B", deadline="30d", catalog=mine)
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated

from sixnd.keywords import FilePath, Keyword, Names
from sixnd.signature import with_keywords

if TYPE_CHECKING:
    from datetime import date

    from catalog import Catalog
    from sixnd.listed import Gpus, Offers

__all__ = ["filter", "gpus", "load", "offers"]

Facts = Annotated[
    "Catalog | FilePath | None",
    Keyword(
        "a catalog, or the folder of one",
        '"my_catalog"',
        "yours if there is one, else the shipped one",
    ),
]
Gpu = Annotated[Names | None, Keyword("GPU models or families", '["H100", "b200_sxm"]', "all")]
Provider = Annotated[Names | None, Keyword("providers", '["aws", "lambda"]', "all")]
AnyPricing = Annotated[
    Names | None,
    Keyword("on_demand, reserved, spot, marketplace, owned", '"spot"', "all kinds of price"),
]
Regions = Annotated[
    Names | None, Keyword("US, EU, a country, or part of a region's name", '"EU"', "all")
]
Capacity = Annotated[
    str | None,
    Keyword(
        "self_serve, approval, quota or contract, each with those before it, or published",
        '"self_serve"',
        "all",
    ),
]


@with_keywords
def load(
    folder: Annotated[
        FilePath | None,
        Keyword(
            "a folder with a catalog's files",
            '"my_catalog"',
            "yours if there is one, else the shipped one",
        ),
    ] = None,
    *,
    quotes: Annotated[
        FilePath | Iterable[FilePath] | None,
        Keyword("CSV files of your own offers, beside or instead of these", '["mine.csv"]', "none"),
    ] = None,
    fx: Annotated[
        Mapping[str, float] | None,
        Keyword("your rates for quotes: USD of one unit", '{"EUR": 1.09}', "none"),
    ] = None,
    skip_unreadable: Annotated[
        bool, Keyword("leave out quotes that cannot be read, and say which", "True", "False")
    ] = False,
    accept: Annotated[
        Names | None,
        Keyword("offers to take although their price cannot be true, or all", '"all"', "none"),
    ] = None,
    today: Annotated[
        "date | None", Keyword("the day on which quotes expire", "date(2026, 11, 25)", "today")
    ] = None,
) -> "Catalog":
    """A catalog, read whole and checked whole, with your own quotes in it.

    A frozen record: ``gpus`` by name, ``offers``, ``sources`` and more; what was assumed of quotes
    is in ``remarks``, whose price cannot be true in ``held_back``. Prices are USD per GPU-hour.

    Raises CatalogError with every mistake in the files at once, ValueError for rates that are none,
    ProblemError for any other keyword that cannot be read.
    """
    from sixnd.listing import load_facts

    return load_facts(folder, quotes, fx, skip_unreadable, accept, today)


@with_keywords
def filter(  # noqa: A001 - what it does to a catalog, under its module's name
    catalog: Facts = None,
    *,
    gpu: Gpu = None,
    provider: Provider = None,
    pricing: AnyPricing = None,
    region: Regions = None,
    capacity: Capacity = None,
) -> "Catalog":
    """The catalog with these offers alone; everything else in it stays.

    Raises ProblemError for a name that nobody knows.

        sixnd.plan("8B", catalog=sixnd.catalog.filter(provider="lambda"))
    """
    from sixnd.listing import catalog_of, list_offers

    return catalog_of(list_offers(catalog, gpu, provider, pricing, region, capacity))


@with_keywords
def gpus(gpu: Gpu = None, *, catalog: Facts = None) -> "Gpus":
    """GPU models: dense peaks in TFLOP/s, memory in GB, fabric, source and date.

    The same as `sixnd gpus`. Raises ProblemError for a name that nobody knows.

        sixnd.catalog.gpus("H100").frame
    """
    from sixnd.listing import list_gpus

    return list_gpus(catalog, gpu)


@with_keywords
def offers(
    *,
    gpu: Gpu = None,
    provider: Provider = None,
    pricing: AnyPricing = None,
    region: Regions = None,
    capacity: Capacity = None,
    catalog: Facts = None,
) -> "Offers":
    """What is on sale: USD per GPU-hour, size in GPUs, network, source and date.

    The same as `sixnd offers`, the cheapest first. Raises ProblemError for a name that nobody
    knows.

        sixnd.catalog.offers(gpu="A6000", pricing="marketplace").frame
    """
    from sixnd.listing import list_offers

    return list_offers(catalog, gpu, provider, pricing, region, capacity)
