"""A training step gone through without numbers, to count what it holds: before any weight is loaded.

- Every tensor has its shape and no data (torch's FakeTensorMode), so it takes seconds, and no memory, whatever the size
  of the model.
- One micro-batch tells of all: it has a prime number of rows, and a tensor whose size that number divides grows with
  the rows. Likewise with its labels.
- Counted is what a CPU's kernels make; a GPU's keep less of the attention.
"""

from __future__ import annotations

import copy
import weakref
from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from dragoman.adapters import library, lora
from dragoman.adapters.four_bit import sort_layers
from dragoman.adapters.targets import find_targets
from dragoman.models.configurations import quiet
from dragoman.models.face import Batch
from dragoman.models.pretrained import PretrainedModel
from dragoman.objectives.loss import chunk_rows, cross_entropy
from dragoman.recipe.schema import Method

ROWS = 1009  # a prime that is in no model's widths
LABELS = 64 * 13  # of a micro-batch: a multiple of `base.device.MULTIPLE`, so that no filler is added
CPU = torch.device("cpu")


@dataclass(frozen=True)
class RowLengths:
    """A row, in tokens: an encoder's and a decoder's, or the prompt and the answer of one sequence."""

    source: int
    target: int

    @property
    def tokens(self) -> int:
        return self.source + self.target


@dataclass(frozen=True)
class Held:
    """Bytes that are held at one moment: fixed + rows * row + labels * label, the labels of one chunk of the loss."""

    fixed: int = 0
    row: int = 0
    label: int = 0

    def __add__(self, other: Held) -> Held:
        return Held(self.fixed + other.fixed, self.row + other.row, self.label + other.label)

    def __sub__(self, other: Held) -> Held:
        return Held(self.fixed - other.fixed, self.row - other.row, self.label - other.label)

    def of(self, rows: float, labels: float) -> int:
        return self.fixed + round(self.row * rows + self.label * labels)

    def covers(self, other: Held) -> bool:
        """Whether it is never less."""
        return self.fixed >= other.fixed and self.row >= other.row and self.label >= other.label


@dataclass(frozen=True)
class StepMemory:
    """What a micro-batch of a training step holds beside weights, gradients and the optimizer's states.

    lengths: of a row. chunk: the labels of a whole chunk of the loss. peaks: the moments of a step that are the fullest
    for some number of rows and labels. kept: what waits for the backward pass when the model's forward pass has ended.
    once: bytes on top of every moment.
    """

    lengths: RowLengths
    chunk: int
    peaks: tuple[Held, ...]
    kept: Held
    once: int = 0

    def of(self, tokens: int) -> int:
        """At most, in bytes, for a micro-batch of so many tokens, padding included."""
        rows = tokens / self.lengths.tokens
        labels = min(self.chunk, rows * self.lengths.target)
        return self.once + max(held.of(rows, labels) for held in self.peaks)

    def tokens_in(self, size: int, most: int) -> int:
        """The largest micro-batch, up to `most` tokens, that so many bytes hold; 0 where there is none."""
        return max(0, bisect_right(range(most + 1), size, key=self.of) - 1)


def rehearse(skeleton: PretrainedModel, method: Method, compute: torch.dtype, lengths: RowLengths) -> StepMemory:
    """Count what a training step of this method holds.

    skeleton: the model, on the meta device. compute: the type that products are computed in. lengths: of the longest
    row. Raises RequestError where the adapter's targets match nothing.
    """
    model = copy.deepcopy(skeleton)
    largest = _largest_four_bit(model.network) if method.tuning == "qlora" else 0
    _adapt(model, method)
    with FakeTensorMode(), quiet():
        _without_numbers(model, compute)
        count, kept = count_step(model, full_batch(model, lengths, ROWS, LABELS), compute)
        weight = model.head().weight
        chunk = chunk_rows(len(weight), head_trains=weight.requires_grad)
    # A 4-bit matrix is turned into one of the compute type whenever it is used.
    return StepMemory(lengths, chunk, tuple(count.peaks), kept, largest * compute.itemsize)


def _adapt(model: PretrainedModel, method: Method) -> None:
    """Lay the method's adapter over a model, and freeze the rest."""
    if method.tuning == "full":
        return
    targets = find_targets(model.network, method.adapter)
    if method.adapter.library == "peft":
        model.network = library.inject(model.network, targets, method.adapter, 0)
    else:
        lora.inject(model.network, targets, method.adapter, 0)


