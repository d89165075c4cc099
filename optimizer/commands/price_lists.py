"""`sixnd catalog import csv` and its kin: price lists in the formats that others publish."""

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from optimizer.commands.asking import names
from optimizer.commands.console import progress_bar
from optimizer.commands.options import Json, argument, option
from optimizer.commands.usage import Command

if TYPE_CHECKING:
    from catalog.refresh.importing import Imported

Currency = Annotated[
    str | None, option("The currency of the list, with its rate in --fx (default: USD).", "EUR")
]
Fx = Annotated[
    list[str] | None, option("USD for one unit of a currency; repeatable.", "EUR=1.09", "--fx")
]
_Table = Annotated[
    str,
    argument("A table of prices: CSV, JSON, JSON lines or YAML; or its address.", "FILE_OR_URL"),
]
_Map = Annotated[
    list[str] | None,
    option(
        "Where each field of an offer is: field=column, /node, /gpu, /cents, /month or /year after "
        "a price's column, ? where it may be missing; field:=value for all rows; repeatable "
        "(default: by the columns).",
        "gpu=model,price=usd_hr/node",
        "--map",
    ),
]
_Shape = Annotated[
    str | None, option("A known kind of table: lambda, vast, runpod, ... (default: seen).", "NAME")
]
_Unit = Annotated[
    str | None, option("What a price is of, where the table does not say: node or gpu.", "node")
]
_Seller = Annotated[
    str | None,
    option("Who sells it, where no column says so; else only the rows of that one.", "NAME"),
]
_ReadOn = Annotated[
    str | None,
    option("The day of prices that have none of their own (default: the list's).", "YYYY-MM-DD"),
]

Accept = Annotated[
    list[str] | None,
    option("An offer to take although its price cannot be true, or all; repeatable.", "OFFER"),
]
_Lists = Annotated[
    list[str], argument("Files of one list, or their https addresses; repeatable.", "FILE_OR_URL")
]
_Whose = Annotated[str | None, option("Whose machines the file has: aws, azure or gcp.", "aws")]

Printer = Callable[["Imported", bool], None]


def add_price_lists(app: typer.Typer, print_import: Printer) -> None:
    """Add the import of each format to ``app``; ``print_import`` shows what came of it."""
    _add_table(app, print_import)
    for kind, about in _CLOUD_LISTS.items():
        _add_cloud_list(app, kind, about, print_import)
    _add_ec2instances(app, print_import)


def _add_table(app: typer.Typer, print_import: Printer) -> None:
    @app.command("csv", cls=Command)
    def table(
        file: _Table,
        mapping: _Map = None,
        shape: _Shape = None,
        provider: _Seller = None,
        unit: _Unit = None,
        currency: Currency = None,
        fx: Fx = None,
        read_on: _ReadOn = None,
        accept: Accept = None,
        as_json: Json = False,
    ) -> None:
        """Import any table of prices, by a map from its columns.

        Fields: provider, gpu, form, memory, count, instance, region, price, spot, market, price_1y,
        price_3y, pricing, term, unit, currency, original, min_gpus, fraction, samples, part, stock,
        variable, read_on, key, text, note. Averages and medians are left out.
        """
        from catalog.refresh.lists.importing import Given, import_table
        from catalog.refresh.money import read_money

        money = read_money(currency, names(fx))
        with progress_bar() as bar:
            given = Given(read_on, money, provider, date.today(), progress=bar, accept=accept or ())
            imported = import_table(file, mapping or (), shape, unit, given)
        print_import(imported, as_json)


def _add_ec2instances(app: typer.Typer, print_import: Printer) -> None:
    @app.command(cls=Command)
    def ec2instances(
        files: _Lists,
        provider: _Whose = None,
        read_on: _ReadOn = None,
        accept: Accept = None,
        as_json: Json = False,
    ) -> None:
        """Import instances.json of ec2instances.info, AWS or Azure.

        Linux prices on demand, spot and reserved. The file does not say whose machines it has.
        """
        print_import(_imported("ec2instances", files, provider, None, read_on, accept), as_json)


_CLOUD_LISTS = {
    "aws-price-list": """Import the AWS price list: AmazonEC2's JSON of one region or several.

    Linux machines with shared tenancy, on demand and reserved; what is paid in advance is spread
    over the term. Capacity Blocks are left out. A file above 64 MB has to be cut first.
    """,
    "azure-retail": """Import answers of Azure's Retail Prices API, as JSON or JSON lines.

    Linux machines on demand and spot, reservations (their price is that of the whole term) and
    savings plans.
    """,
    "gcp-skus": """Import SKUs of Google's Cloud Billing Catalog (v1), as JSON or JSON lines.

    GPUs, vCPUs, memory and local SSD are summed to A2, A3 and A4 machines. Calendar mode and flex
    start are left out.
    """,
}


def _add_cloud_list(app: typer.Typer, kind: str, about: str, print_import: Printer) -> None:
    @app.command(kind, cls=Command, help=about)
    def cloud_list(
        files: _Lists,
        fx: Fx = None,
        read_on: _ReadOn = None,
        accept: Accept = None,
        as_json: Json = False,
    ) -> None:
        print_import(_imported(kind, files, None, fx, read_on, accept), as_json)


def _imported(
    kind: str,
    files: list[str],
    provider: str | None,
    fx: list[str] | None,
    read_on: str | None,
    accept: list[str] | None,
) -> "Imported":
    from catalog.refresh.lists.cloud_lists import import_cloud_list
    from catalog.refresh.lists.importing import Given
    from catalog.refresh.money import read_money

    money = read_money(None, names(fx))
    with progress_bar() as bar:
        given = Given(read_on, money, provider, date.today(), progress=bar, accept=accept or ())
        return import_cloud_list(kind, files, given)
