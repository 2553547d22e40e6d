"""The one file that knows how transformers' models look inside: how they are built, tied, saved, tapped and counted.

- Whether head and embedding are one matrix is seen in the loaded tensors. transformers 5 ties T5, mT5 and UMT5 by their
  configuration, whatever their checkpoints hold, and would re-tie them later; here the configuration follows the
  tensors, so that nothing does.
- A T5 of the first kind scales what goes into its head by D ** -0.5, one of version 1.1 does not; which of the two a
  configuration means, it says by whether it ties (`scale_decoder_outputs` in transformers).
- The last hidden states are taken where the head would read them, so whatever a model does before its head is in them,
  and its logits are never made.

Shapes: B batch, S source length, T target length, D width, V vocabulary.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from dragoman.base.errors import RequestError
from dragoman.models.configurations import CONFIG, GENERATION, TIED_BY_FORCE, first_line, quiet, read_config
from dragoman.models.face import Head
from dragoman.models.shape import ModelShape, StackShape

Network = Any  # one of transformers' models; their types are not known to a checker
FEED_FORWARD = ("wi", "wi_0", "fc1", "gate_proj", "up_proj", "w1")  # what the layers that widen are called


# ---- build, load, save ----


def build_network(config: Any, tied: bool, dtype: torch.dtype) -> Network:
    """A network with random weights, or on the meta device without any, where that is torch's default device."""
    with quiet():
        network = _class_for(config).from_config(config, dtype=dtype)
    if not tied and is_tied(network):
        head = network.get_output_embeddings()
        # Unit variance of the logits; transformers would draw it from N(0, 1), where a first loss is in the hundreds.
        weight = torch.empty_like(head.weight).normal_(0.0, head.weight.shape[1] ** -0.5)
        head.weight = nn.Parameter(weight)
    follow_tensors(network)
    return network


def load_network(folder: Path, dtype: torch.dtype) -> Network:
    """The pretrained network of a folder, stored in `dtype`. Raises RequestError where weights are missing."""
    config = read_config(folder)
    auto = _class_for(config)
    try:
        with quiet():
            network, report = auto.from_pretrained(
                folder, config=config, dtype=dtype, local_files_only=True, output_loading_info=True
            )
    except Exception as error:  # whatever its many classes raise
        raise RequestError(
            f"no usable model here: {first_line(error)}",
            where=str(folder),
            hint="a file is damaged or missing, or its weights are in none of transformers' two forms "
            "(model.safetensors, pytorch_model.bin)",
        ) from error
    if missing := sorted(report["missing_keys"]):
        shown = ", ".join(missing[:3]) + (f" and {len(missing) - 3} more" if len(missing) > 3 else "")
        raise RequestError(
            f"its weights are not complete: {shown}",
            where=str(folder),
            hint="these would be random; copy or download the model anew",
        )
    follow_tensors(network)
    return network


def _class_for(config: Any) -> Any:
    """Which of transformers' classes builds a text model of this configuration."""
    from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM

    auto = AutoModelForSeq2SeqLM if config.is_encoder_decoder else AutoModelForCausalLM
    if type(config) not in auto._model_mapping:
        raise RequestError(
            f"a {config.model_type} model writes no text",
            hint="choose an encoder-decoder (T5, mT5, BART, Marian) or a causal model (Llama, LFM2, Qwen)",
        )
    return auto


def is_tied(network: Network) -> bool:
    """Whether the head's matrix has a second use."""
    weight = network.get_output_embeddings().weight
    return sum(p is weight for _, p in network.named_parameters(remove_duplicate=False)) > 1


def tied_names(network: Network) -> tuple[str, str] | None:
    """The names of the head's matrix and of the one that it is tied to, or None."""
    head = f"{_head_name(network)}.weight"
    return (head, network.all_tied_weights_keys[head]) if head in network.all_tied_weights_keys else None


def _head_name(network: Network) -> str:
    head = network.get_output_embeddings()
    return next(name for name, module in network.named_modules() if module is head)


def follow_tensors(network: Network) -> None:
    """Let the configuration say what the tensors are, so that nothing ties the head to anything later on."""
    if is_tied(network):
        return
    network.config.tie_word_embeddings = False
    network.all_tied_weights_keys.pop(f"{_head_name(network)}.weight", None)


def save_network(network: Network, folder: Path) -> None:
    """Write configuration, ids and weights, so that `load_network` gives the same network."""
    config = network.config
    said = config.tie_word_embeddings
    if network.all_tied_weights_keys and config.model_type not in TIED_BY_FORCE:
        config.tie_word_embeddings = True  # BART's stacks share their embedding by it; the head shows by its tensor
    try:
        with quiet():
            network.save_pretrained(folder)
    finally:
        config.tie_word_embeddings = said


def special_ids(network: Network) -> tuple[int, list[int], int]:
    """The pad id, the ids that end an answer, and the id that a decoder starts with.

    Those that end are what the configuration and the base's own generation settings name: of the latter this alone.
    """
    config, own = network.config, getattr(network, "generation_config", None)
    ends: list[int] = []
    for named in (config.eos_token_id, getattr(own, "eos_token_id", None)):
        ends += [id for id in (named if isinstance(named, list) else [named]) if id is not None and id not in ends]
    if not ends:
        raise RequestError("its configuration names no end token", hint=f"add eos_token_id to its {CONFIG}")
    pad = ends[0] if config.pad_token_id is None else int(config.pad_token_id)
    starts = [getattr(named, "decoder_start_token_id", None) for named in (config, own)]
    start = next((int(id) for id in starts if id is not None), pad)
    return pad, ends, start


