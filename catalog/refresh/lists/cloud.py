"""What the lists of large providers have in common: machines by name, rows by their reasons."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from catalog.columns import number
from catalog.inert import terminal_safe
from catalog.refresh.cells import acts, plain
from catalog.refresh.listing import Found, Listing
from catalog.refresh.machines import NOT_KNOWN, Machine, plain_machine
from catalog.refresh.money import Money
from catalog.refresh.price import Price

# No price is as high; a number of 400 digits is none.
_HIGHEST = 1e12
ZERO = "price of zero: nothing is free, so it is no price"
NO_PRICE = "price is not a number"
NO_REGION = "no region"


@dataclass(frozen=True, slots=True)
class Cloud:
    """One provider's list being read: its machines by plain name, and the currency.

    ``day`` is the day that the list states for itself; empty where it does not. What a list has
    for other days than ``today`` is no price.
    """

    found: Found
    machines: Mapping[str, Machine]
    money: Money
    today: date
    day: str = ""

    def machine(self, instance: str, where: str) -> Machine | None:
        """The machine of that name; None, and counted, where it is not known to have GPUs."""
        machine = self.machines.get(plain_machine(instance))
        if machine is None:
            self.out(NOT_KNOWN, f"{where}: {instance or 'no name'}")
        return machine

    def out(self, reason: str, said: str, machine: Machine | None = None) -> None:
        """Count a row as left out."""
        self.found.leave_out(reason, terminal_safe(said), machine.gpu if machine else "")

    def usd(self, price: object, currency: str, where: str, machine: Machine) -> float | None:
        """USD of a price; None, and counted, for zero, no number, or a currency without a rate."""
        try:
            stated = number(str(price), 0, _HIGHEST, low_is_open=False)
        except ValueError:
            self.out(NO_PRICE, f"{where}: {price}", machine)
            return None
        rate = self.money.rate(currency)
        if rate is None:
            reason = f"price in {currency}: expected USD, or its rate in --fx {currency}=..."
            self.out(reason, f"{where}: {price}", machine)
            return None
        if stated == 0:
            self.out(ZERO, where)
            return None
        return stated * rate

    def note(self, currency: str, *said: str) -> str:
        """What an offer says: ``said``, and its conversion."""
        return "; ".join(filter(None, (*said, self.money.remark(currency))))

    def items(
        self, name: str, rows: Iterable[dict[str, Any]]
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        """Each row of a list, counted, and where in the file called ``name`` it stands."""
        for place, row in enumerate(rows, 1):
            self.found.rows += 1
            yield f"{name}: item {place}", row

    def region(self, name: object, where: str) -> str:
        """A region's name; empty, and counted, where there is none."""
        written = name if isinstance(name, str) else ""
        region = "" if acts(written) else plain(written)
        if not region:
            self.out(NO_REGION, where)
        return region

    def sell(self, where: str, machine: Machine, region: str, sold: "Sold") -> None:
        """Add prices on demand, of spot, or of a term, in USD an hour for the machine."""
        offer = (self.found.provider, machine.gpu, machine.gpus, plain(machine.instance), region)
        if sold.hours:
            per_gpu = round((sold.usd or 0.0) / machine.gpus, 4)
            term = Price(*offer, "reserved", per_gpu, 1, sold.hours, sold.note, self.day)
            self.found.terms.append(term)
        else:
            prices = (sold.usd, sold.spot_usd, False, sold.note, self.day)
            self.found.listings.append(Listing(where, *offer, *prices))


@dataclass(frozen=True, slots=True)
class Sold:
    """A price in USD an hour for a machine; ``hours`` are those that it binds for."""

    usd: float | None = None
    spot_usd: float | None = None
    hours: int = 0
    note: str = ""


def field_of(value: Any, *keys: str) -> Any:
    """What lies at a path of keys; None where it does not go on."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects of an array or the values of an object; empty for anything else."""
    held = [*value.values()] if isinstance(value, dict) else value
    return [one for one in held if isinstance(one, dict)] if isinstance(held, list) else []


def text_of(value: object) -> str:
    """A text, stripped; empty for anything else."""
    return value.strip() if isinstance(value, str) else ""
