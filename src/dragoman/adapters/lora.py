"""LoRA (Hu et al. 2021) in pure PyTorch: a low-rank update beside frozen linear layers.

y = W x + scale * B A x, with A (rank, inputs) drawn and B (outputs, rank) zero at the start, as PEFT does it. A and B
are stored in float32, whatever holds W (16 bits, 4 bits): small steps would be lost in 16 bits.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import torch
from torch import Tensor, nn
from torch.nn.utils import skip_init

from dragoman.adapters import four_bit
from dragoman.base.errors import RequestError
from dragoman.base.seeds import derive
from dragoman.models.nmt.dropout import Dropout
from dragoman.recipe.schema import Adapter


class LoraLinear(nn.Module):
    """A frozen linear layer, of 16, 32 or 4 bits, and the update that trains beside it."""

    def __init__(self, base: nn.Linear, rank: int, alpha: float, *, rslora: bool = False, dropout: float = 0.0):
        super().__init__()
        self.base = base
        self.rank, self.alpha, self.rslora = rank, alpha, rslora
        self.scale = alpha / (math.sqrt(rank) if rslora else rank)
        self.dropout = Dropout(dropout)
        place = {"bias": False, "device": base.weight.device, "dtype": torch.float32}
        self.lora_A = skip_init(nn.Linear, base.in_features, rank, **place)
        self.lora_B = skip_init(nn.Linear, rank, base.out_features, **place)

    def initialise(self, seed: int) -> None:
        """Draw A and zero B, so that the layer begins as its base. The draw is the same on every device."""
        drawn = torch.empty(self.lora_A.weight.shape, dtype=torch.float32)
        nn.init.kaiming_uniform_(drawn, a=math.sqrt(5), generator=torch.Generator().manual_seed(seed))
        with torch.no_grad():
            self.lora_A.weight.copy_(drawn)
            self.lora_B.weight.zero_()

    @property
    def weight(self) -> Tensor:
        """The base's: T5 asks its layers for it."""
        return self.base.weight

    def forward(self, x: Tensor) -> Tensor:
        """(..., inputs) -> (..., outputs), in the type that the base answers in."""
        out = self.base(x)
        if not torch.is_autocast_enabled(x.device.type):
            x = x.to(self.lora_A.weight.dtype)
        update = self.lora_B(self.lora_A(self.dropout(x)) * self.scale)
        return (out + update).to(out.dtype)

    def merged(self, dtype: torch.dtype | None) -> nn.Linear:
        """A plain layer of W + scale * B A, added up in float32; a W of 4 bits is dequantised first.

        dtype: of the result; None for the type that W has, or had before it was quantised.
        """
        plain, stored = self.base, self.base.weight.dtype
        if four_bit.is_four_bit(plain):
            plain, stored = four_bit.dequantise_layer(plain, torch.float32), four_bit.stored_dtype(plain)
        dtype = dtype or stored
        layer = four_bit.empty_linear(plain, dtype)
        with torch.no_grad():
            update = self.lora_B.weight @ self.lora_A.weight
            layer.weight.copy_(torch.add(plain.weight.float(), update, alpha=self.scale))
            if plain.bias is not None:
                layer.bias.copy_(plain.bias)
        return layer.requires_grad_(False).train(self.training)


def inject(network: nn.Module, targets: Iterable[str], adapter: Adapter, seed: int) -> None:
    """Lay an adapter over each target, in place, and freeze everything else.

    A layer's first weights depend on the seed and its name alone: other targets do not shift them.
    """
    freeze(network)
    for name in targets:
        layer = wrap(network, name, adapter.rank, adapter.alpha, rslora=adapter.rslora, dropout=adapter.dropout)
        layer.initialise(derive(seed, "lora", name))


def freeze(network: nn.Module) -> None:
    """Nothing of the network trains. Raises ValueError where it has adapters already."""
    if lora_layers(network):
        raise ValueError("the network has adapters already")
    network.requires_grad_(False)


def wrap(network: nn.Module, name: str, rank: int, alpha: float, *, rslora: bool, dropout: float) -> LoraLinear:
    """Put a LoraLinear in the place of one linear layer. Its A and B are not initialised."""
    base = network.get_submodule(name)
    assert isinstance(base, nn.Linear)
    layer = LoraLinear(base, rank, alpha, rslora=rslora, dropout=dropout).train(base.training)
    network.set_submodule(name, layer)
    return layer


def lora_layers(network: nn.Module) -> dict[str, LoraLinear]:
    """The adapted layers by their full names."""
    return {name: module for name, module in network.named_modules() if isinstance(module, LoraLinear)}


def adapter_parameters(network: nn.Module) -> dict[str, nn.Parameter]:
    """What trains, by name: `<layer>.lora_A.weight` (rank, inputs) and `<layer>.lora_B.weight` (outputs, rank)."""
    found: dict[str, nn.Parameter] = {}
    for name, layer in lora_layers(network).items():
        found[f"{name}.lora_A.weight"] = layer.lora_A.weight
        found[f"{name}.lora_B.weight"] = layer.lora_B.weight
    return found


def adapter_state(network: nn.Module) -> dict[str, Tensor]:
    """The adapter's weights by name, as they are now: they share memory with the parameters."""
    return {name: parameter.detach() for name, parameter in adapter_parameters(network).items()}


def load_adapter_state(
    network: nn.Module, state: Mapping[str, Tensor], *, where: str | None = None, hint: str | None = None
) -> None:
    """Copy weights by name into a network with adapters. Raises RequestError where names or shapes differ.

    where, hint: for that error.
    """
    parameters = adapter_parameters(network)
    problems = [f"{name} is missing" for name in parameters if name not in state]
    problems += [f"the model has no {name}" for name in state if name not in parameters]
    problems += [
        f"{name} is {tuple(state[name].shape)}, not {tuple(parameter.shape)}"
        for name, parameter in parameters.items()
        if name in state and state[name].shape != parameter.shape
    ]
    if problems:
        raise made_for_another_model(problems, where=where, hint=hint)
    with torch.no_grad():
        for name, parameter in parameters.items():
            parameter.copy_(state[name])


def made_for_another_model(problems: list[str], *, where: str | None = None, hint: str | None = None) -> RequestError:
    """The error of an adapter that does not fit, with the first few reasons."""
    more = f"; and {len(problems) - 3} more" if len(problems) > 3 else ""
    text = f"this adapter was made for another model: {'; '.join(problems[:3])}{more}"
    return RequestError(text, where=where, hint=hint)


def merge(network: nn.Module, dtype: torch.dtype | None = None) -> None:
    """Replace each adapted layer by a plain one that gives the same answers.

    dtype: of the merged weights; None for each layer's own. The rest of the network stays as it is: a quantised one is
    then plain where it was adapted, and `four_bit.dequantise` makes the rest plain too.
    """
    for name, layer in lora_layers(network).items():
        network.set_submodule(name, layer.merged(dtype))
