"""Numbers as people write them: 70B, 1.4T, 15.6e12, 30d, 6 weeks, $5M, 2k."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, DecimalException

from problems.mistakes import nearest, shown

_NUMBER = r"[+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+(?:_[0-9]+)*)?(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?"
_QUANTITY = re.compile(rf"\s*({_NUMBER})\s*(.*?)\s*", re.IGNORECASE)
_EXPERTS = re.compile(r"\s*([0-9]{1,4})\s*x\s*(.+)", re.IGNORECASE)


class QuantityError(ValueError):
    """A quantity that cannot be read, with the forms that can."""


def _units(words: Mapping[str, str]) -> dict[str, Decimal]:
    """Every spelling of every unit: {'d day days': '24'} becomes three entries."""
    return {word: Decimal(size) for spelled, size in words.items() for word in spelled.split()}


_MAGNITUDES = _units(
    {
        "k thousand": "1e3",
        "m mn million millions": "1e6",
        "b bn billion billions": "1e9",
        "t tn trillion trillions": "1e12",
    }
)
_BARE = {"": Decimal(1)}
_HOURS = _units(
    {
        "min mins minute minutes": "0.01666666666666666666666666667",
        "h hr hrs hour hours": "1",
        "d day days": "24",
        "w wk wks week weeks": "168",
        "mo month months": "720",
        "y yr yrs year years": "8760",
    }
)
# Model cards count context in powers of two: 8k is 8,192.
_CONTEXT = _units({"k": "1024", "m": "1048576"})
_DOLLARS = re.compile(r"us\s*\$|\$|\busd\b|\bus\s+dollars?\b|\bdollars?\b", re.IGNORECASE)
FOREIGN_MONEY = re.compile(
    r"[€£¥₹]|\b(?:eur|gbp|chf|jpy|cny|rmb|inr|cad|aud|sek|euros?|pounds?|yen|yuan)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of quantity: how it is written, its units and what would be absurd."""

    expected: str
    units: Mapping[str, Decimal]
    least: float
    most: float
    bounds: str
    nouns: tuple[str, ...] = ()
    ambiguous: Mapping[str, str] = field(default_factory=dict)


_COUNTS = {**_BARE, **_MAGNITUDES}
COUNT = Kind("a count such as 2k, 70B, 1.4T or 15.6e12", _COUNTS, 1, 1e18, "from 1 to 1e18")
PARAMETERS = Kind(
    "a number of parameters such as 70B, 8x22B or 7e10",
    _COUNTS,
    1e3,
    1e15,
    "from 1,000 to 1e15 parameters",
    ("parameter", "parameters", "params"),
)
TOKENS = Kind(
    "a number of tokens such as 1.4T, 300B or 15.6e12",
    _COUNTS,
    1e3,
    1e18,
    "from 1,000 to 1e18 tokens",
    ("token", "tokens"),
)
DURATION = Kind(
    "a duration such as 30d, 36h, 6 weeks or 2 months (a bare number means days)",
    {**_HOURS, "": Decimal(24)},
    1 / 60,
    100 * 8760,
    "from 1 minute to 100 years",
    ambiguous={"m": "minutes or months? write 30min or 2 months"},
)
MONEY = Kind(
    "an amount in USD such as $5M, 750k, 5 million or 1,000,000",
    _COUNTS,
    1e-4,
    1e15,
    "from 0.0001 to 1e15 USD",
)
GPUS = Kind(
    "a number of GPUs such as 512, 1,024 or 2k", _COUNTS, 1, 1e9, "from 1 to 1e9", ("gpus",)
)
NODES = Kind(
    "a number of nodes such as 32 or 1k",
    _COUNTS,
    1,
    1e9,
    "from 1 to 1e9",
    ("node", "nodes"),
)
RUNS = Kind("a number of runs such as 12", _COUNTS, 1, 1e6, "from 1 to 1e6", ("run", "runs"))
TFLOPS = Kind(
    "useful TFLOP/s of one GPU such as 400",
    _COUNTS,
    1e-3,
    1e5,
    "from 0.001 to 100,000 TFLOP/s",
    ("tflop/s", "tflops"),
)
TOKEN_RATE = Kind(
    "tokens a second of one GPU such as 3400 or 12k",
    _COUNTS,
    1e-3,
    1e9,
    "from 0.001 to 1e9 tokens a second",
    ("token/s", "tokens/s", "tok/s", "tps"),
)
POWER = Kind(
    "a power such as 500 kW or 2 MW (a bare number means kW)",
    _units({"w watt watts": "1e-3", "kw": "1", "mw": "1e3", "gw": "1e6"}) | _BARE,
    1e-3,
    1e8,
    "from 1 W to 100 GW",
)
CONTEXT = Kind(
    "a sequence length in tokens such as 4096 or 8k (8,192)",
    {**_BARE, **_CONTEXT},
    1,
    1e9,
    "from 1 to 1e9 tokens",
    ("token", "tokens"),
)


def parse_count(written: object, kind: Kind = COUNT) -> float:
    """A plain number: '70B' is 7e10."""
    return _parse(written, kind)


def parse_tokens(written: object) -> float:
    """A number of tokens: '1.4T' is 1.4e12."""
    return _parse(written, TOKENS)


