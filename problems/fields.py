"""What people write into one field of a question, read into what is stored."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from catalog.vocabulary import (
    CAPACITY_ALIASES,
    CAPACITY_LEVELS,
    FABRIC_ALIASES,
    FABRIC_GROUPS,
    FABRICS,
    PRICING_ALIASES,
    PRICINGS,
    PUBLISHED,
    squeezed,
)
from problems.config_file import STDIN, config_text, read_stdin
from problems.mistakes import did_you_mean, shown
from problems.quantities import (
    PARAMETERS,
    QuantityError,
    parse_positive_int,
    parse_tflops,
    say_count,
    split_quantity,
)

GOALS = ("cost", "time")
# The fields that say how fast a GPU is, of which one may be given.
SPEEDS = ("mfu", "tflops_per_gpu", "tokens_per_second_per_gpu")
# No rate or price that is asked for is larger.
LARGEST_RATE = 100_000
# An MFU over a peak that a framework takes for too low can be above 1, but not by more than this.
LARGEST_LOGGED_MFU = 10
# How a figure by our own rule may be marked; it is what a figure without a mark is.
OWN_RULE = ("sixnd", "6nd")


@dataclass(frozen=True, slots=True)
class Logged:
    """A speed as a training framework logs it, counted and divided in that framework's own way."""

    value: float
    framework: str

    def __str__(self) -> str:
        """As people write it, and as it is read back."""
        return f"{say_count(self.value)}@{self.framework}"


def read_text(written: object) -> str:
    """A name, without the spaces around it."""
    if not isinstance(written, str):
        raise QuantityError(f"{shown(written)} is not text; expected a name in quotes")
    return written.strip()


def read_model(written: object) -> str:
    """A model as written; a bare number is a size, a table or what stdin holds a config.json."""
    if isinstance(written, Mapping):
        return config_text(written)
    if isinstance(written, (int, float)) and not isinstance(written, bool):
        return say_count(written) if 1 <= written <= PARAMETERS.most else str(written)
    text = read_text(written)
    if not text:
        raise QuantityError("is empty; expected a size such as 70B or a preset")
    return read_stdin() if text == STDIN else text


def read_names(written: object) -> tuple[str, ...]:
    """Names from a list, or from one string with commas; each once, in the order written."""
    parts = written.split(",") if isinstance(written, str) else written
    if not isinstance(parts, Iterable) or isinstance(parts, (Mapping, bytes)):
        raise QuantityError(f"{shown(written)} is not a list; expected names such as ['a', 'b']")
    names = []
    for part in parts:
        name = read_text(part)
        if not name:
            raise QuantityError(f"{shown(written)} has an empty name; expected names like 'a, b'")
        names.append(name)
    return tuple(dict.fromkeys(names))


def read_pricing(written: object) -> tuple[str, ...]:
    """Kinds of price: 'on-demand, spot' is on_demand and spot."""
    return tuple(
        dict.fromkeys(read_choice(name, PRICINGS, PRICING_ALIASES) for name in read_names(written))
    )


def read_fabrics(written: object) -> tuple[str, ...]:
    """Networks between nodes; 'rdma' and 'fast' stand for several."""
    words = tuple(dict.fromkeys((*FABRICS, *FABRIC_GROUPS)))
    return tuple(
        dict.fromkeys(read_choice(name, words, FABRIC_ALIASES) for name in read_names(written))
    )


def read_capacity(written: object) -> str:
    """How capacity may be had: self_serve, approval, quota or contract, or published sizes."""
    return read_choice(written, (*CAPACITY_LEVELS, PUBLISHED), CAPACITY_ALIASES)


def read_choice(
    written: object, choices: Sequence[str], aliases: Mapping[str, str] = MappingProxyType({})
) -> str:
    """One of ``choices``, or another name of one, forgiving case, spaces and dashes."""
    text = read_text(written).lower()
    known = {**aliases, **{squeezed(choice): choice for choice in choices}}
    if squeezed(text) in known:
        return known[squeezed(text)]
    listed = ", ".join(choices)
    hint = did_you_mean(text, choices)
    tail = f"; {hint}" if hint.startswith("did") else ""
    raise QuantityError(f"unknown choice {shown(written)}; expected one of {listed}{tail}")


def read_stack(written: object) -> str:
    """The name of a training stack, in the spelling of names; the catalog knows which there are."""
    name = read_text(written).lower().replace("-", "_").replace(" ", "_")
    if not name:
        raise QuantityError("is empty; expected a stack such as torchtitan, or typical or tuned")
    return name


def read_share(written: object) -> float:
    """A share above 0 and at most 1; '42%' is 0.42."""
    share = _share(written, "0.42")
    if not 0 < share <= 1:
        what = f"{shown(written)} is out of range; expected a share above 0 and at most 1"
        raise QuantityError(f"{what}; write 0.42 for 42 %")
    return share


