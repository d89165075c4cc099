"""What a model looks like to a planner: parameters, proportions and what a mean layer holds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LayerMeans:
    """What one layer holds and leaves behind, as means over all layers of a known model.

    In parameters: ``mixing`` (attention, linear attention or state space), ``passed`` (what a token
    passes of the MLP: router, shared and chosen experts), ``routed`` (the part of it in routed
    experts) and ``experts`` (all routed experts). In values of a token: ``mixing_width`` and
    ``mlp_width``, kept for the backward pass; ``attention_width``, all heads of an attention layer,
    the mean of scores and values; ``kv_width``, its keys or values; ``expanded``, the queries, keys
    and values that latent attention makes of its latents, with ``expanding`` parameters. ``state``
    is the work of linear and state-space layers in multiply-adds of a token beyond their
    projections.
    """

    mixing: float
    passed: float
    routed: float
    experts: float
    mixing_width: float
    mlp_width: float
    attention_width: int
    kv_width: int
    state: float = 0.0
    expanded: float = 0.0
    expanding: float = 0.0


@dataclass(frozen=True, slots=True)
class ModelShape:
    """A transformer's parameters and proportions; 0 experts where it is dense or not known.

    ``seq_len`` is the context of most of the pre-training, ``max_context`` the longest one served.
    A mixture has ``experts`` routed ones of width ``expert_ffn`` a layer, of which a token passes
    ``experts_per_token``, shared ones of ``shared_ffn`` in all, and ``dense_layers`` without any;
    ``expert_input`` is what its experts see of a token where that is narrower than the model. 0
    where that is not known. Latent attention (``latent``) projects through a narrow space. Of
    the layers ``full_attention`` see the whole context (0: all of them), the others ``window``
    tokens (0: none, as linear and state-space layers do). Heads are ``head_dim`` wide (0: hidden
    over heads); ``tied`` embeddings are one matrix for input and output. ``means`` is what a mean
    layer holds, where the architecture is known.
    """

    name: str
    parameters: float
    active_parameters: float
    layers: int
    hidden: int
    heads: int
    kv_heads: int
    ffn: int
    vocab: int
    experts: int
    seq_len: int
    source: str
    estimated: bool
    experts_per_token: int = 0
    expert_ffn: int = 0
    shared_ffn: int = 0
    dense_layers: int = 0
    latent: bool = False
    full_attention: int = 0
    window: int = 0
    expert_input: int = 0
    head_dim: int = 0
    tied: bool = False
    max_context: int = 0
    context_source: str = ""
    means: LayerMeans | None = None

    @property
    def full_layers(self) -> int:
        """Layers whose attention sees the whole context."""
        known = self.full_attention or (self.window and self.means is not None)
        return self.full_attention if known else self.layers
