"""The fields that limit a fleet or say which is best: section [limits], and the goal."""

from functools import partial
from typing import Annotated, Literal

from pydantic import Field

from catalog.units import HOURS_PER_DAY
from problems import say, slots
from problems.fields import GOALS, read_choice, read_confidence, read_gpus_by_name
from problems.quantities import (
    COUNT,
    DURATION,
    GPUS,
    MONEY,
    POWER,
    parse_duration,
    parse_money,
    parse_positive_int,
    parse_power,
    say_count,
    say_duration,
    say_number,
)
from problems.table.row import LIMITS, TOP, Bound, Option, Row, Said, Words, one, pairs
from problems.table.run import Section

_UNDER = "under|below|within|less_than|at_most|up_to|no_more_than|not_more_than"
_AT_MOST = "at_most|up_to|no_more_than|not_more_than|maximum|max"


class LimitFields(Section):
    """What a fleet must keep to, and what is best."""

    deadline: Annotated[
        float | None,
        Row(
            section=LIMITS,
            what="time until the run is done, hours",
            unit="hours",
            read=parse_duration,
            write=one(say_duration),
            option=Option(help="Time until the run is done (default: 90d).", metavar="30d"),
            key="deadline_days",
            value=lambda hours: hours / HOURS_PER_DAY,
            words=Words(
                many="deadlines",
                phrases={
                    f"[in] [{_UNDER}] DURATION": None,
                    f"[with|within] [a] deadline [of|is] [{_AT_MOST}] DURATION": None,
                    "[in|with|within] [a] DURATION deadline": None,
                    "by|before DATE": None,
                },
                slots={"DURATION": slots.quantity(DURATION, bare=False), "DATE": slots.day},
            ),
            others="past the deadline",
            at_best="too slow at best",
            bound=Bound(
                measure="time",
                in_unit=True,
                most=DURATION.most,
                write=say.deadline_option,
                say=say.days,
                say_needed=say.deadline_needed,
            ),
        ),
    ] = None
    max_gpus: Annotated[
        int | None,
        Row(
            section=LIMITS,
            what="most GPUs in the fleet",
            unit="GPUs",
            read=parse_positive_int,
            option=Option(help="Most GPUs in the fleet.", metavar="2048"),
            chosen=True,
            words=Words(
                many="limits on GPUs",
                phrases={
                    f"[on|with|using] [a] [cluster|fleet] [of] [{_AT_MOST}] COUNT [x] "
                    "gpus|gpu|GPUS [gpus|gpu]": None
                },
                slots={"COUNT": slots.quantity(COUNT, bare=True)},
            ),
            said=Said(phrase="on {} at most", words=one(say.gpus)),
            limit="cluster-size limit",
            others="larger than the cluster-size limit",
            at_best="too many GPUs at best",
            bound=Bound(
                measure="gpus",
                most=GPUS.most,
                write="{:.0f}".format,
                say=say.gpus,
                say_needed=say.gpus,
                needs="needs",
            ),
        ),
    ] = None
    budget: Annotated[
        float | None,
        Row(
            section=LIMITS,
            what="most the run may cost, USD",
            unit="USD",
            read=parse_money,
            write=one(say_count),
            option=Option(help="Most the run may cost, USD.", metavar="5M"),
            key="budget_usd",
            words=Words(
                many="budgets",
                phrases={
                    f"[for|with] [{_UNDER}] MONEY [budget]": None,
                    "[on|with|within] [a] MONEY budget": None,
                    f"[on|with|within] [a] budget [of|is] [{_AT_MOST}] AMOUNT": None,
                },
                slots={"MONEY": slots.money, "AMOUNT": slots.amount},
            ),
            said=Said(phrase="for {} at most", words=one(say.usd), place=-1),
            others="over the budget",
            at_best="too expensive at best",
            bound=Bound(
                measure="cost",
                in_unit=True,
                most=MONEY.most,
                write=say.budget_option,
                say=say.usd,
                say_needed=say.budget_needed,
                needs="costs",
            ),
        ),
    ] = None
    power_cap: Annotated[
        float | None,
        Row(
            section=LIMITS,
            what="most power the fleet may draw, kW with cooling",
            unit="kW",
            read=parse_power,
            write=lambda kw: (f"{say_number(kw)}kW",),
            option=Option(help="Most power the fleet may draw, with cooling.", metavar="500kW"),
            key="power_cap_kw",
            chosen=True,
            said=Said(phrase="drawing {} at most", words=one(say.power)),
            others="over the power cap",
            at_best="too much power at best",
            bound=Bound(
                measure="power",
                most=POWER.most,
                write=say.power_option,
                say=say.power,
                say_needed=say.power_needed,
                needs="draws",
            ),
        ),
    ] = None
    confidence: Annotated[
        float | None,
        Row(
            section=LIMITS,
            what="how sure the deadline has to be kept, a share such as 0.9",
            unit="share",
            read=read_confidence,
            option=Option(
                help="How sure the deadline has to be kept (default: as expected).", metavar="0.9"
            ),
            chosen=True,
            said=Said(phrase="the deadline kept {}", words=one(say.times_in_100)),
            limit="confidence in the deadline",
        ),
    ] = None
    quota: Annotated[
        dict[str, int],
        Row(
            section=LIMITS,
            what="most GPUs you may rent of each provider",
            unit="GPUs",
            read=partial(read_gpus_by_name, what="providers"),
            write=pairs,
            option=Option(
                help="Most GPUs you may rent of a provider; repeatable.",
                metavar="aws=512",
                pairs="a provider and its GPUs: aws=512",
            ),
            chosen=True,
            said=Said(phrase="with {} at most", words=say.gpus_of_each, last="", place=1),
            limit="your quota",
            others="more than your quota",
            at_best="more than your quota",
        ),
    ] = Field(default_factory=dict)
    minimize: Annotated[
        Literal["cost", "time"],
        Row(
            section=TOP,
            what="what the plan makes small: cost or time",
            read=partial(read_choice, choices=GOALS),
            option=Option(
                help="Make cost or time small (default: cost).",
                metavar="cost",
                subject=LIMITS,
            ),
            chosen=True,
            words=Words(
                many="goals",
                phrases={
                    "cheapest|cheaply|least_expensive": "cost",
                    "[at] [the] lowest|minimum cost|price": "cost",
                    "fastest|quickest|soonest|as_fast_as_possible|as_soon_as_possible": "time",
                    "[in] [the] shortest|least|minimum time": "time",
                },
            ),
        ),
    ] = "cost"
