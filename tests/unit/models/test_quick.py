from __future__ import annotations

import pytest
import torch
from torch import nn
from unit.models.tiny import CAUSAL, SEQ2SEQ, batch_for

from dragoman.models import quick
from dragoman.models.nmt.dropout import Dropout


def silence(network: nn.Module) -> None:
    """No dropout, wherever a network has it."""
    for module in network.modules():
        if isinstance(module, Dropout):
            module.p = 0.0
        for name in ("dropout", "attention_dropout", "activation_dropout"):
            if isinstance(getattr(module, name, None), float):
                setattr(module, name, 0.0)


@pytest.mark.parametrize("kind", [*SEQ2SEQ, *CAUSAL])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_in_training_it_computes_what_transformers_does(tiny, kind, dtype, monkeypatch):
    """On ragged rows, with shared keys, causal or not: the same hidden states and the same gradients."""
    model = tiny(kind).train()
    silence(model.network)
    used, plain = [], quick.plain_attention
    monkeypatch.setattr(quick, "plain_attention", lambda *given: used.append(given) or plain(*given))
    batch, found = batch_for(model), []
    for implementation in (quick.NAME, "sdpa"):
        model.network.set_attn_implementation(implementation)
        model.zero_grad()
        with torch.autocast("cpu", dtype, enabled=dtype != torch.float32):
            hidden = model.hidden(batch)
        hidden.float().square().sum().backward()
        gradients = {name: p.grad for name, p in model.named_parameters() if p.grad is not None}
        found.append((hidden.float(), gradients))
    assert used
    near = {"rtol": 1e-4, "atol": 1e-4} if dtype == torch.float32 else {"rtol": 0.1, "atol": 0.1}
    torch.testing.assert_close(found[0][0], found[1][0], **near)
    for name, gradient in found[0][1].items():
        assert (gradient - found[1][1][name]).norm() < near["rtol"] * (1 + gradient.norm())


def test_elsewhere_it_is_transformers_own(tiny, monkeypatch):
    monkeypatch.setattr(quick, "plain_attention", lambda *given: pytest.fail("in evaluation, or for a long text"))
    model = tiny("llama").eval()
    model.hidden(batch_for(model))
    monkeypatch.setattr(quick, "LONGEST", {torch.float32: 3})
    model.train()
    model.hidden(batch_for(model))


def test_dropout_drops_in_training_alone(tiny):
    model, batch = tiny("mt5"), batch_for(tiny("mt5"))
    kinds = {type(module) for module in model.network.modules()}
    assert Dropout in kinds
    assert nn.Dropout not in kinds
    with torch.no_grad():
        assert torch.equal(model.eval().hidden(batch), model.hidden(batch))
        assert not torch.equal(model.train().hidden(batch), model.hidden(batch))


def test_a_saved_model_says_nothing_of_it(tiny, tmp_path):
    tiny("t5").save(tmp_path)
    assert quick.NAME not in (tmp_path / "config.json").read_text(encoding="utf-8")
