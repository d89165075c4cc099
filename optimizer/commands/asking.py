"""A command line read as a question, and mistakes told in the options they were made in."""

import math
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from optimizer.market.curve_file import CurveError
from problems import ProblemError, Question, load_problem
from problems.command import option_of
from problems.config_file import is_config
from problems.document import LONGEST_NAME
from problems.fields import read_choice, read_not_negative
from problems.load import key_in_file
from problems.mistakes import keys_of, relabeled, shown
from problems.presets import find_presets
from problems.quantities import QuantityError
from problems.question import ROWS, question_from

SOLVERS = ("highs", "cbc")
LONGEST_WHOLE = 18
FEWEST_POINTS, MOST_POINTS = 2, 10**9
LARGEST_RATIO = 100_000
PLOT_SUFFIXES = (".svg", ".png", ".html")
# Options of the form NAME=GPUS, and how they are written.
NAMED_SIZES = {
    key: row.option.pairs for key, row in ROWS.items() if row.option and row.option.pairs
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and where a mistake in it is: in an option, or in a key of the problem file."""

    question: Question
    place: Callable[[str], str]

    @contextmanager
    def mistakes_placed(self) -> Iterator[None]:
        """Say of the mistakes found on the way to the answer where they were made."""
        try:
            yield
        except CurveError as error:
            raise ProblemError([self.place(f"mfu: {error}")]) from None
        except ProblemError as error:
            raise ProblemError([self.place(self._of_fleet(m)) for m in error.mistakes]) from None

    def expect_open_fleet(self) -> None:
        """Refuse a question whose fleet is given where the answer would be a fleet."""
        if self.question.fleet is not None:
            what = "the fleet is given and nothing is left to choose; expected a question without"
            raise ProblemError([f"fleet: {what} one; ask `sixnd estimate`"])

    def _of_fleet(self, mistake: str) -> str:
        """The GPU of a given fleet is the fleet's, not one to choose from."""
        given = self.question.fleet is not None and keys_of(mistake) == ["gpu"]
        return f"fleet.{mistake}" if given else mistake


def read_question(
    model: object, options: Mapping[str, object], say: Callable[[str], str] | None = None
) -> Asked:
    """The question of a command line: MODEL or a problem file, options over the file's keys.

    ``say`` is how a field is called by who asks: by default as the option that sets it.
    """
    say = say or option_name
    given = {
        key: _joined(key, value, say)
        for key, value in options.items()
        if value not in (None, (), [])
    }
    given.pop("model", None)
    place: Callable[[str], str] = partial(relabeled, say=say)
    if isinstance(model, str) and _is_file(model):
        place = _placed_in(Path(model).name, given, say)
        return Asked(load_problem(model, given, place), place)
    try:
        return Asked(question_from({**given, "model": model}), place)
    except ProblemError as error:
        raise ProblemError([place(mistake) for mistake in error.mistakes]) from None


def _joined(key: str, value: object, say: Callable[[str], str]) -> object:
    """Options that repeat as what a problem file would hold; each may hold commas."""
    if not isinstance(value, (list, tuple)) or not all(isinstance(one, str) for one in value):
        return value
    return _sizes(key, value, say(key)) if key in NAMED_SIZES else ",".join(value)


def names(written: list[str] | None) -> list[str]:
    """The names of an option that repeats, several in one with commas."""
    parts = (part.strip() for one in written or [] for part in one.split(","))
    return [part for part in parts if part]


def _sizes(key: str, written: list[str] | tuple[str, ...], option: str) -> dict[str, str]:
    """'class=1024' as {'class': '1024'}; commas may separate several."""
    sizes: dict[str, str] = {}
    expected = NAMED_SIZES[key]
    for pair in names(list(written)):
        name, found, size = pair.partition("=")
        name = name.strip()
        if not found:
            raise ProblemError([f"{option}: {shown(pair)} has no '='; expected {expected}"])
        if name in sizes:
            what = f"{option}: {shown(name)} is given more than once"
            raise ProblemError([f"{what}; expected one size; leave out the others"])
        sizes[name] = size
    return sizes


def read_rates(written: list[str] | None) -> dict[str, float]:
    """'EUR=1.09' as {'EUR': 1.09}: USD of one unit of each currency."""
    if not written:
        return {}
    from catalog.quote_prices import checked_rates

    expected = "expected a currency and the USD of one unit: EUR=1.09"
    rates: dict[str, float] = {}
    for pair in names(written):
        code, _, rate = (part.strip() for part in pair.partition("="))
        try:
            read = checked_rates({code: float(rate)})
        except ValueError:
            raise ProblemError([f"--fx: {shown(pair)}; {expected}"]) from None
        for currency, usd in read.items():
            if rates.setdefault(currency, usd) != usd:
                what = f"--fx: {currency} at {rates[currency]:g} and at {usd:g}"
                raise ProblemError([f"{what}; expected one rate; leave out the other"])
    return rates


def _is_file(model: str) -> bool:
    """Whether MODEL is a problem file: it has a file's ending, or is there and is no model."""
    if is_config(model):
        return False
    if re.search(r"\.[a-z]{3,4}$", model.strip().lower()):
        return True
    is_name = re.match(r"\s*[-+]?(\.?[0-9]|$)", model) or find_presets(model)
    return not is_name and 0 < len(model.strip()) <= LONGEST_NAME and Path(model).exists()


def option_name(field: str) -> str:
    """The option that sets a field of the question; what is no field stays as it is."""
    if field.partition(".")[0] not in ROWS:
        return field
    key = field.removeprefix("fleet.")
    return option_of(key, ROWS.get(key))


@contextmanager
def placed_in_options() -> Iterator[None]:
    """Say of mistakes in the fields of a question in which options they were made."""
    try:
        yield
    except ProblemError as error:
        raise ProblemError([relabeled(m, option_name) for m in error.mistakes]) from None


def _placed_in(
    file: str, given: Mapping[str, object], say: Callable[[str], str]
) -> Callable[[str], str]:
    """Mistakes in the keys of a problem file, or in the options that took their place."""
    fleet = given.get("fleet")
    typed = {f"fleet.{key}" for key in fleet} if isinstance(fleet, Mapping) else set()
    typed |= set(given) - {"fleet"}

    def is_typed(mistake: str, key: str) -> bool:
        # What a command asks for and the file lacks has to come from an option as well.
        lacking = fleet is not None and key.startswith("fleet.") and ": is missing" in mistake
        return key in typed or lacking

    def place(mistake: str) -> str:
        keys = keys_of(mistake)
        own = {key: say(key) for key in keys if is_typed(mistake, key)}
        said = relabeled(mistake, lambda key: own.get(key) or key_in_file(key))
        return said if keys and len(own) == len(keys) else f"{file}: {said}"

    return place


def read_solver(written: str, option: str = "--solver") -> str:
    """One of the solvers."""
    return read_one_of(option, written, SOLVERS)


def read_one_of(option: str, written: str, choices: tuple[str, ...]) -> str:
    """One of a few words, given to an option."""
    try:
        return read_choice(written, choices)
    except QuantityError as error:
        raise ProblemError([f"{option}: {error}"]) from None


def read_seconds(written: str | float, option: str = "--time-limit") -> float:
    """The solver's time limit, seconds."""
    try:
        seconds = float(written)
    except (TypeError, ValueError):
        seconds = math.nan
    if not 0 < seconds < math.inf:
        what = f"{option}: {shown(written)}"
        raise ProblemError([f"{what}; expected a number of seconds above 0, such as 60"])
    return seconds


def read_whole(option: str, written: str, least: int, most: int, or_else: str = "") -> int:
    """A whole number within bounds, given to an option; ``or_else`` is what else it may be."""
    plain = written.strip().replace(",", "").replace("_", "")
    number = int(plain) if plain.isdecimal() and len(plain) <= LONGEST_WHOLE else least - 1
    if not least <= number <= most:
        what = f"{option}: {shown(written)}"
        raise ProblemError([f"{what}; expected a whole number from {least:,} to {most:,}{or_else}"])
    return number


def read_points(written: str, option: str = "--points") -> int:
    """How many plans of a frontier at most, or all of them."""
    if written.strip().lower() == "all":
        return sys.maxsize
    return read_whole(option, written, FEWEST_POINTS, MOST_POINTS, ", or all")


def read_ratio(written: str | float | None, option: str = "--tokens-per-parameter") -> float | None:
    """Tokens for each parameter; None where it was not given."""
    if written is None:
        return None
    try:
        ratio = read_not_negative(written)
    except QuantityError as error:
        raise ProblemError([f"{option}: {error}"]) from None
    if not 0 < ratio <= LARGEST_RATIO:
        what = f"{option}: {ratio:g} is out of range"
        raise ProblemError([f"{what}; expected a number above 0, at most {LARGEST_RATIO:,}"])
    return ratio


def check_place(option: str, path: Path) -> None:
    """Refuse a place where no file can be written, before anything is decided."""
    where = f"{option}: {shown(str(path))}"
    if path.is_dir():
        raise ProblemError([f"{where} is a directory; expected a file to write; name one in it"])
    if path.exists() and not path.is_file():
        raise ProblemError([f"{where} is not a regular file; expected a file to write"])
    if not path.parent.is_dir():
        what = f"there is no folder {shown(str(path.parent))}"
        raise ProblemError([f"{where}: {what}; expected a file to write; make the folder first"])


def check_plot(path: Path) -> None:
    """Refuse a place for a chart that cannot be written, or whose ending names no form of one."""
    check_place("--plot", path)
    check_ending("--plot", path, PLOT_SUFFIXES)


def check_ending(option: str, path: Path, endings: tuple[str, ...]) -> None:
    """Refuse a file whose ending is none of these."""
    if path.suffix.lower() not in endings:
        what = f"{option}: {shown(str(path))} has an unknown ending"
        raise ProblemError([f"{what}; expected one of {', '.join(endings)}"])
