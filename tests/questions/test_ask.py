"""Questions in words: understood completely, or refused by the very word."""

import contextlib
import shlex
from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from problems import AskError, Question, as_command, make_question, understand
from problems.fields import SPEEDS

GPUS = ["h100", "h100_sxm", "h100_pcie", "a100", "a100_sxm_80gb", "a100_sxm_40gb", "a6000", "l40s"]
GPUS += ["l40", "rtx_4090", "rtx_6000_ada", "gaudi2", "mi300x"]
PROVIDERS = ["aws", "gcp", "lambda", "coreweave", "together"]
TODAY = date(2026, 12, 1)
REPEATED = {"gpu", "exclude_gpu", "provider", "exclude_provider", "region", "exclude_region"}
REPEATED |= {"fabric"}


def ask(text: str) -> Question:
    """The question in these words, on a fixed day."""
    return understand(text, GPUS, PROVIDERS, TODAY)


def refused(text: str) -> str:
    """What is said of these words."""
    with pytest.raises(AskError) as caught:
        ask(text)
    return str(caught.value)


def from_command(command: str) -> Question:
    """The question that a command line asks, its options read as the CLI names them."""
    _, verb, model, *options = shlex.split(command)
    said: dict[str, list[str]] = {}
    for option, value in zip(options[::2], options[1::2], strict=True):
        said.setdefault(option.removeprefix("--").replace("-", "_"), []).append(value)
    fields: dict[str, object] = {
        key: values if key in REPEATED else values[0] for key, values in said.items()
    }
    for key in ("largest_cluster", "quota"):
        if key in said:
            fields[key] = dict(pair.split("=") for pair in said[key])
    if verb == "estimate":
        of_fleet = [key for key in ("gpu", "gpus", "usd_per_gpu_hour") if key in said]
        fields = {key: value for key, value in fields.items() if key not in of_fleet}
        fields["fleet"] = {key: said[key][0] for key in of_fleet}
    return make_question("command", model=model, **fields)


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("cheapest way to train 70B in 30 days", {"deadline": "30d"}),
        ("What's the FASTEST way to train a 70 billion parameter model?", {"minimize": "time"}),
        ("70B, $5M, 512 GPUs", {"budget": "5M", "max_gpus": 512}),
        ("train 70B on 1.4 trillion tokens", {"tokens": "1.4T"}),
        ("70B on 1.4T tokens within 6 weeks", {"tokens": "1.4T", "deadline": "6 weeks"}),
        ("70B by 2026-12-31", {"deadline": "30d"}),
        ("70B with a 30-day deadline", {"deadline": "30d"}),
        ("70B in under 30 days for under $5M", {"deadline": "30d", "budget": "5M"}),
        ("70B below 5 million dollars", {"budget": "5M"}),
        ("70B with a budget of 5M", {"budget": "5M"}),
        ("70B on H100s", {"gpu": "h100"}),
        ("70B on h100-sxm, or A100 80GB", {"gpu": "h100_sxm, a100_sxm_80gb"}),
        ("70B on H100/A100", {"gpu": "h100, a100"}),
        ("70B on NVIDIA RTX A6000s", {"gpu": "a6000"}),
        ("70B on L40S", {"gpu": "l40s"}),
        ("70B on L40s", {"gpu": "l40s"}),
        ("70B on Gaudi 2", {"gpu": "gaudi2"}),
        ("70B with at most 512 H100s", {"gpu": "h100", "max_gpus": 512}),
        ("70B on 8xH100", {"gpu": "h100", "max_gpus": 8}),
        ("70B on a cluster of 512 H100s", {"gpu": "h100", "max_gpus": 512}),
        ("70B with up to 2k GPUs", {"max_gpus": 2000}),
        ("70B on 1,024 GPUs", {"max_gpus": 1024}),
        ("70B on aws or Google Cloud", {"provider": "aws, gcp"}),
        ("70B on demand", {"pricing": "on_demand"}),
        ("70B spot or reserved prices", {"pricing": "spot, reserved"}),
        ("70B in fp8", {"precision": "fp8"}),
        ("70B with 8k context", {"seq_len": 8192}),
        ("70B sequence length 4096", {"seq_len": 4096}),
        ("70B batch size of 4M tokens", {"global_batch": "4M"}),
        ("8x22B with 39B active parameters", {"model": "8x22B", "active": "39B"}),
        ("Llama 3.1 405B on 15.6T tokens", {"model": "llama-3.1-405b", "tokens": "15.6T"}),
        ("pretrain mixtral-8x7b at the lowest cost", {"model": "mixtral-8x7b"}),
    ],
)
def test_phrases(text: str, fields: dict[str, object]) -> None:
    """Each phrase of the grammar, in the words people use."""
    assert ask(text) == make_question("", **{"model": "70B", **fields})


