"""The report as a page and as wiki text: the same figures, nothing that runs, nothing fetched."""

import json
import re
from collections.abc import Callable
from itertools import pairwise

import pytest
from read_page import Element, html_tables, markdown_tables, read_html
from report_cases import HARM, SMALL, harmful, harmful_catalog, plain
from small_catalog import TODAY, make_catalog, make_gpu, make_offer

from optimizer import say
from optimizer.report.data.recommendation import recommendation_data
from optimizer.report.document.document import document
from optimizer.report.document.html import as_html
from optimizer.report.document.markdown import as_markdown
from optimizer.report.inert import markdown, spreadsheet
from optimizer.report.inert import plain as plain_text
from optimizer.report.write import FORMATS
from optimizer.study.recommendation import Recommendation, recommend
from problems import make_question

LARGEST_PAGE = 1_500_000
LOADING = ("img", "script", "iframe", "link", "video", "audio", "object", "embed", "source", "base")
WHITE = "#ffffff"
Made = Callable[[], Recommendation]
CASES = pytest.mark.parametrize("made", [plain, harmful], ids=["plain", "harmful"])


def page(found: Recommendation) -> Element:
    """The page's elements."""
    return read_html(as_html(document(found)))


@pytest.mark.slow
@CASES
def test_page_and_wiki_text_have_the_same_tables(made: Made) -> None:
    """Cell by cell: the page's key figures are a list, and its drawings have no table."""
    found = made()
    first, *others = markdown_tables(as_markdown(document(found)))
    tables = html_tables(page(found))
    assert len(tables) >= 10
    assert others == tables
    figures = [group.all("dt", "dd") for group in page(found).all("div") if group.all("dt")]
    assert first[1:] == [[cell.text for cell in group] for group in figures]


def test_the_plan_is_marked_on_the_frontier_without_a_deadline_too() -> None:
    """It is no end of the frontier then, and has to be among the rows that are shown."""
    slow = {"big": ((8, 0.5), (512, 0.2))}
    found = recommend(
        make_question("", model="1B", tokens="9T", storage_price=0),
        make_catalog([make_offer()], [make_gpu()], slow),
        TODAY,
    )
    asked = found.frontier.asked
    assert asked not in (None, 0, len(found.frontier.points) - 1)
    (marked,) = [row for row in page(found).all("tr") if row.attributes.get("class") == "marked"][
        1:
    ]
    assert f"{found.plan.gpus:,}" in [cell.text for cell in marked.all("td")]


def test_every_format_says_the_same_figures() -> None:
    """What the data holds stands on the page and in the wiki text, rounded as people say it."""
    found = plain()
    data = json.loads(json.dumps(recommendation_data(found)))
    page_text, wiki = page(found).text, as_markdown(document(found))
    plan = data["plan"]
    said = [
        say.usd(plan["cost_usd"]),
        say.days(plan["days"] * 24),
        f"{plan['gpus']:,} {plan['gpu_name']}",
        f"{say.price(plan['usd_per_gpu_hour'])} USD per GPU-hour",
        say.usd(data["risk"]["cost_usd"]["p10"]).removesuffix(" USD"),
        say.usd(data["risk"]["cost_usd"]["p90"]),
        data["command"],
        f"sixnd {data['sixnd']}",
        data["snapshot"]["date"],
    ]
    for lost in data["lost"]:
        if lost["plan"]:
            said += [say.usd(lost["plan"]["cost_usd"]).removesuffix(" USD"), lost["reason"]]
        if lost["break_even_usd_per_gpu_hour"]:
            said.append(say.price_under(lost["break_even_usd_per_gpu_hour"]))
    said += [f"{line['usd']:,.0f}" for line in plan["bill"]]
    said += [a["value"] for a in data["assumptions"]]
    said += [source["title"] for source in data["sources"]]
    for words in said:
        assert plain_text(words) in page_text
        assert markdown(words) in wiki or words in wiki


