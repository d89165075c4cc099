"""How a command line is read: options by subject in the help, each once, mistakes in words."""

import re
from typing import Any

import typer
from typer.core import TyperCommand

from problems.mistakes import ProblemError, did_you_mean, shown

# Typer carries its own click in newer versions, so the base of its exceptions is found, not named.
UsageError: type[Any] = typer.BadParameter.__bases__[0]
REST = "Other options"


class Command(TyperCommand):
    """A command that lists its options by subject and takes each that holds one value once."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write one section for each subject, in the order of the parameters, the rest last."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record is not None:
                subject = getattr(param, "rich_help_panel", None) or REST
                if param.param_type_name == "argument":
                    # 'MODEL <str>' names a type of Python.
                    subject, record = "Arguments", (record[0].partition(" <")[0], record[1])
                sections.setdefault(subject, []).append(record)
        rest = {REST: sections.pop(REST)} if REST in sections else {}
        for subject, records in {**sections, **rest}.items():
            with formatter.section(subject):
                formatter.write_dl(records)

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """The parts of the usage line; what is needed stands there without braces."""
        return [
            piece.replace("{", "").replace("}", "") for piece in super().collect_usage_pieces(ctx)
        ]

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the arguments; of two values for one option none is silently dropped."""
        _, _, order = self.make_parser(ctx).parse_args(args=list(args))
        once = [p for p in order if p.param_type_name == "option" and not _may_repeat(p)]
        twice = dict.fromkeys(p.opts[-1] for p in once if once.count(p) > 1)
        if twice:
            what = "is given more than once; expected one value; leave out the others"
            raise ProblemError([f"{option}: {what}" for option in twice])
        return super().parse_args(ctx, args)


def _may_repeat(option: Any) -> bool:
    return bool(option.multiple or option.is_flag or option.is_eager)


def in_words(error: Any) -> str:
    """A mistake in the use of the command as one line: what is wrong, and where to look."""
    said = str(error.format_message()).strip().rstrip(".")
    path = error.ctx.command_path if error.ctx is not None else "sixnd"
    unknown = re.match(r"No such command '(.*?)'", said)
    if unknown:
        # Those of `sixnd`, or of its group `sixnd catalog`.
        known = did_you_mean(unknown[1], error.ctx.command.commands)
        return f"no such command {shown(unknown[1])}; {known}"
    return f"{said[:1].lower()}{said[1:]}; `{path} --help` says what is expected"