def test_a_whole_question() -> None:
    """Everything at once, and the command that asks the same."""
    question = ask(
        "Cheapest way to train 70B on 1.4T tokens by 2026-12-31 under $5M, with at most 512 GPUs, "
        "on H100 or A100 on aws, spot or on demand, in fp8, 8k context and batch of 4M tokens?"
    )
    assert as_command(question) == (
        "sixnd plan 70B --tokens 1.4T --precision fp8 --seq-len 8192 --global-batch 4M "
        "--deadline 30d --max-gpus 512 --budget 5M --gpu h100 --gpu a100 --provider aws "
        "--pricing spot,on_demand"
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("70B without spot", "not understood: 'without'"),
        ("70B not on aws", "not understood: 'not'"),
        ("fine-tune 70B", "not understood: 'fine-tune'"),
        ("70B inference on H100", "not understood: 'inference'"),
        ("70B in 30 dyas", "not understood: 'in 30 dyas'; nearest known: 'days' for 'dyas'"),
        ("70B on H10O", "'h100' for 'H10O'"),
        ("70B on awz", "'aws' for 'awz'"),
        ("70B with at least 64 GPUs", "not understood: 'with at least'"),
        ("70B after 30 days", "not understood: 'after'"),
        ("70B in 30 days or under $5M", "not understood: 'or'"),
        ("70B in 30", "not understood: 'in 30'; say what the number is"),
        ("70B on exactly 8 GPUs", "not understood: 'on exactly'"),
        ("70B by Christmas", "not understood: 'by Christmas'"),
        ("70B under 5M EUR", "USD"),
        ("70B under €5M", "USD"),
        ("70B in us-east", "not understood: 'in us-east'"),
        ("llama 70B", "say which: llama-2-13b"),
        ("70B by 2026-02-30", "not understood: 'by 2026-02-30'"),
        ("70B by 2026-11-30", "'by 2026-11-30' is not after today, 2026-12-01"),
        ("70B in 500 years", "deadline: '500 years' is out of range"),
        ("8x22B", "mixture of experts"),
        ("cheapest way in 30 days", "no model; expected a size"),
        ("", "no model"),
        ("70B in 30 days in 6 weeks", "two deadlines: 'in 30 days' and 'in 6 weeks'"),
        ("70B in 30 days by 2027-01-31", "two deadlines"),
        ("cheapest and fastest 70B", "two goals: 'cheapest' and 'fastest'"),
        ("70B or 405B", "two models: '70B' and '405B'"),
        ("70B under 5M", "two models: '70B' and '5M'"),
        ("x" * 3000, "3,000 characters"),
    ],
)
def test_what_is_not_understood_is_named(text: str, words: str) -> None:
    """No word that could change the question is passed over."""
    assert words in refused(text)


def test_refusals_carry_the_grammar_and_tell_all() -> None:
    """Every mistake in one go, and what can be said."""
    said = refused("70B without spot in 30 dyas on H10O under $5M under $6M")
    for words in ("'without'", "'days' for 'dyas'", "two budgets"):
        assert words in said
    assert "on H100 or A100" in AskError([]).help


def test_a_sum_that_the_shell_took_apart_is_recognized() -> None:
    """Between double quotes a shell makes 'under M' of 'under $5M'."""
    assert "double quotes" in refused("8B for under M")


def test_the_same_thing_twice_is_no_contradiction() -> None:
    """Emphasis is not an error."""
    assert ask("cheapest 70B at lowest cost in 30 days, within 30 days").deadline == 720


def test_dates_need_today() -> None:
    """The library never reads the clock by itself."""
    with pytest.raises(AskError, match="today"):
        understand("70B by 2026-12-31", GPUS, PROVIDERS)


def test_commands_are_quoted() -> None:
    """A name with spaces or a shell's own signs arrives as one word."""
    question = make_question("", model="70B", gpu=["RTX A6000; ls"], region="us east")
    assert "--gpu 'RTX A6000; ls' --region 'us east'" in as_command(question)
    assert from_command(as_command(question)) == question


def test_a_fleet_is_an_estimate() -> None:
    """A given fleet is another command, and asks the same question."""
    fleet = {"gpu": "h100_sxm", "gpus": 16000, "usd_per_gpu_hour": 2}
    question = make_question(
        "", model="llama-3.1-405b", tokens="15.6T", tflops_per_gpu=400, fleet=fleet
    )
    assert as_command(question) == (
        "sixnd estimate llama-3.1-405b --tokens 15.6T --gpu h100_sxm --gpus 16000 "
        "--usd-per-gpu-hour 2 --tflops-per-gpu 400"
    )
    assert from_command(as_command(question)) == question


def some(*names: str) -> st.SearchStrategy[list[str]]:
    """One or several of these names."""
    return st.lists(st.sampled_from(names), min_size=1, unique=True)


def sizes(*names: str) -> st.SearchStrategy[dict[str, int]]:
    """A number of GPUs for some of these names."""
    return st.dictionaries(st.sampled_from(names), st.integers(1, 10**6))


