"""Muon for the matrices of a model's blocks, AdamW for everything else, as one optimizer.

Muon (Jordan et al. 2024) makes each step of a matrix orthogonal: every direction moves by as much, those too that few
examples ask for. Embeddings and the head, where a row belongs to one token, norms and biases are AdamW's. Steps are
scaled to the size of AdamW's (Liu et al. 2025), so that one learning rate does for both.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.optim import AdamW, Muon, Optimizer


def block_matrices(model: nn.Module) -> list[nn.Parameter]:
    """What trains and is a matrix of a block, adapters' too. Not embeddings, of which T5 has some in its attention."""
    found = {
        id(parameter): parameter
        for blocks in model.modules()
        if isinstance(blocks, nn.ModuleList)
        for module in blocks.modules()
        if not isinstance(module, nn.Embedding)
        for parameter in module.parameters(recurse=False)
        if parameter.requires_grad and parameter.dim() == 2
    }
    return list(found.values())


class MuonWithAdamW(Optimizer):
    """groups: AdamW's. weight_decay: of the matrices; each of the groups says its own."""

    def __init__(
        self, matrices: list[nn.Parameter], groups: list[dict[str, Any]], learning_rate: float,
        betas: tuple[float, float], weight_decay: float,
    ):  # fmt: skip
        self.parts: tuple[Optimizer, ...] = (
            Muon(matrices, lr=learning_rate, weight_decay=weight_decay, adjust_lr_fn="match_rms_adamw"),
            AdamW(groups, lr=learning_rate, betas=betas, fused=True),
        )
        super().__init__([group for part in self.parts for group in part.param_groups], {})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        for part in self.parts:
            part.step()

    def state_dict(self) -> dict[str, Any]:
        return {type(part).__name__: part.state_dict() for part in self.parts}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        for part in self.parts:
            part.load_state_dict(state_dict[type(part).__name__])
        self.param_groups = [group for part in self.parts for group in part.param_groups]
