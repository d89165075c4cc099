"""Lists from files and from the web, without a web: what is read, and what is refused in a line."""

import io
import os
import urllib.request
from collections.abc import Callable
from datetime import date
from email.message import Message
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.response import addinfourl

import pytest
from refresh_market import HEADER, TODAY, write_market

from catalog import CatalogError, load_catalog
from catalog.refresh import fetch
from catalog.refresh.fetch import read_document, web_opener
from catalog.refresh.importing import import_skypilot

URL = "https://lists.example/v8/aws/vms.csv"
LIST = f"{HEADER}\np5.48xlarge,H100,8,55.04,22.0,us-east-1,a\n".encode()

MODIFIED = {"Last-Modified": "Tue, 17 Nov 2026 23:30:00 GMT"}

# Status, headers and body by address.
Pages = dict[str, tuple[int, dict[str, str], bytes]]


class FakeWeb(urllib.request.HTTPSHandler):
    """Answers as a server would; the opener's own handlers follow and judge them."""

    def __init__(self, pages: Pages) -> None:
        super().__init__()
        self.pages = pages
        self.asked: list[str] = []

    def https_open(self, req: urllib.request.Request) -> Any:
        """The page of that address; the timeout has to be set."""
        self.asked.append(req.full_url)
        assert req.timeout == 30
        status, headers, body = self.pages[req.full_url]
        message = Message()
        for name, value in headers.items():
            message[name] = value
        answer = addinfourl(io.BytesIO(body), message, req.full_url, status)
        answer.msg = "said so"  # type: ignore[attr-defined]
        return answer


def opened(pages: Pages) -> Callable[[str], Any]:
    """An opener of these pages."""
    return web_opener(FakeWeb(pages))


def refused(source: str, open_url: Callable[[str], Any] | None = None) -> str:
    """The one line with which a source is refused."""
    with pytest.raises(CatalogError) as raised:
        read_document(source, TODAY, open_url=open_url)
    (mistake,) = raised.value.mistakes
    assert "\n" not in mistake
    return mistake


def test_a_page(tmp_path: Path) -> None:
    """Text, day of Last-Modified, name and address without the query, which may be a key."""
    address = f"{URL}?token=secret#top"
    found = read_document(address, TODAY, open_url=opened({address: (200, MODIFIED, LIST)}))
    assert found.text == LIST.decode()
    assert (found.read_on, found.dated_by) == (date(2026, 11, 17), "Last-Modified")
    assert (found.name, found.url) == ("aws/vms.csv", URL)


@pytest.mark.parametrize("modified", ["", "soon", "Fri, 01 Jan 2027 00:00:00 GMT"])
def test_a_page_without_a_day(modified: str) -> None:
    """Nobody knows how old it is, so it is asked for; --read-on answers."""
    headers = {"Last-Modified": modified} if modified else {}
    pages: Pages = {URL: (200, headers, LIST)}
    assert refused(URL, opened(pages)).endswith(
        "say when the prices were read with --read-on YYYY-MM-DD"
    )
    found = read_document(URL, TODAY, date(2026, 11, 3), opened(pages))
    assert (found.read_on, found.dated_by) == (date(2026, 11, 3), "as given")


