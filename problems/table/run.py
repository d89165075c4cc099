"""The fields that say what is trained: the name of a question, and its section [run]."""

from functools import partial
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict

from catalog.vocabulary import PRECISIONS
from problems import slots
from problems.fields import read_choice, read_model, read_text
from problems.quantities import (
    CONTEXT,
    COUNT,
    RUNS,
    parse_context,
    parse_parameters,
    parse_positive_int,
    parse_tokens,
    say_count,
)
from problems.table.row import RUN, TOP, Option, Row, Words, one

PrecisionName = Literal["bf16", "fp16", "fp8", "mxfp8", "mxfp4", "nvfp4"]


class Section(BaseModel):
    """Fields that do not change, and no others."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class RunFields(Section):
    """What is trained."""

    name: Annotated[
        str,
        Row(section=TOP, what="a title for reports", read=read_text, called="--title"),
    ] = ""
    model: Annotated[
        str,
        Row(
            section=RUN,
            what="the model as written: a size such as 70B or a preset",
            read=read_model,
            called="MODEL",
            path=".json",
            words=Words(
                many="models",
                phrases={"[for|of] [a|an] MODEL [parameters|parameter|params] [model|llm]": None},
                slots={"MODEL": slots.model},
            ),
        ),
    ]
    active: Annotated[
        float | None,
        Row(
            section=RUN,
            what="active parameters of a mixture of experts",
            unit="parameters",
            read=parse_parameters,
            write=one(say_count),
            option=Option(help="Active parameters of a mixture of experts.", metavar="39B"),
            key="active_parameters",
            words=Words(
                many="numbers of active parameters",
                phrases={"[with] ACTIVE active [parameters|params]": None},
                slots={"ACTIVE": slots.quantity(COUNT, bare=False)},
            ),
        ),
    ] = None
    tokens: Annotated[
        float | None,
        Row(
            section=RUN,
            what="training tokens",
            unit="tokens",
            read=parse_tokens,
            write=one(say_count),
            option=Option(help="Training tokens (default: 20 a parameter).", metavar="1.4T"),
            words=Words(
                many="numbers of tokens",
                phrases={"[on|for|with|over|using] TOKENS tokens|token [of] [data|text]": None},
                slots={"TOKENS": slots.quantity(COUNT, bare=True)},
            ),
        ),
    ] = None
    precision: Annotated[
        PrecisionName | None,
        Row(
            section=RUN,
            what="number format: bf16, fp16, fp8, mxfp8, mxfp4 or nvfp4",
            read=partial(read_choice, choices=PRECISIONS),
            option=Option(
                help="bf16, fp16, fp8, mxfp8, mxfp4 or nvfp4 (default: bf16, else fp16).",
                metavar="bf16",
            ),
            words=Words(
                many="precisions",
                phrases={"[in|with|using|at] PRECISION [precision]": None},
                slots={"PRECISION": slots.one_of(slots.PRECISION_NAMES)},
            ),
            others="without figures in that precision",
            at_best="no figures in that precision",
        ),
    ] = None
    seq_len: Annotated[
        int | None,
        Row(
            section=RUN,
            what="tokens in one sequence",
            unit="tokens",
            read=parse_context,
            option=Option(
                help="Tokens in one sequence (default: the preset's, or 4k).", metavar="8k"
            ),
            words=Words(
                many="context lengths",
                phrases={
                    "[with|at] [a] CONTEXT context|sequence|sequences [length|window]": None,
                    "[with|at] [a] context|sequence [length|window] [of] CONTEXT [tokens]": None,
                },
                slots={"CONTEXT": slots.quantity(CONTEXT, bare=True)},
            ),
        ),
    ] = None
    global_batch: Annotated[
        float | None,
        Row(
            section=RUN,
            what="tokens in one optimizer step",
            unit="tokens",
            read=parse_tokens,
            write=one(say_count),
            option=Option(help="Tokens in one step, whole sequences.", metavar="4194304"),
            key="global_batch_tokens",
            words=Words(
                many="batch sizes",
                phrases={"[with] [a] [global] batch [size] [of] BATCH [tokens]": None},
                slots={"BATCH": slots.quantity(COUNT, bare=True)},
            ),
            others="too few sequences in a batch for the fewest GPUs",
            at_best="too few sequences in a batch for the fewest GPUs",
        ),
    ] = None
    runs: Annotated[
        int,
        Row(
            section=RUN,
            what="how many such runs follow each other on the same fleet",
            unit="runs",
            read=partial(parse_positive_int, kind=RUNS),
            option=Option(
                help="Such runs that follow each other on the same fleet (default: 1).",
                metavar="12",
            ),
            chosen=True,
        ),
    ] = 1