def test_every_section_is_there() -> None:
    """The decision first, then what it rests on, in this order."""
    titles = [heading.text for heading in page(plain()).all("h2")]
    assert titles == [
        "The decision",
        "Fleets compared",
        "Runners-up, and why they lost",
        "What would change the decision",
        "Cost against time",
        "What the result depends on",
        "The bill",
        "Rent, reserve or buy",
        "The calculation, step by step",
        "Assumptions",
        "Risks",
        "Sources",
        "Proof, and how to reproduce it",
    ]


@CASES
def test_headings_are_in_order(made: Made) -> None:
    """One first heading, and no level is left out."""
    found = made()
    levels = [int(h.tag[1]) for h in page(found).all("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_tables_say_what_their_cells_are() -> None:
    """A caption, a heading for each column and each row, and as many cells as headings."""
    for table in page(plain()).all("table"):
        assert [caption.text for caption in table.all("caption")] != [""]
        (heads,) = (row.all("th", "td") for row in table.all("thead")[0].all("tr"))
        assert all(cell.tag == "th" and cell.attributes["scope"] == "col" for cell in heads)
        assert all(cell.text for cell in heads)
        for row in (r for part in table.all("tbody", "tfoot") for r in part.all("tr")):
            first, *rest = row.all("th", "td")
            assert (first.tag, first.attributes["scope"]) == ("th", "row")
            assert len(rest) == len(heads) - 1
            assert all(cell.tag == "td" for cell in rest)


@CASES
def test_charts_have_words(made: Made) -> None:
    """Both are images with a name and a caption, and no identifier is there twice."""
    found = made()
    top = page(found)
    charts = top.all("svg")
    assert len(charts) == 2
    for chart in charts:
        assert chart.attributes["role"] == "img"
        assert len(chart.attributes["aria-label"]) > 40
        assert chart.all("title")[0].text
        assert chart.all("path")
    assert all(figure.all("figcaption")[0].text for figure in top.all("figure"))
    ids = [e.attributes["id"] for e in top.all() if "id" in e.attributes]
    assert len(ids) == len(set(ids))
    named = [
        e.attributes["aria-labelledby"] for e in top.all() if "aria-labelledby" in e.attributes
    ]
    links = [a.attributes["href"][1:] for a in top.all("a") if a.attributes["href"][0] == "#"]
    assert {*named, *links} <= set(ids)


@CASES
def test_nothing_is_fetched(made: Made) -> None:
    """No element that loads, no address in a style, and a policy that forbids it all."""
    found = made()
    top = page(found)
    assert not top.all(*LOADING)
    for element in top.all():
        assert not {"src", "srcset", "style", "background"} & set(element.attributes)
        assert not [name for name in element.attributes if name.startswith("on")]
        href = element.attributes.get("href", element.attributes.get("xlink:href", "#"))
        assert element.tag == "a" or href == "#"
        assert re.match(r"https?://|#", href)
    (style,) = top.all("style")
    assert "url(" not in style.text
    assert "@import" not in style.text
    policies = [m.attributes.get("http-equiv", "") for m in top.all("meta")]
    assert "Content-Security-Policy" in policies
    assert [e.attributes.get("lang") for e in top.all("html")] == ["en"]


def test_the_page_is_light() -> None:
    """Under 1.5 MB, drawings included."""
    assert len(as_html(document(plain())).encode()) < LARGEST_PAGE


def test_colors_can_be_read() -> None:
    """Every color of text against every ground that text stands on: 4.5 to 1 at least."""
    (style,) = page(plain()).all("style")
    texts = set(re.findall(r"(?<![-\w])color: (#[0-9a-f]{3,6})", style.text))
    grounds = {WHITE, *re.findall(r"background: (#[0-9a-f]{3,6})", style.text)}
    assert len(texts) >= 3
    for text in texts:
        for ground in grounds:
            assert contrast(text, ground) >= 4.5


def contrast(one: str, other: str) -> float:
    """The contrast of two colors (WCAG 2.2, relative luminance)."""
    lights = sorted((_luminance(one), _luminance(other)))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def _luminance(color: str) -> float:
    digits = color.removeprefix("#")
    digits = "".join(d * 2 for d in digits) if len(digits) == 3 else digits
    shares = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_it_prints_on_paper() -> None:
    """A4, headings with what follows them, rows and drawings in one piece, heads on each page."""
    (style,) = page(plain()).all("style")
    assert "@page { size: A4" in style.text
    printed = style.text.partition("@media print")[2]
    assert "break-inside: avoid" in printed
    assert "table-header-group" in printed


def test_harm_is_text_on_the_page() -> None:
    """Markup of names, notes and titles is shown, not obeyed; control characters are gone."""
    source = as_html(document(harmful()))
    assert "<script" not in source
    assert "alert(1)" in source
    assert 'href="javascript' not in source
    assert all(c.isprintable() or c == "\n" for c in source)
    (title,) = page(harmful()).all("h1")
    assert title.text == plain_text(HARM)


def test_harm_is_text_in_a_wiki() -> None:
    """No tag, no link but those of sources, no cell more than there should be."""
    wiki = as_markdown(document(harmful()))
    # A code block is shown as it is, and ends only where its fence does.
    wiki = re.sub(r"^(`{3,})sh\n[^\n]*\n\1$", "", wiki, count=1, flags=re.MULTILINE)
    assert "<" not in wiki.replace("\\<", "")
    assert all(c.isprintable() or c == "\n" for c in wiki)
    links = re.findall(r"(?<!\\)\]\(([^)]*)\)", wiki)
    assert links
    assert all(link.startswith("https://") for link in links)
    for table in markdown_tables(wiki):
        assert len({len(row) for row in table}) == 1


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a|b", "a\\|b"),
        ("<b>", "&lt;b&gt;"),
        ("a*b_c", "a\\*b\\_c"),
        ("[x](y)", "\\[x\\](y)"),
        ("two\nlines", "two lines"),
        ("\x1b[31m", "?\\[31m"),
        ("https://a.example/b_c", "https://a.example/b_c"),
        ("https://a.example/|<b>", "https://a.example/\\|&lt;b&gt;"),
    ],
)
def test_text_in_markdown(text: str, shown: str) -> None:
    """What would be taken for a mark stands behind a backslash; addresses stay whole."""
    assert markdown(text) == shown


