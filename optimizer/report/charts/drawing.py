"""Charts as SVG that stands in a page: no script, no address, and words for who cannot see it."""

import re
from html import escape
from typing import Any

from optimizer.report.inert import plain

# The first that a machine has; letters of another may be wider than those that were measured.
FONT = "Arial, Helvetica, Liberation Sans, sans-serif"
# The labels at the left may be drawn wider than Altair measures them.
ROOM = {"left": 40, "right": 16, "top": 6, "bottom": 6}
# Small enough that its letters can be read on a telephone, large enough for paper.
WIDTH, HEIGHT = 400, 280


def inline_svg(chart: Any, key: str, title: str, says: str) -> str:
    """A layered Altair chart as one ``<svg>`` element that is an image with a title.

    ``key`` tells its identifiers from those of the other charts of the page.
    """
    import altair as alt
    import vl_convert

    # The renderer ends the process at a control character. Altair's check of every part against
    # the schema takes seconds, and is made where the same chart is written to a file.
    specification = _plain(chart.to_dict(validate=False))
    schema = "_".join(alt.SCHEMA_VERSION.split(".")[:2])
    drawn = vl_convert.vegalite_to_svg(specification, vl_version=schema, allowed_base_urls=[])
    inside = re.search(r"<svg[^>]*?(viewBox=\"[^\"]*\")[^>]*>(.*)</svg>", drawn, re.S)
    assert inside is not None, "the renderer draws an svg element with a viewBox"
    view, shapes = inside[1], _own_ids(inside[2], key)
    named = escape(plain(f"{title}. {says}"), quote=True)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{named}" {view}>'
    return f"{head}<title>{escape(plain(title))}</title>{shapes}</svg>"


def _plain(part: Any) -> Any:
    """A specification whose every text is plain."""
    if isinstance(part, dict):
        return {key: _plain(value) for key, value in part.items()}
    if isinstance(part, list):
        return [_plain(value) for value in part]
    return plain(part) if isinstance(part, str) else part


def _own_ids(shapes: str, key: str) -> str:
    """The same shapes with identifiers that no other chart has."""
    renamed = re.sub(r'(<[^>]* id=")', rf"\g<1>{key}-", shapes)
    return re.sub(r"url\(#", f"url(#{key}-", renamed)


def for_page(chart: Any, *, height: float = HEIGHT) -> Any:
    """A chart in the page's width, without a title, its legend below, letters large enough."""
    sized = chart.properties(width=WIDTH, height=height, title="")
    sized = sized.configure(background="white", font=FONT, padding=ROOM)
    sized = sized.configure_view(stroke="#c9d1da")
    text = {"labelFontSize": 13, "titleFontSize": 13, "titleFontWeight": "normal"}
    sized = sized.configure_legend(orient="bottom", columns=2, labelLimit=0, **text)
    return sized.configure_axis(gridColor="#e3e7eb", titlePadding=12, **text)
