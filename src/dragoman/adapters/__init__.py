"""Adapters: LoRA in pure PyTorch, 4-bit weights, PEFT's files, and the handover to peft."""