def parse_parameters(written: object) -> float:
    """A model size: '70B' is 7e10, '8x22B' is 1.76e11."""
    experts, size = split_experts(written)
    return _bounded(experts * _parse(size, PARAMETERS), written, PARAMETERS)


def split_experts(written: object) -> tuple[int, object]:
    """How many experts a size names, and the size of one: '8x22B' is 8 and '22B'."""
    found = _EXPERTS.fullmatch(written) if isinstance(written, str) else None
    if found is None:
        return 1, written
    if int(found[1]) == 0:
        raise QuantityError(f"{shown(written)} has no experts; expected {PARAMETERS.expected}")
    return int(found[1]), found[2]


def parse_duration(written: object) -> float:
    """Hours: '30d' is 720; a bare number means days."""
    return _parse(written, DURATION)


def parse_money(written: object) -> float:
    """USD: '$5M' is 5e6."""
    if not isinstance(written, str):
        return _parse(written, MONEY)
    foreign = FOREIGN_MONEY.search(written)
    if foreign:
        what = f"{shown(written)} is in {foreign[0]!r}"
        raise QuantityError(f"{what}; expected {MONEY.expected}; convert it to USD first")
    return _parse(_DOLLARS.sub(" ", written).strip(), MONEY, written)


def parse_positive_int(written: object, kind: Kind = GPUS) -> int:
    """A whole number: '2k' is 2000."""
    number = _parse(written, kind)
    if number != int(number):
        raise QuantityError(f"{shown(written)} is not whole; expected {kind.expected}")
    return int(number)


def parse_tflops(written: object) -> float:
    """Useful TFLOP/s of one GPU: '400 TFLOP/s' is 400."""
    return _parse(written, TFLOPS)


def parse_token_rate(written: object) -> float:
    """Tokens a second of one GPU: '3.4k tokens/s' is 3400."""
    return _parse(written, TOKEN_RATE)


def parse_power(written: object) -> float:
    """Kilowatts: '2 MW' is 2000; a bare number means kW."""
    return _parse(written, POWER)


def parse_context(written: object) -> int:
    """Tokens in a sequence: '8k' is 8192."""
    return parse_positive_int(written, CONTEXT)


def split_quantity(text: str) -> tuple[str, str] | None:
    """The number and the lower-case unit of '30 days'; None where it starts with no number."""
    found = _QUANTITY.fullmatch(text)
    if found is None or not any(sign.isdigit() for sign in found[1]):
        return None
    return found[1], found[2].lower()


def _parse(written: object, kind: Kind, whole: str | None = None) -> float:
    """The number in the unit that is stored; ``whole`` is what to quote in an error."""
    if isinstance(written, str):
        return _bounded(_read_text(written, kind, whole or written), whole or written, kind)
    if isinstance(written, bool) or not isinstance(written, (int, float)):
        raise QuantityError(f"{shown(written)} is not a quantity; expected {kind.expected}")
    try:
        number = float(written) * float(kind.units[""])
    except OverflowError:
        number = math.inf
    return _bounded(number, written, kind)


def _read_text(text: str, kind: Kind, whole: str) -> float:
    found = split_quantity(text)
    if found is None:
        raise QuantityError(f"{shown(whole)} is not a quantity; expected {kind.expected}")
    number, unit = found
    words = unit.split()
    if words and words[-1] in kind.nouns:
        unit = " ".join(words[:-1])
    if unit not in kind.units:
        raise QuantityError(_unknown_unit(whole, unit, kind))
    try:
        return float(Decimal(number.replace(",", "").replace("_", "")) * kind.units[unit])
    except (DecimalException, OverflowError):
        return math.inf


def _unknown_unit(written: str, unit: str, kind: Kind) -> str:
    if unit in kind.ambiguous:
        what = f"{shown(written)}: unit {unit!r} is ambiguous: {kind.ambiguous[unit]}"
        return f"{what}; expected {kind.expected}"
    near = nearest(unit, [name for name in kind.units if name])
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return f"{shown(written)}: unknown unit {unit[:20]!r}; expected {kind.expected}{hint}"


def _bounded(number: float, written: object, kind: Kind) -> float:
    """The number, once it is known to be above zero, finite and not absurd."""
    if number <= 0:
        raise QuantityError(f"{shown(written)} is not above zero; expected {kind.expected}")
    if not kind.least <= number <= kind.most:  # also refuses NaN
        what = f"{shown(written)} is out of range; expected {kind.expected}"
        raise QuantityError(f"{what}, {kind.bounds}")
    return number


def say_count(number: float) -> str:
    """The shortest exact way to write a count: 7e10 is '70B'."""
    exact = Decimal(repr(float(number)))
    suffixes = (("T", 12), ("B", 9), ("M", 6), ("k", 3))
    fitting = (pair for pair in suffixes if exact >= Decimal(10) ** pair[1])
    suffix, power = next(fitting, ("", 0))
    return f"{exact.scaleb(-power).normalize():f}{suffix}"


def say_duration(hours: float) -> str:
    """The shortest exact way to write hours: 720 is '30d', 36 is '36h'."""
    if hours % 24 == 0:
        return f"{hours / 24:.0f}d"
    return f"{say_number(hours)}h"


def say_number(number: float) -> str:
    """A number exactly, without an exponent: 0.07 is '0.07', 2000.0 is '2000'."""
    return f"{Decimal(repr(float(number))).normalize():f}"
