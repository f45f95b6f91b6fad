"""The price table of `MODEL_PRICES`: what tokens cost, exact to a millionth of the currency per million tokens."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

PICO = 10**12
"""Costs are whole numbers of 10⁻¹² of the currency, so that no sum is ever rounded."""

_DECIMALS = 6
_DEAREST = Decimal(1000)
_ENTRY = re.compile(r"^([^\s=,]+)=([^/,]+)/([^/,]+)$")
# `gpt-5-mini-2025-08-07` is billed as `gpt-5-mini`; `gpt-5-mini` is not billed as `gpt-5`.
_SNAPSHOT = re.compile(r"-(?:\d{4}-\d{2}-\d{2}|\d{8}|\d{4}|latest|preview)$")


@dataclass(frozen=True)
class ModelPrices:
    """Prices of a million input and output tokens by model, in 10⁻⁶ of the currency."""

    per_million: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    def knows(self, *models: str) -> bool:
        return self._of(models) is not None

    def cost(self, *models: str, input_tokens: int, output_tokens: int) -> int | None:
        """The cost in pico-units; `models` are alternative names, the first one with a price counts. None: no price."""
        price = self._of(models)
        return None if price is None else input_tokens * price[0] + output_tokens * price[1]

    def _of(self, models: tuple[str, ...]) -> tuple[int, int] | None:
        for model in models:
            for name in (model, model.rpartition("/")[2]):
                for known in (name, _SNAPSHOT.sub("", name)):
                    if known in self.per_million:
                        return self.per_million[known]
        return None


def read(text: str) -> ModelPrices:
    """`MODEL=INPUT/OUTPUT` separated by commas, prices for a million tokens. Raises ValueError."""
    found: dict[str, tuple[int, int]] = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        shape = _ENTRY.match(entry)
        if shape is None:
            raise ValueError(f"cannot be read: {entry!r} is not of the form MODEL=INPUT/OUTPUT")
        if shape[1] in found:
            raise ValueError(f"cannot be read: {shape[1]} is listed twice")
        found[shape[1]] = (_price(shape[2], entry), _price(shape[3], entry))
    return ModelPrices(found)


def _price(text: str, entry: str) -> int:
    try:
        price = Decimal(text.strip())
    except InvalidOperation:
        raise ValueError(f"cannot be read: {entry!r} holds a price that is not a number") from None
    if not price.is_finite() or not 0 <= price <= _DEAREST:
        raise ValueError(f"cannot be read: {entry!r} holds a price that is not between 0 and {_DEAREST}")
    millionths = price * 10**_DECIMALS
    if millionths != millionths.to_integral_value():
        raise ValueError(f"cannot be read: {entry!r} holds a price with more than {_DECIMALS} decimals")
    return int(millionths)
