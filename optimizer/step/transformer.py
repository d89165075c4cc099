"""What a transformer costs by layer: parameters and widths, from a shape or from N alone."""

from dataclasses import dataclass
from math import log2

from problems import ModelShape
from problems.shapes import LayerMeans
from problems.sizes import FINE_GRAINED, HEAD_WIDTH, LEAST_ACTIVE_OF_DENSE

# A published N rounds, and norms, biases and positions are not counted here.
LARGEST_MISFIT = 0.25
LARGEST_ATTENTION_SHARE = 0.4
# Gate, up and down.
GATED_MATRICES = 3
# Latent attention as in DeepSeek-V2, DeepSeek-V3 and Kimi K2 (their config.json).
LATENT_QUERY, LATENT_KEY, LATENT_ROTARY = 1536, 512, 64
LATENT_QUERY_HEAD = HEAD_WIDTH + LATENT_ROTARY
FEWEST_HEADS_WITH_LATENT_QUERY = 16


class ShapeError(ValueError):
    """A shape that no transformer of that many parameters has."""


@dataclass(frozen=True, slots=True)
class Transformer:
    """A decoder's proportions; parameters a layer are matrix multiplications only.

    Figures a layer are means over all layers. ``layer_params`` is what one token passes through
    (attention, and the MLP or its shared and chosen experts), ``routed_params`` the part of it in
    routed experts, ``expert_params`` the routed experts themselves, all of them, ``mlp_width``
    the values a token leaves behind in a layer's MLP, which is what its activations cost.
    ``expert_width`` is one routed expert's, ``routed_width`` that of a token where it is sent to
    its experts, ``mixture_share`` the share of layers that route,
    ``full_share`` the share whose attention sees the whole context; the others see ``window``
    tokens of it. ``mixing_width`` is the values a token leaves behind in a layer's attention,
    ``state_work`` the multiply-adds of a token in the state of linear and state-space layers;
    ``expanded`` of the values are made of latents, by ``expanding`` parameters.
    """

    name: str
    parameters: float
    active_parameters: float
    layers: int
    hidden: int
    heads: int
    kv_heads: int
    attention_width: int
    kv_width: int
    mlp_width: float
    vocab: int
    layer_params: float
    routed_params: float
    expert_params: float
    experts: int
    experts_per_token: float
    expert_width: float
    routed_width: float
    mixture_share: float
    full_share: float
    window: int
    mixing_width: float
    state_work: float
    expanded: float
    expanding: float

    @property
    def is_mixture(self) -> bool:
        """Whether a router chooses experts."""
        return self.experts > 1


@dataclass(frozen=True, slots=True)
class Routing:
    """The routed experts of a layer, how many a token passes, their width, and who routes."""

    number: int = 0
    chosen: float = 1.0
    width: float = 0.0
    share: float = 0.0


def transformer_of(shape: ModelShape) -> Transformer:
    """The transformer behind a model's shape; ShapeError where the shape contradicts N."""
    return _guessed(shape) if shape.means is None else _counted(shape, shape.means)


def _counted(shape: ModelShape, means: LayerMeans) -> Transformer:
    """The transformer of a known architecture, whose layers were counted one by one."""
    held = shape.layers * (means.mixing + means.passed)
    if held > (1 + LARGEST_MISFIT) * shape.active_parameters:
        what = f"{shape.layers} layers hold {held:.3g} parameters that a token passes"
        raise ShapeError(f"{shape.name}: {what}; N says {shape.active_parameters:.3g}")
    routes = shape.experts > 1
    routing = Routing(
        number=shape.experts if routes else 0,
        chosen=float(shape.experts_per_token or 1),
        width=float(shape.expert_ffn),
        share=1 - shape.dense_layers / shape.layers if routes else 0.0,
    )
    kv_heads = shape.heads if shape.latent else shape.kv_heads
    return _made_of(shape, means, routing, shape.heads, kv_heads)


def _guessed(shape: ModelShape) -> Transformer:
    """The transformer of proportions; what they do not say follows from N."""
    attention = (shape.head_dim or HEAD_WIDTH) * shape.heads if shape.experts else shape.hidden
    kv_width = round(attention * shape.kv_heads / shape.heads)
    embedding = float(shape.vocab * shape.hidden)
    attention_params = _attention_params(shape, attention + kv_width, embedding)
    per_layer = (shape.active_parameters - embedding) / shape.layers - attention_params
    mlp_params = _mlp_params(shape, attention_params, embedding)
    if mlp_params <= 0 or per_layer <= 0:
        what = f"{shape.layers} layers of {shape.hidden} with a vocabulary of {shape.vocab:,}"
        raise ShapeError(f"{shape.name}: {what} are more than {shape.parameters:.4g} parameters")
    routing, experts, routed = _experts(shape, attention_params, embedding, mlp_params)
    means = LayerMeans(
        mixing=attention_params,
        passed=mlp_params,
        routed=routed,
        experts=experts,
        mixing_width=2.0 * attention + 2 * kv_width,
        # Gated: three matrices leave gate, up and their product; plain: input and output.
        mlp_width=mlp_params / shape.hidden,
        attention_width=attention,
        kv_width=kv_width,
    )
    return _made_of(shape, means, routing, _even_heads(shape), _even_kv_heads(shape))