def read_confidence(written: object) -> float:
    """A share above a half and below 1; '90%' is 0.9."""
    share = _share(written, "0.9")
    if not 0.5 < share < 1:
        what = f"{shown(written)} is out of range; expected a share above 0.5 and below 1"
        raise QuantityError(f"{what}; write 0.9 for nine times in ten")
    return share


def _share(written: object, example: str) -> float:
    """A number, or a percentage as a share of 1."""
    found = split_quantity(written) if isinstance(written, str) else None
    if found and found[1] in ("", "%"):
        number = float(found[0].replace(",", "").replace("_", ""))
        return number / 100 if found[1] == "%" else number
    if isinstance(written, (int, float)) and not isinstance(written, bool):
        return float(written)
    raise QuantityError(f"{shown(written)} is not a share; expected a number such as {example}")


def read_mfu(written: object) -> float | str | Logged:
    """An MFU: a share, one of a framework (0.42@torchtitan), or a CSV file with gpus and mfu."""
    if isinstance(written, Logged):
        return written
    if isinstance(written, str) and written.strip().lower().endswith(".csv"):
        return written.strip()
    if (parts := _split_framework(written)) is not None:
        return _logged_mfu(*parts)
    if isinstance(written, str) and split_quantity(written) is None:
        expected = "expected a share such as 0.42, or a .csv file with the columns gpus and mfu"
        raise QuantityError(f"{shown(written)} is no MFU; {expected}")
    return read_share(written)


def _logged_mfu(figure: str, framework: str) -> float | Logged:
    """A framework's MFU; it may be above 1, where the framework divides by too low a peak."""
    if figure.lower().endswith(".csv"):
        what = f"{shown(figure)} is a curve, which is read as 6·N·D over the dense peak"
        raise QuantityError(f"{what}; expected it without @{framework}; convert its column mfu")
    if framework in OWN_RULE:
        return read_share(figure)
    share = _share(figure, "0.42")
    if not 0 < share <= LARGEST_LOGGED_MFU:
        what = f"{shown(figure)} is out of range; expected a share above 0"
        what += f" and at most {LARGEST_LOGGED_MFU}"
        raise QuantityError(f"{what}; write 0.42@{framework} for 42 %")
    return Logged(share, framework)


def read_pilot(written: object) -> str:
    """The path of a CSV file with steps that were measured."""
    path = read_text(written)
    if not path.lower().endswith(".csv"):
        expected = "expected a .csv file with the columns gpu, gpus and tokens_per_sec_per_gpu"
        raise QuantityError(f"{shown(written)} is no pilot; {expected}")
    return path


def read_tflops(written: object) -> float | Logged:
    """Useful TFLOP/s of one GPU, by 6·N·D or as a framework counts it: 400@megatron."""
    if isinstance(written, Logged):
        return written
    if (parts := _split_framework(written)) is None:
        return parse_tflops(written)
    figure, framework = parts
    tflops = parse_tflops(figure)
    return tflops if framework in OWN_RULE else Logged(tflops, framework)


def _split_framework(written: object) -> tuple[str, str] | None:
    """The figure and the framework of '0.42@torchtitan'; None without an @."""
    if not isinstance(written, str) or "@" not in written:
        return None
    figure, _, framework = (part.strip() for part in written.rpartition("@"))
    if not framework:
        expected = "expected a training framework after the @, such as 0.42@torchtitan"
        raise QuantityError(f"{shown(written)} names no framework; {expected}; or leave out the @")
    return figure, framework.lower()


def read_not_negative(written: object) -> float:
    """A plain number, zero or more."""
    found = split_quantity(written) if isinstance(written, str) else None
    if found and found[1] == "":
        number = float(found[0].replace(",", "").replace("_", ""))
    elif isinstance(written, (int, float)) and not isinstance(written, bool):
        number = float(written)
    else:
        raise QuantityError(f"{shown(written)} is not a number; expected one such as 0.5")
    if not 0 <= number <= LARGEST_RATE:
        what = f"{shown(written)} is out of range"
        raise QuantityError(f"{what}; expected a number from 0 to {LARGEST_RATE:,}")
    return number


def read_gpus_by_name(written: object, what: str) -> dict[str, int]:
    """Names, each with a number of GPUs; ``what`` says whose names they are."""
    if not isinstance(written, Mapping):
        expected = f"expected {what} with their GPUs: {{ name = 4096 }}"
        raise QuantityError(f"{shown(written)} is not a table; {expected}")
    return {read_text(name): parse_positive_int(gpus) for name, gpus in written.items()}
