"""What a transformer costs by layer: parameters and widths, from a shape or from N alone."""

from dataclasses import dataclass
from math import log2

from problems import ModelShape

# A published N rounds, and norms, biases and positions are not counted here.
LARGEST_MISFIT = 0.25
# Fine-grained experts (DeepSeek, Qwen) activate eight of many, coarse ones (Mixtral) two.
FINE_GRAINED = 0.1
HEAD_WIDTH = 128
LARGEST_ATTENTION_SHARE = 0.4


class ShapeError(ValueError):
    """A shape that no transformer of that many parameters has."""


@dataclass(frozen=True, slots=True)
class Transformer:
    """A decoder's proportions; parameters a layer are matrix multiplications only.

    ``layer_params`` is what one token passes through in a layer (attention, and the MLP or its
    chosen experts), ``expert_params`` the routed experts of one layer, all of them, ``mlp_width``
    the values a token leaves behind in a layer's MLP, which is what its activations cost.
    """

    name: str
    parameters: float
    active_parameters: float
    layers: int
    hidden: int
    heads: int
    attention_width: int
    kv_width: int
    mlp_width: float
    vocab: int
    layer_params: float
    expert_params: float
    experts: int
    experts_per_token: float

    @property
    def is_mixture(self) -> bool:
        """Whether a router chooses experts."""
        return self.experts > 1


def transformer_of(shape: ModelShape) -> Transformer:
    """The transformer behind a model's shape; ShapeError where the shape contradicts N."""
    attention = HEAD_WIDTH * shape.heads if shape.experts else shape.hidden
    kv_width = round(attention * shape.kv_heads / shape.heads)
    embedding = float(shape.vocab * shape.hidden)
    attention_params = _attention_params(shape, attention + kv_width, embedding)
    per_layer = (shape.active_parameters - embedding) / shape.layers - attention_params
    mlp_params = _mlp_params(shape, attention_params, embedding)
    if mlp_params <= 0 or per_layer <= 0:
        what = f"{shape.layers} layers of {shape.hidden} with a vocabulary of {shape.vocab:,}"
        raise ShapeError(f"{shape.name}: {what} are more than {shape.parameters:.4g} parameters")
    routed, experts, chosen = _experts(shape, attention_params, embedding, mlp_params)
    return Transformer(
        name=shape.name,
        parameters=shape.parameters,
        active_parameters=shape.active_parameters,
        layers=shape.layers,
        hidden=shape.hidden,
        heads=_even_heads(shape),
        attention_width=attention,
        kv_width=kv_width,
        # Gated: three matrices leave gate, up and their product; plain: input and output.
        mlp_width=mlp_params / shape.hidden,
        vocab=shape.vocab,
        layer_params=attention_params + mlp_params,
        expert_params=routed,
        experts=experts,
        experts_per_token=chosen,
    )


def _even_heads(shape: ModelShape) -> int:
    """The heads; of a guessed shape a multiple of eight, as any that is to be split has."""
    return 8 * max(1, round(shape.heads / 8)) if shape.estimated else shape.heads


def _attention_params(shape: ModelShape, width: int, embedding: float) -> float:
    """Parameters of one layer's attention: query, key, value and output projections.

    Latent attention (DeepSeek) projects through a narrow space: a mixture's attention is
    taken to be at most a share of what a token passes.
    """
    full = 2.0 * shape.hidden * width
    if not shape.experts:
        return full
    passed = (shape.active_parameters - embedding) / shape.layers
    return min(full, LARGEST_ATTENTION_SHARE * passed)


def _mlp_params(shape: ModelShape, attention_params: float, embedding: float) -> float:
    """Parameters of one layer's MLP that a token passes, from N less embeddings and attention.

    The embedding is tied or counted twice, the MLP has two matrices or three: of the four
    readings the one nearest to the stated width holds. N decides the figure itself.
    """
    readings = [
        (shape.active_parameters - copies * embedding) / shape.layers - attention_params
        for copies in (1, 2)
    ]
    # A guessed width follows from N and has nothing to contradict it with.
    if shape.experts or shape.estimated:
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
) -> tuple[float, int, float]:
    """Parameters of all experts of a layer, their number, and how many a token passes."""
    if shape.active_parameters >= 0.95 * shape.parameters:
        return 0.0, 0, 1.0
    total = (shape.parameters - embedding) / shape.layers - attention_params
    share = mlp_params / total
    if shape.experts > 1:
        return total, shape.experts, max(1.0, share * shape.experts)
    chosen = 8.0 if share < FINE_GRAINED else 2.0
    return total, 2 ** round(log2(chosen / share)), chosen
