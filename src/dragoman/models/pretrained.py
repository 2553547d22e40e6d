"""One of transformers' models behind our face: encoder-decoders such as T5, mT5, BART, causal ones such as Llama, LFM2.

Nothing about a model is believed: before it is used, what is computed here is compared with its own logits, and of a
causal one it is seen that no position looks ahead.

Shapes: B batch, S source length, T target length, N labelled positions, D width, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor

from dragoman.base.errors import RequestError
from dragoman.models import networks
from dragoman.models.configurations import OVERFLOWING, make_config, quiet, read_config, read_words, said_tied
from dragoman.models.face import Batch, Found, GeneratingModel, Head
from dragoman.models.quick import quicken
from dragoman.models.searching import Search, search
from dragoman.models.shape import ModelShape
from dragoman.models.weights import are_one
from dragoman.tokenizer.face import TextTokenizer

TOLERANCE = {torch.float32: 1e-4, torch.bfloat16: 3e-2, torch.float16: 1e-2}  # of the largest logit


class PretrainedModel(GeneratingModel):
    """network: the transformers model. eos_ids: each of them ends an answer. pad_id: what fills, and is masked.

    first_id: what every answer has to begin with, after start_id, if anything. It is read and never chosen, so it is no
    label and no part of an answer.
    """

    def __init__(self, network: networks.Network):
        super().__init__()
        self.network: networks.Network = network
        quicken(network)
        self.causal = not network.config.is_encoder_decoder
        self.pad_id, self.eos_ids, self.start_id = networks.special_ids(network)
        self.first_id = networks.forced_first(network)
        size = networks.context_of(network)
        self.context = None if size is None else size - (self.first_id is not None)
        self._forget_settings()

    # ---- making one ----

    @classmethod
    def load(cls, folder: Path, *, dtype: torch.dtype = torch.float32, eos_id: int | None = None) -> PretrainedModel:
        """The model of a folder, stored in `dtype`, not training.

        eos_id: the end token that its answers are to have, beside those that it names itself. Raises RequestError
        where the folder holds no whole model, or one that cannot be trained or asked here.
        """
        model = cls(networks.load_network(folder, dtype))
        if eos_id is not None:
            model.end_with(eos_id)
        model.eval()
        model.verify(str(folder))
        return model

    @classmethod
    def random(cls, settings: Mapping[str, object], tokenizer: TextTokenizer) -> PretrainedModel:
        """Random float32 weights for `model_type` and the keys of its configuration, drawn by torch's generator.

        The rows of its vocabulary and its special ids are the tokenizer's; a decoder starts with the pad id. Raises
        RequestError, by the recipe's key, for what transformers does not know.
        """
        pad, end, begin = tokenizer.pad_id, tokenizer.eos_id, tokenizer.bos_id
        config = make_config(settings, tokenizer.vocabulary_size, pad_id=pad, eos_id=end, bos_id=begin)
        model = cls(networks.build_network(config, said_tied(config, settings), torch.float32))
        model.eval()
        model.verify("model.transformers")
        return model

    @classmethod
    def random_like(cls, folder: Path) -> PretrainedModel:
        """Random float32 weights of the same shape as the model of a folder. Raises RequestError as `load` does."""
        network = networks.build_network(read_config(folder), _is_tied(folder), torch.float32)
        networks.follow_files(network, folder)
        model = cls(network)
        model.eval()
        model.verify(str(folder))
        return model

    @classmethod
    def skeleton(cls, source: Path | Mapping[str, object], vocabulary_size: int = 0) -> PretrainedModel:
        """A model without weights, on torch's meta device, to be counted and described.

        source: a folder, whose weights may be missing, or what `random` takes; then vocabulary_size is the tokenizer's.
        """
        if isinstance(source, Path):
            config, tied = read_config(source), _is_tied(source)
        else:
            config = make_config(source, vocabulary_size, pad_id=0, eos_id=1, bos_id=None)
            tied = said_tied(config, source)
        with torch.device("meta"):
            network = networks.build_network(config, tied, torch.float32)
            if isinstance(source, Path):
                networks.follow_files(network, source)
            return cls(network)

    def end_with(self, eos_id: int) -> None:
        """Let `eos_id` end answers too."""
        self.eos_ids = [eos_id, *(id for id in self.eos_ids if id != eos_id)]
        self._forget_settings()

    def _forget_settings(self) -> None:
        networks.forget_settings(self.network, self.pad_id, self.eos_ids, self.start_id, self.first_id)

    # ---- what training and evaluation see ----

    def hidden(self, batch: Batch) -> Tensor:
        mask = None
        if not self.causal:  # of a causal model nothing looks ahead, and what is padded stands at the end
            S = batch.input_ids.shape[1]
            mask = (torch.arange(S, device=batch.input_ids.device) < batch.input_lengths[:, None]).long()
        decoder_input_ids, positions = self._begun(batch)
        hidden = networks.last_hidden(self.network, batch.input_ids, mask, decoder_input_ids)  # (B, T, D)
        return hidden.flatten(0, 1).index_select(0, positions)

    def _begun(self, batch: Batch) -> tuple[Tensor | None, Tensor]:
        """The decoder's input with first_id after the start, and where its labels follow then."""
        ids, positions = batch.decoder_input_ids, batch.positions
        if self.first_id is None or ids is None:
            return ids, positions
        first = torch.full_like(ids[:, :1], self.first_id)
        return torch.cat([ids[:, :1], first, ids[:, 1:]], dim=1), positions + positions // ids.shape[1] + 1

    def head(self) -> Head:
        return networks.head_of(self.network)

    def save(self, folder: Path) -> None:
        networks.save_network(self.network, folder)

    def generate(
        self, inputs: Sequence[Sequence[int]], *, beam: int, n_best: int, length_penalty: float, limits: Sequence[int],
        sample: bool, temperature: float, top_k: int, top_p: float, seed: int, suppress: Sequence[int],
        use_cache: bool = True, whole: bool = False,
    ) -> list[list[Found]]:  # fmt: skip
        settings = Search(
            1 if sample else beam, n_best, length_penalty, tuple(limits), sample, temperature, top_k, top_p, seed,
            tuple(id for id in suppress if id not in self.eos_ids), use_cache, whole,
        )  # fmt: skip
        begin = [self.start_id] if self.first_id is None else [self.start_id, self.first_id]
        return search(self.network, inputs, settings, self.pad_id, self.eos_ids, begin) if inputs else []

    # ---- what it is ----

    @property
    def kind(self) -> str:
        """As transformers calls it: t5, mt5, llama."""
        return str(self.network.config.model_type)

    @property
    def overflows(self) -> bool:
        """Whether it cannot be computed in float16: the T5 family's activations grow too large."""
        return self.kind in OVERFLOWING

    def describe(self) -> ModelShape:
        """Stacks, widths and the parameters of each part."""
        return networks.describe_network(self.network)

    @torch.no_grad()
    def verify(self, where: str) -> None:
        """Raise RequestError where hidden states and head do not make the model's own logits, or it looks ahead."""
        weight = self.head().weight
        ids = (torch.arange(2 * 5, device=weight.device).view(2, 5) * 7 + 3) % weight.shape[0]
        ids[1, :-1] = ids[0, :-1]  # two rows that differ in the last place alone
        lengths = torch.full((2,), 5, device=ids.device)
        decoder = None if self.causal else ids
        batch = Batch(ids, lengths, decoder, torch.arange(10, device=ids.device), ids.flatten())
        with quiet():  # some say once, at their first step, that they know a faster way on other machines
            found = self.head().logits(self.hidden(batch)).float()
            decoder, positions = self._begun(batch)
            own = networks.run(self.network, ids, None, decoder).flatten(0, 1).index_select(0, positions).float()
        tolerance = TOLERANCE[weight.dtype] * max(1.0, float(own.abs().max()))
        hint = "choose another model; T5, mT5, BART, Marian, Llama, LFM2 and Qwen are known to work"
        if not torch.allclose(found, own, rtol=0.0, atol=tolerance):
            raise RequestError(
                f"a {self.kind} model does more to its logits than its head says, so it cannot be trained here",
                where=where,
                hint=hint,
            )
        if self.causal and not torch.allclose(own[:4], own[5:9], rtol=0.0, atol=tolerance):
            raise RequestError(
                f"a {self.kind} model looks ahead in the text, so it cannot write one", where=where, hint=hint
            )


def _is_tied(folder: Path) -> bool:
    """Whether head and embedding are one: by the weights where there are any, else by the configuration's words."""
    config = read_config(folder)
    with torch.device("meta"):
        partners = networks.tied_names(networks.build_network(config, True, torch.float32))
    one = are_one(folder, *partners) if partners else None
    return said_tied(config, read_words(folder)) if one is None else one
