"""What a price is of, and in which money: 'EUR per node-month', 'USD/chip-hour', 'monthly'."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from catalog.columns import CellError
from catalog.units import HOURS_PER_MONTH, HOURS_PER_YEAR
from catalog.vocabulary import HOURS_OF

Thing = Literal["gpu", "node", "core"]
UNITS_READ = (
    "GPU-hour, GPU-month, GPU-year, node-hour, node-month, node-year, chip-hour or core-hour"
)

_SYMBOLS = {"€": "EUR", "£": "GBP", "₹": "INR", "₩": "KRW", "₪": "ILS", "zł": "PLN"}
_DOLLARS = {"us": "USD", "ca": "CAD", "c": "CAD", "a": "AUD", "au": "AUD"} | {
    "nz": "NZD",
    "s": "SGD",
    "sg": "SGD",
    "hk": "HKD",
    "r": "BRL",
    "nt": "TWD",
}
_CODES = (
    *("usd", "eur", "gbp", "chf", "jpy", "cny", "inr", "cad", "aud", "nzd", "sgd", "hkd", "sek"),
    *("nok", "dkk", "krw", "brl", "pln", "czk", "huf", "ron", "twd", "aed", "sar", "zar", "ils"),
    *("mxn", "thb", "myr", "idr", "isk"),
)
_CURRENCIES = {code: code.upper() for code in _CODES} | {
    "euro": "EUR",
    "dollar": "USD",
    "pound": "GBP",
    "sterling": "GBP",
    "yen": "JPY",
    "yuan": "CNY",
    "rmb": "CNY",
    "rupee": "INR",
}
_ONE_OF_SEVERAL = {
    "¥": "yen or yuan; write JPY or CNY",
    "kr": "several crowns; write SEK, NOK or DKK",
    "franc": "several francs; write CHF",
    "p": "pence or something else; write GBP",
}
# A hundredth of a currency, and the currency where only one has it.
_CENTS = {"cent": None, "¢": None, "us¢": "USD", "ct": None, "penny": "GBP", "pence": "GBP"}
_THINGS: dict[str, Thing] = {
    **dict.fromkeys(("gpu", "accelerator", "chip", "card"), "gpu"),
    **dict.fromkeys(("node", "server", "machine", "instance", "system", "host", "box"), "node"),
    **dict.fromkeys(("core", "tensorcore"), "core"),
}
_HOURS = HOURS_OF | {
    "hourly": 1.0,
    "daily": 24.0,
    "weekly": 168.0,
    "monthly": HOURS_PER_MONTH,
    **dict.fromkeys(("quarter", "quarterly"), HOURS_PER_YEAR / 4),
    **dict.fromkeys(("yearly", "annual", "annually"), HOURS_PER_YEAR),
}
_TOGETHER: dict[str, tuple[Thing, float]] = {
    **dict.fromkeys(("gpuh", "gpuhr", "gpuhour"), ("gpu", 1.0)),
}
_JOINING = {
    *("price", "priced", "rate", "cost", "quoted", "list", "net", "per", "a", "an", "of", "for"),
    *("in", "the", "/", "-", "–", "(", ")", "[", "]", "_", ".", ",", ":", "tensor"),
}
# Words that say nothing where one of these follows, and are not known else.
_MEANT_BY_THE_NEXT = {"unit": ("price", "cost", "rate"), "tpu": ("chip", "core", "chips", "cores")}
# What is no GPU for any time, each with why.
_OTHERWISE = {
    **dict.fromkeys(("vcpu", "cpu"), "is a processor's price, not a GPU's"),
    **dict.fromkeys(
        ("rack", "pod", "cluster", "slice", "superpod", "reservation", "contract", "total"),
        "does not say of how many GPUs",
    ),
    **dict.fromkeys(("token", "tok", "request", "query", "image"), "is a price of work, not time"),
    **dict.fromkeys(("gb", "gib", "tb", "tib", "mb"), "is a price of data or memory"),
    **dict.fromkeys(("kw", "kwh", "mw", "mwh", "watt"), "is a price of power"),
    **dict.fromkeys(
        ("tflop", "tflops", "pflop", "pflops", "eflop", "flop", "flops"),
        "is a price of speed or work, not of a GPU",
    ),
    **dict.fromkeys(("credit", "point"), "is no money"),
    **dict.fromkeys(("user", "seat", "license"), "is no price of a GPU"),
}
# Sentences of more words than any unit has are not looked through.
_MOST_TOKENS = 24
_TOKEN = re.compile(r"zł|[a-z]*[$¢]|[a-z]+|[0-9]+|[^\sa-z0-9]", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z]{2})(?=[A-Z][a-z])|(?<=[a-z]{3})(?=GPU)")


@dataclass(frozen=True, slots=True)
class Said:
    """What words say of a price; None for what they leave open.

    ``hours`` are those that the price pays for, ``cents`` that it is in hundredths of the
    currency. ``gpus`` are those of the node that is meant, or that the price is of. ``others``
    are words that say none of this.
    """

    currency: str | None = None
    cents: bool = False
    thing: Thing | None = None
    hours: float | None = None
    gpus: int | None = None
    others: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing is said at all."""
        return self == Said()