@pytest.mark.parametrize("text", ["=1+1", "+A1", "-1+2", "@A1", " =1", "\t=1", "\uff1d1"])
def test_text_in_a_spreadsheet(text: str) -> None:
    """No cell begins as a formula does."""
    assert spreadsheet(text).startswith("'")
    assert spreadsheet("plain = text") == "plain = text"


@pytest.mark.slow
@pytest.mark.parametrize("ending", FORMATS)
def test_same_question_same_bytes(ending: str) -> None:
    """Made twice from the beginning, on the same day."""
    asked, catalog = make_question(**SMALL, name=HARM), harmful_catalog()
    again = recommend(asked, catalog, harmful().today)
    assert FORMATS[ending](again) == FORMATS[ending](harmful())


def test_fleets_are_those_asked_for() -> None:
    """Each --gpu, with why it gives none; else the families of the plan and its runners-up."""
    assert [one.gpu for one in plain().fleets] == ["BIG", "OLD"]
    asked = make_question(**SMALL, gpu=["old"])
    found = recommend(asked, harmful_catalog(), harmful().today)
    assert [one.gpu for one in found.fleets] == ["old"]


def test_a_plan_by_time() -> None:
    """Where time is minimized the differences are in days, and the page still holds together."""
    asked = make_question(**SMALL, minimize="time", budget="1k")
    found = recommend(asked, harmful_catalog(), harmful().today)
    text = page(found).text
    assert "is faster within the limits" in text
    assert "change of the plan's days, %" in text
