"""How one architecture's layers are built, as the count of its parameters needs it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Architecture:
    """How a decoder of one ``model_type`` is built.

    Where a field is ``bool | str``, a text is the key of config.json that says whether;
    ``bias_default`` is what holds where a key of biases is missing. ``norms`` is how many a layer
    has, of the model's width. ``qk_norm`` is over each head (``head``) or all of them (``width``).
    Which layers do not attend in full where no key says so: every one but each ``full_every``-th
    (0: none); they are of the kind ``other``: ``window``, ``chunk`` or ``linear``. ``linear`` is
    how linear layers are built: ``delta``, ``lightning`` or ``mamba``. ``first_dense`` layers have
    no experts, after them each ``mixture_every``-th has.
    """

    model_type: str
    gated: bool = True
    norms: int = 2
    norm_bias: bool = False
    final_norm: bool = True
    bias_default: bool = False
    query_bias: bool | str = False
    out_bias: bool | str = False
    mlp_bias: bool | str = False
    qk_norm: str = ""
    qk_norm_if: bool | str = True
    tied: bool = False
    head_dim: int = 0
    full_every: int = 0
    other: str = "window"
    window: int = 0
    by_layer_number: bool = False
    linear: str = ""
    query_gate: bool = False
    sinks: bool = False
    latent: bool = False
    indexer: bool = False
    mixture: bool = False
    router_bias: bool = False
    correction: bool = False
    expert_bias: bool = False
    shared_gate: bool = False
    first_dense: int = 0
    mixture_every: int = 1
    mamba_beside: bool = False
    mamba_norm: bool | str = True
    blocks: bool = False
    positions: bool = False
    embedding_norm: bool = False
    head_bias: bool | str = False
    learned_activation: int = 0
