"""How large a micro-batch may be."""

from __future__ import annotations

import os

import torch

from dragoman.models.nmt.config import NmtConfig
from dragoman.recipe.schema import Training

SHARE = 0.25  # of the device's memory, for activations
LARGEST = 2**16  # tokens: beyond this nothing gets faster


def activation_bytes(config: NmtConfig, compute_bytes: int) -> int:
    """What one padded token leaves behind for the backward pass, about: inputs of products, norms, masks."""
    block = 14 * config.d_model + 6 * config.d_ff
    return (config.encoder_layers + config.decoder_layers) * block * compute_bytes


def micro_batch_tokens(training: Training, config: NmtConfig, device: torch.device, compute: torch.dtype) -> int:
    """The recipe's size, or for `auto` what surely fits this device: the same on every run of one machine."""
    if training.micro_batch_tokens != "auto":
        return training.micro_batch_tokens
    if device.type == "cuda":
        memory = torch.cuda.get_device_properties(device).total_memory
    else:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return max(1, min(LARGEST, int(SHARE * memory) // activation_bytes(config, compute.itemsize)))
