"""Trains low-rank additions to e5's upper layers, and a detector for each behaviour on top of them. Needs PyTorch.

The loss of a bag of pieces is that of its smooth maximum: somewhere in it the behaviour is shown, or nowhere. The lower
layers and all biases and norms stay as they are, so that their states are computed once for all epochs.
"""

import math
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from fitting_data import Bag, FittingData
from torch import nn
from torch.nn import functional

from coach.local_models.sentence_vectors.bert import Bert

RANK = 16
EPOCHS, EPOCHS_MORE = 4, 1
RATE, RATE_OF_DETECTORS = 1e-3, 3e-3
LESS = 0.3
"""The share of both rates with which a trained reader goes on."""
DROPOUT = 0.1
WARM_UP = 0.06
"""The share of all steps in which the rate rises; it falls as a cosine after it."""
LARGER_BAG = 0.3
"""How much of the logarithm of a bag's size its smooth maximum loses: many pieces are no evidence by themselves."""
RARE_MOST = 30.0
"""A behaviour's positives weigh the square root of how much rarer they are than its negatives, up to this ratio."""
TOKENS_AT_ONCE, TURNS_AT_ONCE = 1500, 64
SHUFFLED = 512
"""Bags are sorted by length within so many, to pad less."""
WIDTH, HEADS = 384, 12
LINEAR = (
    "attention.self.query",
    "attention.self.key",
    "attention.self.value",
    "attention.output.dense",
    "intermediate.dense",
    "output.dense",
)

DETECTORS = WEIGHT, BIAS = "detectors.weight", "detectors.bias"

Weights = Mapping[str, torch.Tensor]


class Additions(nn.Module):
    """For each linear map of the upper layers the matrices A and B of which B·A is added to its weights."""

    def __init__(self, weights: Weights, layers: Sequence[int]) -> None:
        super().__init__()
        self.maps = nn.ParameterDict()
        for name in (f"encoder.layer.{layer}.{part}" for layer in layers for part in LINEAR):
            out_width, in_width = weights[f"{name}.weight"].shape
            self.maps[_flat(f"{name}.a")] = nn.Parameter(torch.randn(RANK, in_width) / math.sqrt(in_width))
            self.maps[_flat(f"{name}.b")] = nn.Parameter(torch.zeros(out_width, RANK))

    def added(self, states: torch.Tensor, name: str) -> torch.Tensor:
        inner = functional.linear(states, self.maps[_flat(f"{name}.a")])
        return functional.linear(inner, self.maps[_flat(f"{name}.b")])

    def arrays(self) -> dict[str, Any]:
        return {name.replace("/", "."): each.detach().numpy().astype(np.float16) for name, each in self.maps.items()}


def _flat(name: str) -> str:
    """PyTorch reserves the dot."""
    return name.replace(".", "/")


