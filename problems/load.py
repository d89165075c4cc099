"""A problem file as a question: sections and keys placed, every mistake told at once."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from problems.document import read_document
from problems.mistakes import ProblemError, did_you_mean, nearest, relabeled, shown
from problems.question import FLEET_ROWS, ROWS, Question, question_from
from problems.table.row import FLEET, TOP
from problems.table.row import SECTIONS as PLACES

# The section whose keys are those of a config.json.
SHAPE = "model"
# [fleet] is one field of the question; the keys of the other sections are fields themselves.
_SECTION_OF = {key: row.section for key, row in ROWS.items() if row.section != FLEET}
SECTIONS: dict[str, tuple[str, ...]] = {
    section: tuple(key for key, at in _SECTION_OF.items() if at == section) for section in PLACES
} | {FLEET: tuple(FLEET_ROWS)}


def load_problem(
    path: str | Path,
    overrides: Mapping[str, object] | None = None,
    place: Callable[[str], str] | None = None,
) -> Question:
    """The question a TOML or YAML file asks; ProblemError lists all its mistakes.

    ``overrides`` are fields that take the place of the file's own, key by key in a fleet.
    ``place`` says where a mistake about a field is: in the file, unless the caller knows better.
    """
    path = Path(path)
    place = place or (lambda mistake: f"{path.name}: {relabeled(mistake, key_in_file)}")
    document = read_document(path)
    fields, mistakes = _place(document)
    for key, named in fields.items():
        ending = ROWS[key].path
        if ending and isinstance(named, str) and named.strip().lower().endswith(ending):
            fields[key] = str(path.parent / named.strip())
    told = [f"{path.name}: {mistake}" for mistake in mistakes]
    question = None
    try:
        question = question_from(_merged(fields, overrides or {}))
    except ProblemError as error:
        told += [place(mistake) for mistake in error.mistakes]
    if question is None or told:
        raise ProblemError(told)
    return question


def _merged(fields: dict[str, Any], overrides: Mapping[str, object]) -> dict[str, Any]:
    fleet, changed = fields.get(FLEET), overrides.get(FLEET)
    if isinstance(fleet, dict) and isinstance(changed, Mapping):
        return {**fields, **overrides, FLEET: {**fleet, **changed}}
    return {**fields, **overrides}


def _place(document: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The fields of the question by name, and what stands where nothing is expected."""
    fields: dict[str, Any] = {}
    mistakes: list[str] = []
    for key, value in document.items():
        if key == SHAPE and isinstance(value, dict):
            if isinstance(document.get("run"), dict) and document["run"].get("model") is not None:
                what = "run.model: [model] gives the model as well; expected one of them"
                mistakes.append(f"{what}; leave one out")
            fields.setdefault(SHAPE, value)
        elif key in SECTIONS and key != TOP:
            _place_section(key, value, fields, mistakes)
        else:
            _place_key(TOP, key, value, fields, mistakes)
    return fields, mistakes


def _place_section(section: str, value: Any, fields: dict[str, Any], mistakes: list[str]) -> None:
    if value is None:  # a YAML section with every key commented out
        return
    if not isinstance(value, dict):
        keys = ", ".join(SECTIONS[section])
        what = f"{section}: {shown(value)} is not a section"
        mistakes.append(f"{what}; expected [{section}] with the keys {keys}")
        return
    if section == FLEET:
        fields[FLEET] = {key: held for key, held in value.items() if held is not None}
        return
    for key, held in value.items():
        _place_key(section, key, held, fields, mistakes)


def _place_key(
    section: str, key: Any, value: Any, fields: dict[str, Any], mistakes: list[str]
) -> None:
    if key not in SECTIONS[section]:
        mistakes.append(_misplaced(section, str(key)))
    if key in _SECTION_OF and value is not None:
        # Read a misplaced value all the same: its own mistakes belong in the same report.
        fields.setdefault(key, value)


def _misplaced(section: str, key: str) -> str:
    """Why this key cannot stand here, and where it can or what was meant."""
    here = f"[{section}]" if section else "the top of the file"
    home = _SECTION_OF.get(key)
    if home is not None:
        there = f"belongs in [{home}]" if home else "belongs at the top of the file"
        return f"key {key!r} {there}, not in {here}" if section else f"key {key!r} {there}"
    sections = [name for name in SECTIONS if name]
    if section == TOP:
        return (
            f"unknown key {key!r}; {did_you_mean(key, [*SECTIONS[TOP], *sections, *_SECTION_OF])}"
        )
    # A near miss of this section's own keys is likelier than one of another section's.
    own = nearest(key, SECTIONS[section])
    hint = did_you_mean(key, SECTIONS[section] if own else list(_SECTION_OF))
    return f"unknown key '{section}.{key}'; {hint}"


def key_in_file(field: str) -> str:
    """The field's name as a file has it: deadline is limits.deadline."""
    section = _SECTION_OF.get(field, TOP)
    return f"{section}.{field}" if section else field
