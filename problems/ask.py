"""A question in words as a question: every word understood, or said which was not."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date

from problems.mistakes import ProblemError, nearest
from problems.phrases import FILLERS, GRAMMAR, grammar_words, longest_phrase
from problems.presets import find_presets, presets
from problems.quantities import DURATION, FOREIGN_MONEY, split_quantity
from problems.question import ROWS, Question, make_question
from problems.slots import Known

_LONGEST_QUESTION = 2_000
_PUNCTUATION = "?!.,;:()[]{}\"'`“”"
# Why a word that turns the question into another one is not simply left out.
_NOT_A_PLAN = "only pre-training from scratch is planned"
_HINTS = {
    **dict.fromkeys(("not", "no", "without", "except", "never", "non"), "say what you do want"),
    **dict.fromkeys(("inference", "serve", "serving", "deploy"), _NOT_A_PLAN),
    **dict.fromkeys(("fine-tune", "finetune", "fine-tuning", "finetuning", "lora"), _NOT_A_PLAN),
    **dict.fromkeys(
        ("k", "m", "b", "t"), "in double quotes a shell drops the $5 of $5M: use single"
    ),
    "or": "it joins only GPUs, providers and kinds of price",
}


class AskError(ProblemError):
    """A question in words that was not understood; ``help`` is what would have been."""

    help = GRAMMAR


def understand(
    text: str, gpus: Collection[str], providers: Collection[str], today: date | None = None
) -> Question:
    """The question asked; ``today`` is needed where the text has a date."""
    if len(text) > _LONGEST_QUESTION:
        what = f"{len(text):,} characters; expected at most {_LONGEST_QUESTION:,}"
        raise AskError([f"question: {what}; use a problem file"])
    written = list(_words(text))
    fields, mistakes = _read(written, Known(gpus, providers))
    if "model" not in fields:
        mistakes.append("no model; expected a size such as 70B or a preset such as llama-3.1-405b")
    try:
        fields["deadline"] = _in_days(fields.get("deadline"), today)
        if mistakes:
            raise AskError(mistakes)
        return make_question("", **fields)
    except ProblemError as error:
        raise AskError(list(dict.fromkeys([*mistakes, *error.mistakes]))) from None


def _words(text: str) -> Iterator[str]:
    """The words as written, without the punctuation around them."""
    plain = text.replace("&", " and ").replace("\u2019", "'")
    # '/' joins names as 'or' does; a comma inside 1,000 belongs to the number.
    spaced = re.sub(r"(?<=\w)/(?=\w)|,(?!\d{3}\b)|(?<!\d),", " ", plain)
    # 8xH100 counts GPUs; 8x22B stays whole, it is a size.
    spaced = re.sub(r"\b(\d+)x(?=[A-Za-z])", r"\1 x ", spaced)
    for word in spaced.split():
        bare = word.strip(_PUNCTUATION) if not re.match(r"\.\d", word) else word
        if bare:
            yield bare


def _read(written: Sequence[str], known: Known) -> tuple[dict[str, object], list[str]]:
    """The fields that the words fill, and every word or contradiction that stood in the way."""
    words = [word.lower() for word in written]
    said: dict[str, tuple[object, str]] = {}
    mistakes: list[str] = []
    stumbled: list[str] = []
    at = 0
    while at < len(words):
        reading = longest_phrase(words, at, known)
        is_filler = reading is None and words[at] in FILLERS
        if stumbled and (reading is not None or is_filler):
            mistakes.append(_not_understood(stumbled, known))
            stumbled = []
        if reading is not None:
            phrase = " ".join(written[at : reading.end])
            mistakes += _fill(said, reading.fields, phrase)
        elif not is_filler:
            stumbled.append(written[at])
        at = reading.end if reading is not None else at + 1
    if stumbled:
        mistakes.append(_not_understood(stumbled, known))
    return {field: value for field, (value, _) in said.items()}, mistakes


def _fill(
    said: dict[str, tuple[object, str]], fields: Mapping[str, object], phrase: str
) -> Iterator[str]:
    """Note what a phrase says; yields a mistake where another phrase said otherwise."""
    for field, value in fields.items():
        before = said.setdefault(field, (value, phrase))
        if before[0] != value:
            # A size is the one value that stands alone, so a forgotten word makes a second model.
            hint = "drop one, or write $5M, 5M tokens" if field == "model" else "drop one"
            row = ROWS[field].words
            assert row is not None, "a field that words fill says how"
            yield f"two {row.many}: {before[1]!r} and {phrase!r}; expected one; {hint}"


def _in_days(deadline: object, today: date | None) -> object:
    """The deadline as a duration; only 'by 2026-12-31' needs to know the day."""
    if not isinstance(deadline, str) or not deadline.startswith("by "):
        return deadline
    if today is None:
        raise AskError([f"{deadline!r}: a date needs today's date; say 'in 30 days' instead"])
    days = (date.fromisoformat(deadline.removeprefix("by ")) - today).days
    if days <= 0:
        raise AskError([f"{deadline!r} is not after today, {today}; expected a later day"])
    return f"{days}d"


def _not_understood(words: Sequence[str], known: Known) -> str:
    """Exactly the words that nothing was made of, and what to write instead."""
    what = f"not understood: {' '.join(words)!r}"
    for word in words:
        if word.lower() in _HINTS:
            return f"{what}; {_HINTS[word.lower()]}"
        if FOREIGN_MONEY.search(word):
            return f"{what}; money is in USD, such as $5M; convert it first"
        fitting = [shape.name for shape in find_presets(word)]
        if len(fitting) > 1:
            return f"{what}; fits several presets, say which: {', '.join(fitting)}"
    vocabulary = _vocabulary(known)
    near = {word: nearest(word, vocabulary) for word in words if word.lower() not in vocabulary}
    hints = [f"{found[0]!r} for {word!r}" for word, found in near.items() if found]
    if hints:
        return f"{what}; nearest known: {', '.join(hints)}"
    if any(split_quantity(word) for word in words):
        return f"{what}; say what the number is: $5M, 5M tokens, 30 days, 512 GPUs"
    return what


def _vocabulary(known: Known) -> set[str]:
    """Every word that means something here, short units left out: they are like anything."""
    units = {unit for unit in DURATION.units if len(unit) > 2}
    names = {*known.gpus, *known.providers, *(shape.name for shape in presets())}
    return grammar_words() | units | {name.lower() for name in names}