FIELDS: dict[str, st.SearchStrategy[object]] = {
    "tokens": st.floats(1e9, 1e18),
    "deadline": st.floats(1, 36_500),
    "max_gpus": st.integers(1, 10**9),
    "budget": st.floats(1, 1e15),
    "confidence": st.floats(0.501, 0.999),
    "precision": st.sampled_from(["bf16", "fp16", "fp8"]),
    "seq_len": st.integers(1, 10**6),
    "global_batch": st.floats(1e6, 1e9),
    "runs": st.integers(1, 10**6),
    "power_cap": st.floats(1, 1e8),
    "quota": sizes(*PROVIDERS),
    "minimize": st.sampled_from(["cost", "time"]),
    "gpu": some(*GPUS),
    "exclude_gpu": some(*GPUS),
    "provider": some(*PROVIDERS),
    "exclude_provider": some(*PROVIDERS),
    "region": some("us-east", "EU", "DE"),
    "exclude_region": some("US", "eu-north"),
    "fabric": some("rdma", "fast", "infiniband", "none"),
    "capacity": st.sampled_from(["self_serve", "approval", "quota", "contract", "published"]),
    "pricing": some("spot", "reserved", "owned"),
    "spot_nodes": st.integers(1, 10**9),
    "stack": st.sampled_from(["typical", "tuned"]),
    "storage_price": st.floats(0, 100_000),
    "largest_cluster": sizes("rdma", "ethernet"),
}
MODELS = ("70B", "1.5T", "llama-2-7b", "mixtral-8x7b")
QUESTIONS = st.fixed_dictionaries({"model": st.sampled_from(MODELS)}, optional=FIELDS)
# Of each pair only one may be given.
RELIABLE = st.fixed_dictionaries({"goodput": st.floats(0.01, 1)}) | st.fixed_dictionaries(
    {}, optional={"failures": st.floats(0, 100_000)}
)
MEASURED = st.one_of(
    st.just({}),
    st.fixed_dictionaries({"mfu": st.floats(0.01, 1)}),
    st.fixed_dictionaries({"mfu": st.floats(0.01, 2).map(lambda mfu: f"{mfu}@torchtitan")}),
    st.fixed_dictionaries({"tflops_per_gpu": st.floats(1, 5000)}),
    st.fixed_dictionaries({"tflops_per_gpu": st.floats(1, 5000).map(lambda t: f"{t}@megatron")}),
    st.fixed_dictionaries({"tokens_per_second_per_gpu": st.floats(1, 1e6)}),
    st.fixed_dictionaries({"pilot": st.sampled_from(["own.csv", "the runs/own.csv"])}),
)


@given(QUESTIONS, RELIABLE, MEASURED)
def test_commands_ask_the_same_question(
    fields: dict[str, object], lasting: dict[str, object], speed: dict[str, object]
) -> None:
    """Reading the printed command back gives the question it was printed for."""
    question = make_question("", **fields, **lasting, **speed)
    assert from_command(as_command(question)) == question


def test_every_field_has_an_option() -> None:
    """A field that is added to the question and not to the command is found here."""
    drawn = {*FIELDS, "model", "goodput", "failures", "pilot", *SPEEDS}
    # A title has no option, active goes with a mixture of experts, a fleet is another command.
    assert drawn == set(Question.model_fields) - {"name", "active", "fleet"}


PHRASES = st.fixed_dictionaries(
    {},
    optional={
        "tokens": st.integers(1, 99).map(lambda n: (f"on {n}T tokens", f"{n}T")),
        "deadline": st.integers(1, 400).map(lambda n: (f"in {n} days", f"{n}d")),
        "budget": st.integers(1, 900).map(lambda n: (f"under ${n}M", f"{n}M")),
        "max_gpus": st.integers(1, 10**6).map(lambda n: (f"with at most {n:,} GPUs", n)),
        "gpu": st.sampled_from(GPUS).map(lambda gpu: (f"on {gpu}", gpu)),
        "provider": st.sampled_from(PROVIDERS).map(lambda name: (f"on {name}", name)),
        "pricing": st.just(("on demand", "on_demand")),
        "precision": st.just(("in fp8", "fp8")),
        "seq_len": st.integers(1, 128).map(lambda n: (f"{n}k context", f"{n}k")),
    },
)


@given(PHRASES, st.randoms(use_true_random=False))
def test_phrases_may_stand_in_any_order(
    said: dict[str, tuple[str, object]],
    random: Random,
) -> None:
    """The order of the phrases never changes what is asked."""
    words = [phrase for phrase, _ in said.values()]
    random.shuffle(words)
    fields = {key: value for key, (_, value) in said.items()}
    assert ask("cheapest way to train 70B " + ", ".join(words)) == make_question(
        "", model="70B", **fields
    )


@given(st.text(max_size=80))
def test_any_text_is_understood_or_refused(text: str) -> None:
    """Nothing but AskError ever comes out."""
    with contextlib.suppress(AskError):
        assert ask(text).model
