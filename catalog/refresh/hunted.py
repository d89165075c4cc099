"""gpuhunt's catalog, provider by provider: what one of them breaks, the others do not miss.

The package is optional. It reads a folder of CSV files where GPUHUNT_CATALOG_DIR names one, and
else downloads its published catalog.
"""

import logging
import os
import re
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from catalog.columns import CONTROL
from catalog.csv_file import LARGEST_FILE_MB, CatalogError
from catalog.inert import terminal_safe
from catalog.refresh.cells import LONGEST_NAME, plain, read_count, read_price
from catalog.refresh.fetch import TIMEOUT_S
from catalog.refresh.listing import MARKETPLACES, Found, Listing, Unpriced
from catalog.refresh.names import identify, tpu_slice
from catalog.refresh.skypilot import Progress
from catalog.rows import Gpu

FOLDER_VARIABLE = "GPUHUNT_CATALOG_DIR"
URL_VARIABLE = "GPUHUNT_CATALOG_URL"
# Its names are our aliases: lambdalabs, oci, vastai.
ITS_NAMES = {"lambda": "lambdalabs", "oracle": "oci", "vast": "vastai", "datacrunch": "verda"}
RESERVATION = "price of a reservation (DWS calendar mode)"
MALFORMED = "Skipping malformed row in "
CLUSTER = "price of a cluster whose network and sizes are not stated"
# A zone at Google is its region and a letter.
_GCP_ZONE = re.compile(r"(.+[0-9])-[a-z]")
# RunPod states a data center for its own, and only a country for a third party's.
_COUNTRY = re.compile(r"[A-Z]{2}")


@dataclass(frozen=True, slots=True)
class Hunt:
    """gpuhunt ready to be asked: which providers it has, of which day, and what it said.

    The day is None where nobody states it.
    """

    catalog: Any
    dated: Mapping[str, tuple[date, str] | None]
    failures: Sequence[str]


def open_hunt(asked: Sequence[str], today: date) -> Hunt:
    """gpuhunt with the providers asked for, or all; CatalogError where it has none at all."""
    try:
        import gpuhunt
    except ImportError:
        what = "gpuhunt is not installed; try pip install 'sixnd[refresh]'"
        raise CatalogError([what]) from None
    catalog = gpuhunt.Catalog(auto_reload=False)
    wanted = [ITS_NAMES.get(name, name) for name in (one.strip().lower() for one in asked)]
    folder = os.environ.get(FOLDER_VARIABLE)
    if folder is not None:
        return _from_folder(catalog, Path(folder), wanted)
    return _from_web(catalog, wanted, today)


def _from_folder(catalog: Any, folder: Path, wanted: list[str]) -> Hunt:
    if not folder.is_dir():
        raise CatalogError([f"{FOLDER_VARIABLE}: {terminal_safe(str(folder))}: no such folder"])
    there = {path.stem: path for path in sorted(folder.glob("*.csv"))}
    if not there:
        what = (
            f"{terminal_safe(str(folder))}: no CSV files; expected one a provider, such as aws.csv"
        )
        raise CatalogError([f"{FOLDER_VARIABLE}: {what}"])
    dated: dict[str, tuple[date, str] | None] = {}
    failures = []
    for name in wanted or there:
        path = there.get(name)
        if path is None:
            failures.append(f"{terminal_safe(name)}: no such file in {FOLDER_VARIABLE}")
        elif not path.is_file() or path.stat().st_size > LARGEST_FILE_MB * 1e6:
            what = f"is no file of at most {LARGEST_FILE_MB} MB"
            failures.append(f"{terminal_safe(name)}: {what}")
        else:
            dated[name] = None
    return Hunt(catalog, dated, failures)


def _from_web(catalog: Any, wanted: list[str], today: date) -> Hunt:
    address = os.environ.get(URL_VARIABLE, "")
    if address and not address.startswith(("https://", "file://")):
        raise CatalogError(
            [f"{URL_VARIABLE}: {terminal_safe(address)[:100]}: expected https://..."]
        )
    with _quiet() as said, _timeout():
        try:
            catalog.load()
        except Exception as error:  # whatever it raises is no fault of ours
            raise CatalogError([f"gpuhunt: {_in_a_line(error)}"]) from None
    there = {name: _version_day(held, today) for name, held in catalog.catalog.items()}
    missing = [name for name in wanted if name not in there]
    failures = [f"{terminal_safe(name)}: not in gpuhunt's published catalog" for name in missing]
    failures += [] if wanted else [terminal_safe(line) for line in said]
    return Hunt(catalog, {n: d for n, d in there.items() if not wanted or n in wanted}, failures)