class Layers:
    """e5's layers for padded batches, those from `first_trained` on with additions."""

    def __init__(self, weights: Mapping[str, Any], first_trained: int) -> None:
        self.weights = {name: torch.tensor(each) for name, each in weights.items()}
        count = sum(name.endswith("intermediate.dense.bias") for name in self.weights)
        self.lower, self.upper = range(first_trained), range(first_trained, count)

    def embedded(self, rows: torch.Tensor) -> torch.Tensor:
        """The states before the first layer. `rows`: word embeddings."""
        places = self.weights["embeddings.position_embeddings.weight"][: len(rows)]
        return self._normed(
            rows + places + self.weights["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm"
        )

    def passed(
        self,
        states: torch.Tensor,
        mask: torch.Tensor,
        layers: Sequence[int],
        additions: Additions | None,
        dropout: float,
    ) -> torch.Tensor:
        for layer in layers:
            name = f"encoder.layer.{layer}"
            attended = self._linear(
                self._attention(states, mask, f"{name}.attention.self", additions, dropout),
                f"{name}.attention.output.dense",
                additions,
            )
            states = self._normed(states + _dropped(attended, dropout), f"{name}.attention.output.LayerNorm")
            inner = functional.gelu(self._linear(states, f"{name}.intermediate.dense", additions))
            outer = self._linear(inner, f"{name}.output.dense", additions)
            states = self._normed(states + _dropped(outer, dropout), f"{name}.output.LayerNorm")
        return states

    def _attention(
        self, states: torch.Tensor, mask: torch.Tensor, name: str, additions: Additions | None, dropout: float
    ) -> torch.Tensor:
        count, length, _ = states.shape
        query, key, value = (
            self._linear(states, f"{name}.{part}", additions).view(count, length, HEADS, -1).transpose(1, 2)
            for part in ("query", "key", "value")
        )
        attended = functional.scaled_dot_product_attention(
            query, key, value, attn_mask=mask[:, None, None, :], dropout_p=dropout
        )
        return attended.transpose(1, 2).reshape(count, length, WIDTH)

    def _linear(self, states: torch.Tensor, name: str, additions: Additions | None) -> torch.Tensor:
        plain = functional.linear(states, self.weights[f"{name}.weight"], self.weights[f"{name}.bias"])
        return plain if additions is None else plain + additions.added(states, name)

    def _normed(self, states: torch.Tensor, name: str) -> torch.Tensor:
        return functional.layer_norm(
            states, (WIDTH,), self.weights[f"{name}.weight"], self.weights[f"{name}.bias"], 1e-12
        )


def _dropped(states: torch.Tensor, share: float) -> torch.Tensor:
    return functional.dropout(states, share, training=share > 0)


class Training:
    """`tokens`: each turn's token ids and, for each of its pieces, the slice of them that it is.

    `trained`: the arrays of a reader of the same layers that goes on learning.
    """

    def __init__(
        self,
        data: FittingData,
        tokens: Sequence[tuple[list[int], list[slice]]],
        model: Bert,
        *,
        first_trained: int,
        seed: int = 1,
        trained: Mapping[str, Any] | None = None,
    ) -> None:
        torch.manual_seed(seed)
        self._chance = random.Random(seed)
        self._bags = [
            bag for bag in data.bags if any(_has_tokens(tokens[turn][1][piece]) for turn, piece in bag.pieces)
        ]
        self._place = {key: at for at, key in enumerate(data.keys)}
        self._layers = Layers(model.weights, first_trained)
        self._places = [places for _, places in tokens]
        self._lower = self._lower_states([ids for ids, _ in tokens], model)
        self.additions = Additions(self._layers.weights, self._layers.upper)
        self.detectors = nn.Linear(WIDTH, len(data.keys))
        nn.init.normal_(self.detectors.weight, 0, 0.02)
        nn.init.constant_(self.detectors.bias, -3.0)
        self._epochs, self._share = EPOCHS, 1.0
        if trained:
            self._epochs, self._share = EPOCHS_MORE, LESS
            self._load(trained)
        self._labels = [self._labelled(bag) for bag in self._bags]
        self._rarity = self._rarities()

    def run(self) -> None:
        parameters = [*self.additions.parameters(), *self.detectors.parameters()]
        groups = [
            {"params": list(self.additions.parameters()), "lr": RATE * self._share},
            {"params": list(self.detectors.parameters()), "lr": RATE_OF_DETECTORS * self._share},
        ]
        optimizer = torch.optim.AdamW(groups, weight_decay=0.01)
        steps = self._epochs * sum(1 for _ in self._batches())
        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step / steps))
        begun = time.monotonic()
        for epoch in range(self._epochs):
            losses = []
            for batch in self._batches():
                loss = self._loss(batch)
                optimizer.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(parameters, 1.0)
                optimizer.step()
                schedule.step()
                losses.append(float(loss.detach()))
            print(f"epoch {epoch + 1}: loss {np.mean(losses):.3f}, {time.monotonic() - begun:.0f} s", flush=True)

    def arrays(self) -> dict[str, Any]:
        """The additions by the names of what they are added to, and the detectors (behaviours × WIDTH, behaviours)."""
        weight, bias = (each.detach().numpy() for each in (self.detectors.weight, self.detectors.bias))
        return {**self.additions.arrays(), WEIGHT: weight, BIAS: bias}

    def _load(self, trained: Mapping[str, Any]) -> None:
        with torch.no_grad():
            own = {WEIGHT: self.detectors.weight, BIAS: self.detectors.bias}
            for name, array in trained.items():
                into = own[name] if name in own else self.additions.maps[_flat(name)]
                into.copy_(torch.tensor(array, dtype=torch.float32))

    def _lower_states(self, turns: Sequence[list[int]], model: Bert) -> list[torch.Tensor]:
        found: dict[int, torch.Tensor] = {}
        by_length = sorted(range(len(turns)), key=lambda at: len(turns[at]))
        with torch.no_grad():
            for first in range(0, len(turns), TURNS_AT_ONCE):
                batch = by_length[first : first + TURNS_AT_ONCE]
                rows = [self._layers.embedded(torch.tensor(model.words(turns[at]))) for at in batch]
                states = self._layers.passed(*_padded(rows), self._layers.lower, None, 0.0)
                found |= {at: states[row, : len(turns[at])].half().clone() for row, at in enumerate(batch)}
        return [found[at] for at in range(len(turns))]

    def _labelled(self, bag: Bag) -> tuple[torch.Tensor, torch.Tensor]:
        shown, weight = torch.zeros(len(self._place)), torch.zeros(len(self._place))
        for key, (is_shown, counts) in bag.labels.items():
            shown[self._place[key]], weight[self._place[key]] = float(is_shown), counts
        return shown, weight

    def _rarities(self) -> torch.Tensor:
        shown = sum(shown * weight for shown, weight in self._labels)
        others = sum((1 - shown) * weight for shown, weight in self._labels)
        return (others / shown.clamp(min=1)).clamp(1, RARE_MOST).sqrt()

    def _batches(self) -> Iterator[list[int]]:
        """Places of bags, those about the same turns together."""
        units: dict[tuple[int, ...], list[int]] = {}
        for at, bag in enumerate(self._bags):
            units.setdefault(tuple(sorted({turn for turn, _ in bag.pieces})), []).append(at)
        order = list(units)
        self._chance.shuffle(order)
        for first in range(0, len(order), SHUFFLED):
            batches: list[list[int]] = []
            room = 0
            for unit in sorted(order[first : first + SHUFFLED], key=self._longest):
                size = len(unit) * self._longest(unit)
                if size > room:
                    batches.append([])
                    room = TOKENS_AT_ONCE
                batches[-1] += units[unit]
                room -= size
            self._chance.shuffle(batches)
            yield from batches

    def _longest(self, unit: Sequence[int]) -> int:
        return max(len(self._lower[turn]) for turn in unit)

    def _loss(self, batch: Sequence[int]) -> torch.Tensor:
        bags = [self._bags[at] for at in batch]
        turns = sorted({turn for bag in bags for turn, _ in bag.pieces})
        odds, row_of = self._odds(turns)
        found = []
        for bag in bags:
            own = odds[[row_of[piece] for piece in bag.pieces if piece in row_of]]
            found.append(torch.logsumexp(own, 0) - LARGER_BAG * math.log(len(own)))
        shown, weight = (torch.stack(each) for each in zip(*(self._labels[at] for at in batch), strict=True))
        losses = functional.binary_cross_entropy_with_logits(
            torch.stack(found), shown, pos_weight=self._rarity, reduction="none"
        )
        return (losses * weight).sum() / len(bags)

    def _odds(self, turns: Sequence[int]) -> tuple[torch.Tensor, dict[tuple[int, int], int]]:
        states, mask = _padded([self._lower[turn].float() for turn in turns])
        with torch.autocast("cpu", torch.bfloat16):
            read = self._layers.passed(states, mask, self._layers.upper, self.additions, DROPOUT).float()
        sums = torch.cat([torch.zeros(len(turns), 1, WIDTH), read.cumsum(1)], 1)
        places = [
            ((turn, piece), row, place.start, place.stop)
            for row, turn in enumerate(turns)
            for piece, place in enumerate(self._places[turn])
            if _has_tokens(place)
        ]
        rows, starts, ends = (torch.tensor(each) for each in list(zip(*places, strict=True))[1:])
        vectors = (sums[rows, ends] - sums[rows, starts]) / (ends - starts)[:, None]
        return self.detectors(_dropped(vectors, DROPOUT)), {place[0]: at for at, place in enumerate(places)}


def _has_tokens(place: slice) -> bool:
    """Not so for a piece of nothing but "…", or one beyond the longest turn that is read."""
    return place.start < place.stop


def _padded(turns: Sequence[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
    """One batch of them, and where it has states."""
    mask = torch.zeros(len(turns), max(map(len, turns)), dtype=torch.bool)
    for row, states in enumerate(turns):
        mask[row, : len(states)] = True
    return nn.utils.rnn.pad_sequence(list(turns), batch_first=True), mask


def _rate(done: float) -> float:
    return min(1.0, done / WARM_UP) * max(0.02, 0.5 * (1 + math.cos(math.pi * min(1.0, done))))