def _without_numbers(model: nn.Module, compute: torch.dtype) -> None:
    """Give a model from the meta device tensors on the CPU, inside of a FakeTensorMode; what is shared stays shared.

    What trains is held in float32, what is frozen in the compute type. Gradients are there already, as from the second
    micro-batch on.
    """
    made: dict[int, nn.Parameter] = {}
    for module in model.modules():
        for name, parameter in module.named_parameters(recurse=False):
            if id(parameter) not in made:
                trains = parameter.requires_grad
                empty = torch.empty(parameter.shape, dtype=torch.float32 if trains else compute, device=CPU)
                made[id(parameter)] = nn.Parameter(empty, requires_grad=trains)
                made[id(parameter)].grad = torch.zeros_like(empty) if trains else None
            module._parameters[name] = made[id(parameter)]
        for name, buffer in module.named_buffers(recurse=False):
            module._buffers[name] = torch.empty(buffer.shape, dtype=buffer.dtype, device=CPU)
    model.train()


def full_batch(model: PretrainedModel, lengths: RowLengths, rows: int, labels: int) -> Batch:
    """Rows of full length, and so many labels at their beginnings."""
    source = lengths.tokens if model.causal else lengths.source
    decoder = None if model.causal else torch.zeros(rows, lengths.target, dtype=torch.long)
    ids, zeros = torch.zeros(rows, source, dtype=torch.long), torch.zeros(labels, dtype=torch.long)
    return Batch(ids, torch.full((rows,), source), decoder, torch.arange(labels), zeros)


def count_step(model: PretrainedModel, batch: Batch, compute: torch.dtype) -> tuple[TensorCount, Held]:
    """Go forward, through the loss, and backward, and count the tensors that are made on the way.

    Returns the count, and what was held after the model's forward pass.
    """
    there = [*model.parameters(), *(p.grad for p in model.parameters() if p.grad is not None), *model.buffers()]
    there += [tensor for tensor in vars(batch).values() if tensor is not None]
    rows, labels = len(batch.input_ids), len(batch.labels)
    with TensorCount(rows, labels, there) as count, torch.autocast("cpu", compute, compute != torch.float32):
        hidden = model.hidden(batch)
        kept = count.held
        cross_entropy(hidden, model.head(), batch.labels, float(labels), smoothing=0.1).backward()
    return count, kept


class TensorCount(TorchDispatchMode):
    """The bytes of all tensors that are made inside of it, and the fullest moments.

    rows, labels: of the micro-batch; a tensor whose size one of them divides is taken to grow with it. there: what is
    not counted.
    """

    def __init__(self, rows: int, labels: int, there: Iterable[Tensor]) -> None:
        super().__init__()
        self.rows, self.labels, self.held = rows, labels, Held()
        self.peaks: list[Held] = []
        self.known = {_key(tensor) for tensor in there}

    def __torch_dispatch__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        made = func(*args, **(kwargs or {}))
        for tensor in (made,) if isinstance(made, Tensor) else tree_leaves(made):
            if isinstance(tensor, Tensor) and _key(tensor) not in self.known:
                self._add(tensor)
        return made

    def _add(self, tensor: Tensor) -> None:
        storage, key = tensor.untyped_storage(), _key(tensor)
        held = self._sorted(storage.nbytes())
        self.known.add(key)
        self.held = now = self.held + held
        if not any(peak.covers(now) for peak in self.peaks):
            self.peaks = [peak for peak in self.peaks if not now.covers(peak)] + [now]
        weakref.finalize(storage, self._remove, key, held)

    def _sorted(self, size: int) -> Held:
        if size % self.rows == 0:
            return Held(row=size // self.rows)
        return Held(label=size // self.labels) if size % self.labels == 0 else Held(fixed=size)

    def _remove(self, key: int, held: Held) -> None:
        self.known.discard(key)
        self.held -= held


def _key(tensor: Tensor) -> int:
    return int(tensor.untyped_storage()._cdata)


def _largest_four_bit(network: nn.Module) -> int:
    """The weights of the largest layer that is held in 4 bits."""
    sizes = [network.get_submodule(name).get_parameter("weight").numel() for name in sort_layers(network)[0]]
    return max(sizes, default=0)