def _made_of(
    shape: ModelShape, means: LayerMeans, routing: Routing, heads: int, kv_heads: int
) -> Transformer:
    """The transformer of a shape whose mean layer is known or guessed."""
    return Transformer(
        name=shape.name,
        parameters=shape.parameters,
        active_parameters=shape.active_parameters,
        layers=shape.layers,
        hidden=shape.hidden,
        heads=heads,
        kv_heads=kv_heads,
        attention_width=means.attention_width,
        kv_width=means.kv_width,
        mlp_width=means.mlp_width,
        vocab=shape.vocab,
        layer_params=means.mixing + means.passed,
        routed_params=means.routed,
        expert_params=means.experts,
        experts=routing.number,
        experts_per_token=routing.chosen,
        expert_width=routing.width,
        routed_width=float(shape.expert_input or shape.hidden),
        mixture_share=routing.share,
        full_share=shape.full_layers / shape.layers,
        window=shape.window,
        mixing_width=means.mixing_width,
        state_work=means.state,
        expanded=means.expanded,
        expanding=means.expanding,
    )


def is_mixture(parameters: float, active_parameters: float) -> bool:
    """Whether so many fewer parameters are active than there are that a router must choose."""
    return active_parameters < LEAST_ACTIVE_OF_DENSE * parameters


def _even_kv_heads(shape: ModelShape) -> int:
    """Heads of keys and values: of latent attention, and of a guess, as many as there are heads."""
    if shape.latent or shape.kv_heads == shape.heads:
        return _even_heads(shape)
    return shape.kv_heads


def _even_heads(shape: ModelShape) -> int:
    """The heads; of a guessed shape a multiple of eight, as any that is to be split has."""
    return 8 * max(1, round(shape.heads / 8)) if shape.estimated else shape.heads


def _attention_params(shape: ModelShape, width: int, embedding: float) -> float:
    """Parameters of one layer's attention: query, key, value and output projections.

    Of a mixture it is at most a share of what a token passes.
    """
    full = latent_params(shape) if shape.latent else 2.0 * shape.hidden * width
    if not shape.experts:
        return full
    passed = (shape.active_parameters - embedding) / shape.layers
    return min(full, LARGEST_ATTENTION_SHARE * passed)


def latent_params(shape: ModelShape) -> float:
    """Latent attention's projections (DeepSeek-V2, arXiv:2405.04434, section 2.1).

    Keys and values pass a space of 512 and a rotary part of 64, queries one of 1,536 where there
    are more than 16 heads; heads are 128 wide, 192 with their rotary part.
    """
    query = shape.heads * LATENT_QUERY_HEAD
    queries = shape.hidden * query
    if shape.heads > FEWEST_HEADS_WITH_LATENT_QUERY:
        queries = LATENT_QUERY * (shape.hidden + query)
    keys = shape.hidden * (LATENT_KEY + LATENT_ROTARY) + LATENT_KEY * shape.heads * 2 * HEAD_WIDTH
    return float(queries + keys + shape.heads * HEAD_WIDTH * shape.hidden)


def _mlp_params(shape: ModelShape, attention_params: float, embedding: float) -> float:
    """Parameters of one layer's MLP that a token passes, from N less embeddings and attention.

    The embedding is tied or counted twice, the MLP has two matrices or three: of the four
    readings the one nearest to the stated width holds. N decides the figure itself.
    """
    readings = [
        (shape.active_parameters - copies * embedding) / shape.layers - attention_params
        for copies in (1, 2)
    ]
    # A guessed width follows from N and has nothing to contradict it with; of other layers than
    # transformers' the width says little.
    if shape.experts or shape.estimated or shape.full_attention:
        return max(readings)
    stated = [matrices * float(shape.hidden * shape.ffn) for matrices in (2, 3)]
    pairs = [(abs(r / s - 1), r) for r in readings for s in stated]
    misfit, nearest = min(pairs)
    if misfit > LARGEST_MISFIT:
        means = shape.layers * (attention_params + min(stated)) + embedding
        what = f"{shape.layers} layers of {shape.hidden} and {shape.ffn} hold about {means:.3g}"
        raise ShapeError(f"{shape.name}: {what} parameters; N says {shape.parameters:.3g}")
    return nearest


def _experts(
    shape: ModelShape, attention_params: float, embedding: float, mlp_params: float
) -> tuple[Routing, float, float]:
    """The experts of a mixture: what is not published follows from N and its active part.

    Beside the routing: a layer's parameters in all of them, and in those that a token passes. Of
    all routed parameters a token passes k of E, so N less the active parameters are the rest.
    """
    if not is_mixture(shape.parameters, shape.active_parameters):
        return Routing(), 0.0, 0.0
    total = (shape.parameters - embedding) / shape.layers - attention_params
    number, chosen = _routing(shape, mlp_params / total)
    unused = (shape.parameters - shape.active_parameters) / shape.layers
    params = unused / (1 - chosen / number)
    passed = min(params * chosen / number, mlp_params)
    share = 1 - shape.dense_layers / shape.layers
    width = shape.expert_ffn or params / (number * share * GATED_MATRICES * shape.hidden)
    return Routing(number, chosen, float(width), share), params, passed


def _routing(shape: ModelShape, share: float) -> tuple[int, float]:
    """Routed experts of a layer, and how many of them a token passes, from its share of all."""
    if shape.experts > 1 and shape.experts_per_token:
        return shape.experts, float(shape.experts_per_token)
    if shape.experts > 1:
        return shape.experts, min(max(1.0, share * shape.experts), shape.experts / 2)
    # Fine-grained experts (DeepSeek, Qwen) activate eight of many, coarse ones (Mixtral) two.
    chosen = 8.0 if share < FINE_GRAINED else 2.0
    return 2 ** round(log2(chosen / share)), chosen