def test_an_import_from_the_web(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The provider is in the address, and the address becomes the source's."""
    monkeypatch.setenv("SIXND_CATALOG", str(tmp_path / "mine"))
    market = write_market(tmp_path / "market")
    pages: Pages = {URL: (200, MODIFIED, LIST)}
    imported = import_skypilot([URL], today=TODAY, open_url=opened(pages), shipped=market)
    assert [one.provider for one in imported.providers] == ["aws"]
    assert load_catalog(tmp_path / "mine", TODAY).sources["import_skypilot_aws"].url == URL


@pytest.mark.parametrize(
    "address",
    [
        *("http://lists.example/aws.csv", "file:///etc/passwd", "ftp://lists.example/aws.csv"),
        *("https://", "https:///aws.csv", "://", "https://[::1/aws.csv", "data://text/csv,a"),
        *("https://lists.example/a b.csv", "https://lists.example/\x1b[31m.csv"),
    ],
)
def test_addresses_that_are_not_opened(address: str) -> None:
    """Only https, and nothing that a terminal would act on."""
    mistake = refused(address, lambda _: pytest.fail("opened"))
    assert "expected an address such as https://" in mistake
    assert mistake.isprintable()


def test_a_user_in_the_address_is_not_repeated() -> None:
    """A password does not end up on the screen."""
    mistake = refused("https://me:hunter2@lists.example/aws.csv", lambda _: pytest.fail("opened"))
    assert "hunter2" not in mistake


def test_redirects_are_followed_five_times() -> None:
    """The sixth is refused."""
    for hops, fine in ((5, True), (6, False)):
        pages: Pages = {
            f"{URL}?{n}": (302, {"Location": f"{URL}?{n + 1}"}, b"") for n in range(hops)
        }
        pages[f"{URL}?{hops}"] = (200, MODIFIED, LIST)
        if fine:
            assert read_document(f"{URL}?0", TODAY, open_url=opened(pages)).text == LIST.decode()
        else:
            assert refused(f"{URL}?0", opened(pages)).startswith(f"{URL}: 302 ")


@pytest.mark.parametrize("elsewhere", ["http://lists.example/aws.csv", "file:///etc/passwd"])
def test_redirects_leave_https_never(elsewhere: str) -> None:
    """Wherever the server points."""
    mistake = refused(URL, opened({URL: (302, {"Location": elsewhere}, b"")}))
    assert mistake.startswith(URL)
    assert "https" in mistake.removeprefix(URL) or "302" in mistake


def test_what_a_server_refuses() -> None:
    """Its number and its word."""
    assert refused(URL, opened({URL: (404, {}, b"")})) == f"{URL}: 404 said so"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (TimeoutError(), "no answer within 30 seconds"),
        (URLError(OSError("no route\nto host")), "no route\\nto host"),
        (ConnectionResetError("reset"), "cannot be read: reset"),
    ],
)
def test_what_goes_wrong_on_the_way(error: Exception, said: str) -> None:
    """One line, no traceback."""

    def broken(_: str) -> Any:
        raise error

    assert said in refused(URL, broken)


@pytest.mark.parametrize(
    ("headers", "body", "said"),
    [
        ({"Content-Length": "64000001"}, b"x", "too large; expected at most 64 MB"),
        ({}, b"x" * 3_000, "too large"),
        ({"Content-Length": "900"}, b"x" * 500, "cut off at 500 of 900 bytes"),
        ({}, b"\xff\xfe\x00", "not UTF-8 text at byte 0"),
        ({}, b" \n", "is empty"),
    ],
)
def test_bodies_that_are_no_list(
    monkeypatch: pytest.MonkeyPatch, headers: dict[str, str], body: bytes, said: str
) -> None:
    """Too large whether the server says so or not, cut off, binary, empty."""
    if not headers:
        monkeypatch.setattr(fetch, "LARGEST_FILE", 1_000)
    assert said in refused(URL, opened({URL: (200, headers, body)}))


def test_progress_in_bytes() -> None:
    """As they come in."""
    told: list[tuple[str, int, int]] = []
    pages = {URL: (200, {**MODIFIED, "Content-Length": str(len(LIST))}, LIST)}
    read_document(URL, TODAY, None, opened(pages), lambda *step: told.append(step))
    assert told == [(URL, len(LIST), len(LIST))]


def test_files_that_are_no_list(tmp_path: Path) -> None:
    """Missing, a folder, binary, empty, huge, a device."""
    (tmp_path / "binary.csv").write_bytes(b"\x89PNG\xff")
    (tmp_path / "empty.csv").write_bytes(b"")
    with (tmp_path / "huge.csv").open("wb") as stream:
        stream.truncate(64_000_001)
    said = {
        str(tmp_path / "none.csv"): "no such file",
        str(tmp_path): "is a directory",
        str(tmp_path / "binary.csv"): "not UTF-8 text at byte 0",
        str(tmp_path / "empty.csv"): "is empty",
        str(tmp_path / "huge.csv"): "expected at most 64 MB",
        os.devnull: "is a device or a pipe",
    }
    for path, what in said.items():
        assert what in refused(path)


def test_a_file_with_a_byte_order_mark_and_windows_line_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a spreadsheet writes it."""
    monkeypatch.setenv("SIXND_CATALOG", str(tmp_path / "mine"))
    path = tmp_path / "aws.csv"
    path.write_bytes(b"\xef\xbb\xbf" + LIST.replace(b"\n", b"\r\n"))
    market = write_market(tmp_path / "market")
    imported = import_skypilot([str(path)], read_on="2026-11-18", today=TODAY, shipped=market)
    assert [(one.provider, one.offers) for one in imported.providers] == [("aws", 2)]