_TWICE = {
    "currency": "two currencies",
    "thing": "two things that the price is of",
    "hours": "two lengths of time",
    "gpus": "two numbers of GPUs",
}


def is_currency(word: str) -> bool:
    """Whether a word in lower case is a currency's code, sign or name."""
    return word in _CURRENCIES or word in _SYMBOLS or word == "usd"


def currency_in(header: str) -> str | None:
    """The currency that a header of sums names: 'egress (EUR/GB)'; CellError for two of them."""
    words = _Words()
    for token in _TOKEN.findall(header):
        word = token.lower()
        if is_currency(word) or word.endswith("$"):
            _takes_meaning(words, word)
    return words.said().currency


class _Words:
    """Words taken one by one; CellError where two of them say different things."""

    def __init__(self) -> None:
        self.found: dict[str, Any] = {}
        self.dollar = False
        self.others: list[str] = []

    def says(self, name: str, value: object) -> None:
        """Note a value; 'EUR' and 'CHF' beside one figure contradict each other."""
        if self.found.setdefault(name, value) != value:
            raise CellError(f"names {_TWICE[name]}; expected one")

    def said(self) -> Said:
        """What was noted; a bare $ is the dollar that a code names, or else the US one."""
        if self.dollar and self.found.get("currency") not in _DOLLARS.values():
            self.says("currency", "USD")
        return Said(**self.found, others=tuple(self.others))


@lru_cache(maxsize=4096)
def words_of(text: str) -> Said:
    """What the words of a header, a unit or the text beside a figure say of a price.

    CellError for units that no GPU is sold in, and for money that could be two currencies.
    """
    tokens = _TOKEN.findall(_CAMEL.sub(" ", text))
    words = _Words()
    if len(tokens) > _MOST_TOKENS:
        return Said(others=(" ".join(text.split()),))
    for place, token in enumerate(tokens):
        _take(words, token, tokens[place + 1 : place + 3])
    return words.said()


def _take(words: _Words, token: str, following: list[str]) -> None:
    word = token.lower()
    single = word[:-1] if len(word) > 2 and word.endswith("s") else word
    if word in _JOINING or single in _JOINING:
        return
    if following and following[0].lower() in _MEANT_BY_THE_NEXT.get(word, ()):
        return
    for one in (word, single):
        if one in _OTHERWISE:
            raise CellError(f"a price per {one} {_OTHERWISE[one]}; expected one per {UNITS_READ}")
        if one in _ONE_OF_SEVERAL:
            raise CellError(f"{one!r} may be {_ONE_OF_SEVERAL[one]}")
        if _takes_meaning(words, one):
            return
    if (
        word.isdigit()
        and {"gpu", "gpus"} & {each.lower() for each in following}
        and 0 < int(word) <= 1024
    ):
        words.says("gpus", int(word))
    else:
        words.others.append(token)


def _takes_meaning(words: _Words, word: str) -> bool:
    """Whether the word is one of money, thing or time, which is then noted."""
    if word == "$":
        words.dollar = True
    elif word.endswith("$") and word[:-1] in _DOLLARS:
        words.says("currency", _DOLLARS[word[:-1]])
    elif word in _SYMBOLS or word in _CURRENCIES:
        words.says("currency", _SYMBOLS.get(word) or _CURRENCIES[word])
    elif word in _CENTS:
        words.found["cents"] = True
        if _CENTS[word]:
            words.says("currency", _CENTS[word])
    elif word in _TOGETHER:
        words.says("thing", _TOGETHER[word][0])
        words.says("hours", _TOGETHER[word][1])
    elif word in _THINGS:
        _say_thing(words, _THINGS[word])
    elif word in _HOURS:
        words.says("hours", _HOURS[word])
    else:
        return False
    return True


def _say_thing(words: _Words, thing: Thing) -> None:
    """'8-GPU node' is a node: the GPUs in front of it are its size."""
    if "gpus" in words.found and words.found.get("thing") in (None, "gpu"):
        words.found["thing"] = thing
    else:
        words.says("thing", thing)
