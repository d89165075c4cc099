"""YAML as people write it: keys in order, scripts as blocks."""

from typing import Any

import yaml


class _Blocks(yaml.SafeDumper):
    """Text of several lines stands as a block."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Blocks.add_representer(str, _text)


def as_yaml(data: dict[str, Any]) -> str:
    """One document."""
    return yaml.dump(data, Dumper=_Blocks, sort_keys=False, width=100, allow_unicode=True)
