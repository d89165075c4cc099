"""`sixnd gpus` and `sixnd offers`: what the catalog holds."""

import sys

import typer

from optimizer.commands import options as o
from optimizer.commands.asking import names, placed_in_options
from optimizer.commands.console import show
from optimizer.commands.loading import load_facts

OFFERS = {key: o.OFFER_OPTIONS[key] for key in ("gpu", "provider", "pricing", "region", "capacity")}
# Nothing is left out unless it is asked for.
OFFERS |= {"pricing": o.AnyPricing}


@o.takes({"gpu": OFFERS["gpu"]} | o.CATALOG_OPTIONS)
def gpus(context: typer.Context, as_json: o.Json = False) -> None:
    """List the GPU models: peaks, memory, fabric, source, date."""
    from optimizer.report.data.answer import row_data
    from optimizer.report.text.browse import gpus_text
    from optimizer.study.browse import matching_gpus, sources_of

    gpu, facts = context.params["gpu"], load_facts(context)
    with placed_in_options():
        found = matching_gpus(facts, names(gpu))
    unplanned = [] if gpu else list(facts.unplanned.values())
    data = {
        "gpus": [row_data(model) for model in found],
        "unplanned": [row_data(model) for model in unplanned],
    }
    show(data if as_json else gpus_text(found, sources_of(facts, found), unplanned))


@o.takes(OFFERS | o.CATALOG_OPTIONS)
def offers(context: typer.Context, template: o.Template = False, as_json: o.Json = False) -> None:
    """List what is on sale: price, size, network, source, date.

    `sixnd offers --template > quotes.csv` starts a file of your own quotes for --offers.
    """
    if template:
        from catalog.quotes import quote_template

        print(quote_template(), end="")
        return
    from optimizer.report.data.answer import row_data
    from optimizer.report.text.browse import offers_text
    from optimizer.study.browse import matching_offers, sources_of

    facts = load_facts(context)
    asked = {key: context.params[key] for key in OFFERS}
    asked |= {key: names(asked[key]) for key in ("gpu", "provider", "region")}
    with placed_in_options():
        found = matching_offers(facts, *asked.values())
    data = {"offers": [row_data(offer) for offer in found], "remarks": list(facts.remarks)}
    for remark in facts.remarks:
        print(remark, file=sys.stderr)
    show(data if as_json else offers_text(found, sources_of(facts, found)))
