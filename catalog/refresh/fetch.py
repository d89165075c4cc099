"""A price list from a file or from the web: its text, what to call it, and its day.

Only https, at most 64 MB, and a server that stops answering is given up on.
"""

import http.client
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote, urlsplit, urlunsplit

from catalog.csv_file import LARGEST_FILE_MB, CatalogError, open_checked
from catalog.inert import terminal_safe
from catalog.refresh.dating import stated_day, undated
from catalog.refresh.skypilot import Progress

TIMEOUT_S = 30
MOST_REDIRECTS = 5
CHUNK = 1 << 16
LARGEST_FILE = LARGEST_FILE_MB * 1_000_000


@dataclass(frozen=True, slots=True)
class Document:
    """A list as text; ``url`` is empty for a file, and carries no query: that may be a key.

    ``dated_by`` says where ``read_on`` comes from.
    """

    name: str
    parts: tuple[str, ...]
    text: str
    read_on: date
    dated_by: str
    url: str = ""


Opener = Callable[[str], Any]


class _OnlyHttps(urllib.request.HTTPRedirectHandler):
    max_redirections = MOST_REDIRECTS

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: Any,
        newurl: str,
    ) -> urllib.request.Request | None:
        """The next request; URLError where it would leave https."""
        if urlsplit(newurl).scheme.lower() != "https":
            raise urllib.error.URLError(f"redirected away from https, to {newurl[:100]!r}")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def web_opener(*handlers: urllib.request.BaseHandler) -> Opener:
    """What opens an https address, follows at most five redirects and times out."""
    director = urllib.request.build_opener(_OnlyHttps(), *handlers)

    def open_url(url: str) -> Any:
        request = urllib.request.Request(url, headers={"User-Agent": "sixnd"})
        return director.open(request, timeout=TIMEOUT_S)

    return open_url


def is_url(source: str) -> bool:
    """Whether a source is an address rather than a path."""
    return "://" in source


def read_document(
    source: str,
    today: date,
    read_on: date | None = None,
    open_url: Opener | None = None,
    progress: Progress | None = None,
) -> Document:
    """The list at a path or an https address; a CatalogError in one line where there is none.

    And where neither ``read_on`` nor the list nor its server says the day of its prices.
    """
    if is_url(source):
        return _from_web(source, today, read_on, open_url or web_opener(), progress)
    path = Path(source)
    text = open_checked(path).getvalue()
    parts = path.resolve().parts
    name = _short(parts)
    return Document(name, parts, text, *_dated(name, text, today, read_on))


def _dated(
    name: str, text: str, today: date, read_on: date | None, modified: str | None = None
) -> tuple[date, str]:
    """The day of a list and where it comes from: as given, as it states, or as its server does.

    CatalogError where nobody says it.
    """
    if read_on is not None:
        return read_on, "as given"
    dated = stated_day(name, text, today) or _last_modified(modified, today)
    if dated is None:
        raise undated(name)
    return dated


def _short(parts: tuple[str, ...]) -> str:
    """The last two parts of a path: aws/vms.csv."""
    return terminal_safe("/".join(part.strip("/\\") for part in parts[-2:]))


def _from_web(
    url: str, today: date, read_on: date | None, open_url: Opener, progress: Progress | None
) -> Document:
    address = _checked(url)
    shown = address[:100]
    try:
        with open_url(url) as answer:
            body = _body(answer, shown, progress)
            modified = answer.headers.get("Last-Modified")
    except urllib.error.HTTPError as error:
        raise CatalogError([f"{shown}: {error.code} {terminal_safe(str(error.reason))}"]) from None
    except urllib.error.URLError as error:
        raise CatalogError([f"{shown}: {terminal_safe(str(error.reason))}"]) from None
    except TimeoutError:
        raise CatalogError([f"{shown}: no answer within {TIMEOUT_S} seconds; try again"]) from None
    except (http.client.HTTPException, OSError, ValueError) as error:
        if isinstance(error, CatalogError):
            raise
        raise CatalogError([f"{shown}: cannot be read: {terminal_safe(str(error))}"]) from None
    parts = tuple(unquote(part) for part in urlsplit(address).path.split("/") if part)
    name, text = _short(parts) or shown, _decoded(body, shown)
    return Document(name, parts, text, *_dated(name, text, today, read_on, modified), address)


def _checked(url: str) -> str:
    """The address without query and fragment; a CatalogError where it is not for us."""
    try:
        parts = urlsplit(url)
        named, user = parts.hostname, parts.username or parts.password
    except ValueError:
        named, user, parts = None, None, urlsplit("")
    if parts.scheme.lower() != "https" or not named or not url.isprintable() or " " in url:
        raise CatalogError([f"{terminal_safe(url)[:100]}: expected an address such as https://..."])
    if user is not None:
        raise CatalogError([f"https://{named}: expected an address without a user's name"])
    return urlunsplit((*parts[:3], "", ""))


def _body(answer: Any, shown: str, progress: Progress | None) -> bytes:
    stated = answer.headers.get("Content-Length") or ""
    total = int(stated) if stated.isascii() and stated.isdigit() else 0
    chunks: list[bytes] = []
    size = 0
    while True:
        if max(size, total) > LARGEST_FILE:
            what = f"expected at most {LARGEST_FILE_MB} MB; is it the right file?"
            raise CatalogError([f"{shown}: too large; {what}"])
        chunk = answer.read(CHUNK)
        if not chunk and size < total:
            raise CatalogError([f"{shown}: cut off at {size:,} of {total:,} bytes; try again"])
        if not chunk:
            return b"".join(chunks)
        chunks.append(chunk)
        size += len(chunk)
        if progress:
            progress(shown, size, max(size, total))


def _decoded(body: bytes, shown: str) -> str:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        what = f"not UTF-8 text at byte {error.start}; expected a CSV file"
        raise CatalogError([f"{shown}: {what}"]) from None
    if not text.strip():
        raise CatalogError([f"{shown}: is empty; expected a header line and rows"])
    return text


def _last_modified(modified: str | None, today: date) -> tuple[date, str] | None:
    """The day of Last-Modified; None where the server does not say, or says tomorrow."""
    try:
        dated = parsedate_to_datetime(modified or "").date()
    except (ValueError, TypeError):
        return None
    return (dated, "Last-Modified") if dated <= today else None