def _version_day(held: Any, today: date) -> tuple[date, str] | None:
    """Versions begin with the day: 20261120-..."""
    version = str(getattr(held, "version", ""))
    try:
        stated = datetime.strptime(version[:8], "%Y%m%d").date()
    except ValueError:
        return None
    return (stated, "the catalog's version") if stated <= today else None


def read_provider(
    hunt: Hunt, name: str, found: Found, gpus: Mapping[str, Gpu], progress: Progress | None = None
) -> str:
    """Add a provider's items to ``found``; what went wrong in a line, or nothing."""
    with _quiet() as said, _timeout():
        try:
            items = hunt.catalog.query(provider=[name], min_gpu_count=1)
        except Exception as error:  # one broken provider does not stop the others
            return f"{name}: {_in_a_line(error)}"
    malformed = [line for line in said if line.startswith(MALFORMED)]
    for line in malformed:
        found.leave_out("row that gpuhunt cannot read", terminal_safe(line.removeprefix(MALFORMED)))
    if not items:
        return f"{name}: no GPUs listed"
    found.rows = len(items) + len(malformed)
    for number, item in enumerate(items, 1):
        _take(f"{name}:{number}", item, found, gpus)
        if progress and not number % 5_000:
            progress(name, number, len(items))
    return ""


def _take(where: str, item: Any, found: Found, gpus: Mapping[str, Gpu]) -> None:
    """Add the item's listing, or count why there is none."""
    instance, region = str(item.instance_name), str(item.location)
    accelerator = str(item.gpu_name or "")
    said = terminal_safe(f"{where}: {instance} in {region}")
    if any(map(CONTROL.search, (instance, region, accelerator))):
        found.leave_out("control characters", said)
        return
    if max(map(len, (instance, region, accelerator))) > LONGEST_NAME or not plain(instance):
        found.leave_out(f"no name, or one longer than {LONGEST_NAME} characters", said)
        return
    gpu, count = _gpus(item, accelerator, instance, said, found, gpus)
    if not gpu or _is_another_product(item, found, said):
        return
    zone = _GCP_ZONE.fullmatch(region) if found.provider == "gcp" else None
    place = plain(zone[1] if zone else region)
    try:
        price = read_price(repr(float(item.price)))
    except ValueError:
        found.leave_out("price is not a number above zero", f"{said}: {item.price}", gpu)
        found.unpriced.add(Unpriced(gpu, count, plain(instance), place))
        return
    spot = bool(item.spot)
    listing = Listing(
        where,
        found.provider,
        gpu,
        count,
        plain(instance),
        place,
        None if spot else price,
        price if spot else None,
        marketplace=_is_marketplace(found.provider, region),
    )
    found.listings.append(listing)


def _gpus(
    item: Any, accelerator: str, instance: str, said: str, found: Found, gpus: Mapping[str, Gpu]
) -> tuple[str, int]:
    """The item's GPU model and number; no name, and counted, where there is no such thing."""
    cut = tpu_slice(accelerator)
    if cut is not None:
        return found.one_host(cut, gpus, said) or ("", 0)
    memory = float(item.gpu_memory or 0)
    known = identify(found.provider, accelerator, instance, gpus, memory)
    if not known.gpu:
        found.unknown(known, f"{said} ({terminal_safe(accelerator)}, {memory:g} GB)")
        return "", 0
    try:
        return known.gpu, read_count(str(item.gpu_count))
    except ValueError:
        found.leave_out("GPU count is not a whole number", said, known.gpu)
        return "", 0


def _is_another_product(item: Any, found: Found, said: str) -> bool:
    """Whether the price is not that of an instance on its own; if so, it is counted."""
    data = item.provider_data if isinstance(item.provider_data, dict) else {}
    if data.get("is_dws_calendar_mode"):
        found.leave_out(RESERVATION, said)
        return True
    if "runpod-cluster" in item.flags:
        found.leave_out(CLUSTER, said)
        return True
    return False


def _is_marketplace(provider: str, region: str) -> bool:
    third_party = provider == "runpod" and _COUNTRY.fullmatch(region) is not None
    return provider in MARKETPLACES or third_party


@contextmanager
def _quiet() -> Iterator[list[str]]:
    """What gpuhunt logs, as lines, instead of on the terminal."""
    said: list[str] = []

    class Lines(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(record.getMessage().partition("\n")[0])

    logger, lines = logging.getLogger("gpuhunt"), Lines(logging.WARNING)
    spread = logger.propagate
    logger.addHandler(lines)
    logger.propagate = False
    try:
        yield said
    finally:
        logger.propagate = spread
        logger.removeHandler(lines)


@contextmanager
def _timeout() -> Iterator[None]:
    """A limit on connections that gpuhunt opens without one."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(TIMEOUT_S)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


def _in_a_line(error: Exception) -> str:
    said = terminal_safe(str(error).partition("\n")[0])[:200]
    return f"{type(error).__name__}: {said}" if said else type(error).__name__
