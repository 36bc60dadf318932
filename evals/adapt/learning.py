"""The training: low-rank factors beside the matrices of the encoder's upper half (Hu et al., ICLR 2022)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bot.settings import Settings
from evals.adapt.lists import Choice
from evals.adapt.pairs import SHARES, Pair
from evals.adapt.teacher import Taught
from knowledge.encoders import adapter, load_encoder
from knowledge.encoders.e5 import E5Encoder
from knowledge.encoders.e5_image import carried_image
from knowledge.encoders.e5_network import LOWER, halves

if TYPE_CHECKING:
    import torch

SEED = 1
# The part of the training in which the learning rate rises.
WARM_UP = 0.05
RANK = 16
# Pairs a batch, questions a batch of a choice, texts beside those that answer, and tokens of a text.
BATCH, ASKED, BESIDE, TOKENS = 32, 16, 16, 96
# Parts of the batches that choices and the teacher give; the pairs give the rest.
CHOSEN, TAUGHT = 0.65, 0.2
TEMPERATURE, LIKENESS = 0.03, 0.05
# The cosine up to which nothing answers, at first: it is learned, too.
NOTHING = 0.5


def risen(done: float) -> float:
    """The part of the highest learning rate after a part of the training: it rises at first, then falls to a twentieth."""
    return min(1.0, done / WARM_UP) * (1 - max(0.0, done - WARM_UP) / (1 - WARM_UP) * 0.95)


def with_factors(upper: Any, kept: Mapping[str, NDArray[np.float32]]) -> dict[str, Any]:
    """Put trainable factors beside the matrices of the upper half, begun with those `kept` where their rank is the same.

    Returns the changed matrices by their names.
    """
    import torch

    class Changed(torch.nn.Module):
        def __init__(self, name: str, matrix: torch.nn.Linear) -> None:
            super().__init__()
            self.matrix = matrix
            self.a = torch.nn.Parameter(torch.randn(RANK, matrix.in_features) / math.sqrt(matrix.in_features))
            self.b = torch.nn.Parameter(torch.zeros(matrix.out_features, RANK))
            for part in ("a", "b"):
                known = kept.get(f"{name}.{part}")
                if known is not None and known.shape == getattr(self, part).shape:
                    getattr(self, part).data = torch.from_numpy(known.astype(np.float32))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            linear = torch.nn.functional.linear
            changed: torch.Tensor = self.matrix(x) + linear(linear(x, self.a), self.b) * adapter.SCALE
            return changed

    for parameter in upper.parameters():
        parameter.requires_grad_(False)
    changed = {}
    for number, layer in enumerate(upper.encoder.layer, LOWER):
        attention = layer.attention.self
        places = (
            (attention, "query"), (attention, "key"), (attention, "value"),
            (layer.attention.output, "dense"), (layer.intermediate, "dense"), (layer.output, "dense"),
        )  # fmt: skip
        for short, (owner, place) in zip(adapter.MATRICES, places, strict=True):
            name = f"l{number}.{short}"
            changed[name] = Changed(name, getattr(owner, place))
            setattr(owner, place, changed[name])
    return changed


class Network:
    """The encoder under training: a lower half, which does not learn, and an upper one with factors beside its matrices."""

    def __init__(self, encoder: E5Encoder, kept: Mapping[str, NDArray[np.float32]]) -> None:
        """`encoder` gives the tokens; the factors are begun with those `kept`."""
        self._encoder = encoder
        self._lower, self._upper = halves(carried_image())
        self._changed = with_factors(self._upper, kept)
        self._states: dict[str, torch.Tensor] = {}

    @property
    def parameters(self) -> list[torch.nn.Parameter]:
        """What is trained."""
        return [parameter for parameter in self._upper.parameters() if parameter.requires_grad]

    @property
    def factors(self) -> dict[str, NDArray[np.float32]]:
        """The factors, as `adapter.keep` takes them."""
        return {
            f"{name}.{part}": getattr(matrix, part).detach().numpy()
            for name, matrix in self._changed.items()
            for part in ("a", "b")
        }

    def vectors(self, texts: Sequence[str]) -> torch.Tensor:
        """Vectors of texts, with their prefixes, of shape (texts, dimension) and unit length."""
        import torch

        states = [self._below(text) for text in texts]
        width = max(len(state) for state in states)
        padded = torch.stack([torch.nn.functional.pad(state.float(), (0, 0, 0, width - len(state))) for state in states])
        mask = torch.tensor([[1.0] * len(state) + [0.0] * (width - len(state)) for state in states])
        vectors: torch.Tensor = self._upper(padded, mask)
        return vectors

    def _below(self, text: str) -> torch.Tensor:
        """What the lower half makes of a text, shape (tokens, hidden): it does not learn, so it is made once."""
        import torch

        if text not in self._states:
            ids = torch.tensor([self._encoder.ids([text])[0][:TOKENS]])
            with torch.no_grad():
                self._states[text] = self._lower(ids, torch.ones_like(ids))[0].half()
        return self._states[text]


async def open_network(kept: Mapping[str, NDArray[np.float32]], threads: int) -> Network:
    """The carried encoder, ready to be trained on from the factors `kept`, always from the same dice."""
    import torch

    torch.set_num_threads(threads)
    torch.manual_seed(SEED)
    folder = Settings.load().knowledge.models / "multilingual-e5-small"
    await load_encoder(folder.name, folder.parent)
    return Network(E5Encoder.open(folder), kept)


class Learner:
    """The network under training, and what it is trained on."""

    def __init__(
        self,
        network: Network,
        choices: Sequence[Choice],
        pairs: Mapping[str, Sequence[Pair]],
        taught: Taught | None,
    ) -> None:
        """Without `taught` there is no teacher."""
        import torch

        self._network, self._choices, self._pairs, self._taught = network, choices, pairs, taught
        self._dice = np.random.default_rng(SEED)
        self.nothing = torch.nn.Parameter(torch.tensor(NOTHING))
        asked = np.array([min(len(choice.asked), 2 * ASKED) for choice in choices], float)
        self._often = asked / asked.sum()

    def loss(self) -> torch.Tensor:
        """The loss of one batch."""
        drawn = self._dice.random()
        if drawn < CHOSEN:
            return self._choice_loss(self._choices[int(self._dice.choice(len(self._choices), p=self._often))])
        if drawn < CHOSEN + TAUGHT and self._taught is not None:
            return self._taught_loss(self._taught)
        names = list(self._pairs)
        shares = np.array([SHARES[name] for name in names])
        source = self._pairs[names[int(self._dice.choice(len(names), p=shares / shares.sum()))]]
        # pairs of like length, so that little is spent on padding
        window = max(BATCH * 4, len(source) // 4)
        start = int(self._dice.integers(max(1, len(source) - window + 1)))
        part = source[start : start + window]
        return self._pair_loss([part[n] for n in self._dice.choice(len(part), min(BATCH, len(part)), replace=False)])

    def _choice_loss(self, choice: Choice) -> torch.Tensor:
        """Of each question: how unlikely it holds what answers, or that nothing does, among the texts."""
        import torch

        asked = [choice.asked[n] for n in self._dice.permutation(len(choice.asked))[:ASKED]]
        right = {int(self._dice.choice(sorted(numbers))) for _, numbers in asked if numbers}
        others = self._dice.permutation(len(choice.texts))[: max(0, BESIDE + ASKED // 2 - len(right))]
        texts = sorted(right | {int(n) for n in others})
        asked = [(question, numbers) for question, numbers in asked if not numbers or numbers & set(texts)]
        scores = self._scores([question for question, _ in asked], [choice.texts[n] for n in texts])
        nothing = (self.nothing / TEMPERATURE).expand(len(asked), 1)
        scores = torch.cat([scores, nothing], 1)
        gold = torch.tensor([[*(n in numbers for n in texts), not numbers] for _, numbers in asked])
        loss: torch.Tensor = (torch.logsumexp(scores, 1) - torch.logsumexp(scores.masked_fill(~gold, -1e4), 1)).mean()
        return loss

    def _pair_loss(self, pairs: Sequence[Pair]) -> torch.Tensor:
        """InfoNCE (van den Oord et al., 2018), both ways."""
        import torch

        scores = self._scores([pair.question for pair in pairs], [pair.passage for pair in pairs])
        same = [[bool(a.label) and a.label == b.label and a is not b for b in pairs] for a in pairs]
        scores = scores.masked_fill(torch.tensor(same), -1e4)
        target = torch.arange(len(pairs))
        cross = torch.nn.functional.cross_entropy
        loss: torch.Tensor = (cross(scores, target) + cross(scores.T, target)) / 2
        return loss

    def _taught_loss(self, taught: Taught) -> torch.Tensor:
        """How far the likenesses of some sentences, as questions and as passages, are from the teacher's."""
        import torch

        asked = self._dice.choice(len(taught.texts), BATCH, replace=False)
        beside = [int(self._dice.choice(taught.nearest(int(n)))) for n in asked]
        target = torch.from_numpy(taught.vectors[asked] @ taught.vectors[beside].T) / LIKENESS
        scores = self._scores([taught.texts[n] for n in asked], [taught.texts[n] for n in beside])
        loss = torch.zeros(())
        for ours, theirs in ((scores, target), (scores.T, target.T)):
            log, other = torch.log_softmax(ours, 1), torch.log_softmax(theirs, 1)
            loss = loss + torch.nn.functional.kl_div(log, other, log_target=True, reduction="batchmean") / 2
        return loss

    def _scores(self, questions: Sequence[str], passages: Sequence[str]) -> torch.Tensor:
        asked = self._network.vectors([f"query: {text}" for text in questions])
        answered = self._network.vectors([f"passage: {text}" for text in passages])
        scores: torch.Tensor = asked @ answered.T / TEMPERATURE
        return scores