def forced_first(network: Network) -> int | None:
    """The token that every answer of an encoder-decoder has to begin with (BART's <s>, mBART's language), if any."""
    own = getattr(network, "generation_config", None)
    first = getattr(own, "forced_bos_token_id", None) if network.config.is_encoder_decoder else None
    return None if first is None else int(first)


def context_of(network: Network) -> int | None:
    """The most positions that it knows, or None: T5's distances have no end."""
    size = getattr(network.config, "max_position_embeddings", None)
    return None if size is None else int(size)


def follow_files(network: Network, folder: Path) -> None:
    """Give a network that was built by a folder's configuration the generation settings that lie beside it."""
    from transformers import GenerationConfig

    if (folder / GENERATION).is_file():
        with quiet():
            network.generation_config = GenerationConfig.from_pretrained(folder)


def forget_settings(
    network: Network, pad_id: int, eos_ids: list[int], start_id: int, first_id: int | None = None
) -> None:
    """Leave nothing of a base's own generation settings but the ids, for whoever loads what is saved."""
    from transformers import GenerationConfig

    config = network.config
    network.generation_config = GenerationConfig(
        pad_token_id=pad_id,
        eos_token_id=eos_ids if len(eos_ids) > 1 else eos_ids[0],
        bos_token_id=getattr(config, "bos_token_id", None),
        decoder_start_token_id=start_id if config.is_encoder_decoder else None,
        forced_bos_token_id=first_id,
    )


# ---- hidden states and head ----


def last_hidden(
    network: Network, input_ids: Tensor, attention_mask: Tensor | None, decoder_input_ids: Tensor | None
) -> Tensor:
    """What the head would read, (B, T, D) of the decoder, or of the only stack."""
    head = network.get_output_embeddings()
    kept: list[Tensor] = []

    def keep(hidden: Tensor) -> Tensor:
        kept.append(hidden)
        return hidden.new_zeros(1, 1, 1)

    head.forward = keep
    try:
        run(network, input_ids, attention_mask, decoder_input_ids)
    finally:
        del head.forward
    return kept[0]


def run(network: Network, input_ids: Tensor, attention_mask: Tensor | None, decoder_input_ids: Tensor | None) -> Tensor:
    """The network's own logits: (B, T, V)."""
    if decoder_input_ids is None:
        output = network(input_ids=input_ids, attention_mask=attention_mask, use_cache=False)
    else:
        output = network(
            input_ids=input_ids, attention_mask=attention_mask, decoder_input_ids=decoder_input_ids, use_cache=False
        )
    return output.logits


def head_of(network: Network) -> Head:
    """The head as it is now. Raises RequestError for a model that bends its logits afterwards."""
    config, head = network.config, network.get_output_embeddings()
    if getattr(config, "final_logit_softcapping", None):
        raise RequestError(
            f"a {config.model_type} model caps its logits (final_logit_softcapping), which training here does not do",
            hint="choose another model",
        )
    bias = getattr(head, "bias", None)
    added = getattr(network, "final_logits_bias", None)  # (1, V), of BART and Marian
    if added is not None:
        bias = added[0] if bias is None else bias + added[0]
    scale = getattr(config, "logit_scale", None) or 1.0  # Cohere
    return Head(head.weight, bias, scale / (getattr(config, "logits_scaling", None) or 1.0))  # Granite


# ---- what it is made of ----


def describe_network(network: Network) -> ModelShape:
    """The stacks, their widths, and the parameters of each part, on any device."""
    config = network.config
    head = network.get_output_embeddings()
    tied = is_tied(network)
    parts = {"embedding": 0, "encoder": 0, "decoder": 0, "head": 0}
    for name, parameter in network.named_parameters():
        path = name.split(".")
        if "embed_tokens" in path or "shared" in path:
            part = "embedding"
        elif parameter is head.weight or parameter is head.bias:
            part = "embedding" if tied else "head"
        else:
            part = "encoder" if "encoder" in path else "decoder"
        parts[part] += parameter.numel()
    stacks = [_describe_stack("decoder", network.get_decoder(), config, parts["decoder"])]
    if config.is_encoder_decoder:
        stacks.insert(0, _describe_stack("encoder", network.get_encoder(), config, parts["encoder"]))
    return ModelShape(
        kind=config.model_type, causal=not config.is_encoder_decoder, tied=tied, width=config.hidden_size,
        vocabulary_size=head.weight.shape[0], stacks=tuple(stacks), parameters=parts,
    )  # fmt: skip


def _describe_stack(name: str, stack: Network, config: Any, parameters: int) -> StackShape:
    blocks = next(module for module in stack.children() if isinstance(module, nn.ModuleList))
    heads = getattr(config, f"{name}_attention_heads", None) or config.num_attention_heads
    layers = ((path.rpartition(".")[2], module) for path, module in blocks.named_modules())
    kinds = getattr(config, "layer_types", None) or ["attention"] * len(blocks)
    return StackShape(
        name=name,
        kinds=tuple("convolution" if kind == "conv" else "attention" for kind in kinds),
        ff_width=next((m.out_features for last, m in layers if last in FEED_FORWARD and hasattr(m, "out_features")), 0),
        heads=heads,
        kv_heads=getattr(config, "num_key_value_heads", None) or heads,
        parameters=parameters,
    )
