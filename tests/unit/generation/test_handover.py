"""A model that searches by itself is asked for what our own search would be asked for."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from unit.models.tiny import KINDS, V, shake, tokenizer_of

from dragoman.generation.batching import generate
from dragoman.generation.handover import handed_over
from dragoman.generation.settings import Hypothesis, Settings
from dragoman.models.face import GeneratingModel
from dragoman.models.pretrained import PretrainedModel

INPUTS = [[5, 9, 12, 1], [7, 1], [30, 8, 8, 17, 22, 40, 1]]


class Asked(GeneratingModel):
    """Notes what it is asked for; answers each input with its first id."""

    def __init__(self) -> None:
        super().__init__()
        self.dropout = torch.nn.Dropout()
        self.asked: list[dict[str, Any]] = []

    def hidden(self, batch):
        raise NotImplementedError

    def head(self):
        raise NotImplementedError

    def save(self, folder):
        raise NotImplementedError

    def generate(self, inputs, **settings):
        modes = {"training": self.dropout.training, "gradients": torch.is_grad_enabled()}
        self.asked.append({"inputs": inputs, **settings, **modes})
        n = settings["n_best"]
        return [[([ids[0]], -float(k), True) for k in range(n)] for ids in inputs]


def test_beams_share_a_batch_and_each_input_has_its_own_limit():
    model = Asked()
    settings = Settings(beam=3, n_best=2, length_penalty=0.5, length_ratio=1.0, length_margin=1, max_length=7)
    found = handed_over(model, INPUTS, settings, suppress=[0, 4], seeds=[11, 12, 13])
    assert model.asked == [
        {
            "inputs": INPUTS, "beam": 3, "n_best": 2, "length_penalty": 0.5, "limits": [5, 3, 7], "sample": False,
            "temperature": 1.0, "top_k": 0, "top_p": 1.0, "seed": 11, "suppress": [0, 4],
            "training": False, "gradients": False,
        }
    ]  # fmt: skip
    assert found == [[Hypothesis([ids[0]], 0.0, True), Hypothesis([ids[0]], -1.0, True)] for ids in INPUTS]


def test_samples_are_asked_for_one_by_one_each_with_its_seed():
    model = Asked()
    settings = Settings(sample=True, n_best=2, temperature=0.5, top_k=3, top_p=0.9, length_ratio=1.0, length_margin=0)
    handed_over(model, INPUTS, settings, suppress=[], seeds=[11, 12, 13])
    asked = [(one["inputs"], one["seed"], one["limits"]) for one in model.asked]
    assert asked == [([INPUTS[0]], 11, [4]), ([INPUTS[1]], 12, [2]), ([INPUTS[2]], 13, [7])]
    drawn = {(one["sample"], one["temperature"], one["top_k"], one["top_p"]) for one in model.asked}
    assert drawn == {(True, 0.5, 3, 0.9)}


@pytest.mark.parametrize(("causal", "limits"), [(True, [5, 7, 2]), (False, [9, 9, 9])])
def test_no_answer_goes_beyond_what_the_model_has_in_sight(causal, limits):
    model = Asked()
    model.causal, model.context = causal, 9
    handed_over(model, INPUTS, Settings(beam=2, length_margin=50), suppress=[], seeds=[1, 2, 3])
    assert model.asked[0]["limits"] == limits


def test_the_mode_it_was_in_comes_back():
    model = Asked()
    handed_over(model, INPUTS, Settings(), suppress=[], seeds=[1, 2, 3])
    assert model.training
    assert model.dropout.training
    model.generate = lambda inputs, **settings: 1 / 0  # type: ignore[method-assign]
    with pytest.raises(ZeroDivisionError):
        handed_over(model, INPUTS, Settings(), suppress=[], seeds=[1, 2, 3])
    assert model.dropout.training


@pytest.fixture(params=["t5", "llama"])
def pretrained(request):
    torch.manual_seed(0)
    return shake(PretrainedModel.random(KINDS[request.param], tokenizer_of(V)))


@pytest.mark.parametrize(
    "settings",
    [
        Settings(beam=2, n_best=2, max_length=12),
        Settings(beam=3, n_best=3, length_ratio=1.0, length_margin=1),
        Settings(beam=1, length_ratio=1.0, length_margin=0),
        Settings(sample=True, n_best=2, top_k=9, seed=3, length_margin=3),
    ],
)
def test_batches_do_not_show(pretrained, settings):
    """Neither in answers nor in scores, where each input of a batch has a limit of its own either."""

    def answers(batch_tokens):
        found = generate(pretrained, INPUTS, settings, eos_id=1, pad_id=0, suppress=[0, 2], batch_tokens=batch_tokens)
        return [[(one.ids, round(one.score, 3), one.finished) for one in best] for best in found]

    together = answers(10_000)
    assert together == answers(1)
    assert not all(finished for best in together for _, _, finished in best)  # some are cut
    assert not {0, 1, 2} & {id for best in together for ids, _, _ in best for id in ids}
    limits = [settings.limit(len(ids)) for ids in INPUTS]
    assert all(len(ids) <= limit for best, limit in zip(together, limits, strict=True) for ids, _, _ in best)
