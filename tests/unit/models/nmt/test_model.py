from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file
from unit.models.nmt import reference

from dragoman.base.errors import RequestError
from dragoman.models.face import Batch
from dragoman.models.nmt.config import NmtConfig
from dragoman.models.nmt.model import NmtModel, count_parameters
from dragoman.objectives.batches import collate
from dragoman.recipe.schema import Nmt

SHAPES = [
    {}, {"norm": "rmsnorm"}, {"tied": False}, {"n_kv_heads": 6}, {"n_kv_heads": 1, "norm": "rmsnorm", "tied": False},
    {"rope_base": 100.0, "norm_eps": 1e-2},
]  # fmt: skip
ids = st.lists(st.integers(0, 36), min_size=1, max_size=12)
ragged = st.lists(st.tuples(ids, ids), min_size=1, max_size=5)


def logits(model: NmtModel, batch: Batch) -> torch.Tensor:
    with torch.no_grad():
        return model.head().logits(model.hidden(batch))


def test_the_fifth_job_has_its_exact_number_of_parameters():
    config = NmtConfig.from_recipe(
        Nmt(d_model=640, n_heads=8, n_kv_heads=2, encoder_layers=10, decoder_layers=12, d_ff=1792, norm="layernorm",
            tied=False), 30_000,
    )  # fmt: skip
    parts = count_parameters(config)
    assert sum(parts.values()) == 148_984_320
    assert parts["embedding"] == parts["head"] == 30_000 * 640


@pytest.mark.parametrize("changes", SHAPES)
def test_the_parts_add_up_to_the_whole(make, changes):
    model = make(**changes)
    assert sum(count_parameters(model.config).values()) == sum(p.numel() for p in model.parameters())


def test_biases_exist_in_layer_norms_alone(make):
    assert all("norm" in name for name, _ in make().named_parameters() if name.endswith("bias"))
    assert not [name for name, _ in make(norm="rmsnorm").named_parameters() if name.endswith("bias")]


@pytest.mark.parametrize("changes", SHAPES)
def test_it_computes_what_a_plain_implementation_computes(make, changes):
    model = make(**changes)
    rows = [([5, 9, 3, 9, 1], [7, 7, 2, 30, 1]), ([4, 1], [8, 1]), ([30, 31, 32, 33, 34, 35, 1], [12, 13, 1])]
    found = logits(model, collate(rows, pad_id=0)).double()
    expected = [
        reference.logits(model.config, model.state_dict(), source, [0, *labels[:-1]]) for source, labels in rows
    ]
    torch.testing.assert_close(found, torch.cat(expected), atol=2e-5, rtol=2e-5)


@given(rows=ragged)
@settings(max_examples=60, deadline=None)
def test_a_row_does_not_depend_on_its_neighbours_or_its_padding(make_once, rows):
    together = logits(make_once, collate(rows, pad_id=0))
    alone = torch.cat([logits(make_once, collate([row], pad_id=0)) for row in rows])
    torch.testing.assert_close(together, alone, atol=1e-5, rtol=1e-5)


@given(rows=ragged, fill=st.integers(0, 36))
@settings(max_examples=30, deadline=None)
def test_what_stands_in_the_padding_does_not_matter(make_once, rows, fill):
    torch.testing.assert_close(
        logits(make_once, collate(rows, pad_id=0))[1:],
        logits(make_once, _start_with_zero(collate(rows, pad_id=fill)))[1:],
        atol=1e-5, rtol=1e-5,
    )  # fmt: skip


def _start_with_zero(batch: Batch) -> Batch:
    batch.decoder_input_ids[:, 0] = 0
    return batch


@pytest.fixture(scope="module")
def make_once() -> NmtModel:
    torch.manual_seed(1)
    config = NmtConfig(37, d_model=24, n_heads=6, n_kv_heads=2, encoder_layers=2, decoder_layers=2, d_ff=20)
    return NmtModel(config).eval()


def test_no_position_sees_a_later_one(make):
    model = make()
    source, labels = [5, 6, 7, 1], [8, 9, 10, 11, 12, 13]
    before = logits(model, collate([(source, labels)], pad_id=0))
    for t in range(len(labels) - 1):
        changed = [*labels[:t], *[20 + i for i in range(t, len(labels))]]
        after = logits(model, collate([(source, changed)], pad_id=0))
        torch.testing.assert_close(after[: t + 1], before[: t + 1], atol=0, rtol=0)
        assert not torch.allclose(after[t + 1 :], before[t + 1 :], atol=1e-3)


def test_every_source_position_matters(make):
    model = make()
    source, labels = [5, 6, 7, 8, 1], [8, 9, 1]
    before = logits(model, collate([(source, labels)], pad_id=0))
    for s in range(len(source)):
        changed = [*source[:s], 21, *source[s + 1 :]]
        assert (logits(model, collate([(changed, labels)], pad_id=0)) - before).abs().amax(1).min() > 1e-4


def test_order_matters_only_through_relative_positions_within_a_stack(make):
    """Words in another order give another encoding: positions do reach the model."""
    model = make()
    one, two = (logits(model, collate([(source, [8, 9])], pad_id=0)) for source in ([5, 6, 7], [7, 6, 5]))
    assert not torch.allclose(one, two, atol=1e-3)


def test_everything_enters_the_stream_with_unit_variance():
    torch.manual_seed(0)
    model = NmtModel(NmtConfig(1000, d_model=256)).eval()
    assert model.embed(torch.arange(1000)).std().item() == pytest.approx(1.0, abs=0.02)
    head = model.head()
    assert head.weight is model.embedding.weight
    random = model.decoder_norm(torch.randn(50, 256))
    assert head.logits(random).std().item() == pytest.approx(1.0, abs=0.1)


def test_an_untrained_model_knows_nothing():
    torch.manual_seed(0)
    model = NmtModel(NmtConfig(500, tied=False)).eval()
    batch = collate([([5, 6, 1], list(range(3, 400)))], pad_id=0)
    loss = torch.nn.functional.cross_entropy(logits(model, batch), batch.labels)
    assert loss.item() == pytest.approx(math.log(500), abs=1.0)


def test_every_weight_gets_a_gradient(make):
    model = make(tied=False).train()
    model.head().logits(model.hidden(collate([([5, 6, 1], [7, 8, 1])], 0))).square().sum().backward()
    assert [name for name, p in model.named_parameters() if p.grad is None or not p.grad.abs().sum()] == []


def test_dropout_acts_in_training_alone(make):
    model = make()
    batch = collate([([5, 6, 1], [7, 8, 1])], 0)
    assert torch.equal(logits(model, batch), logits(model, batch))
    model.train()
    assert not torch.equal(logits(model, batch), logits(model, batch))


def test_bfloat16_stays_close(make):
    model = make()
    batch = collate([([5, 6, 7, 1], [7, 8, 1]), ([5, 1], [9, 1])], 0)
    exact = logits(model, batch)
    with torch.autocast("cpu", torch.bfloat16):
        rounded = logits(model, batch).float()
    assert (rounded - exact).norm() / exact.norm() < 0.03


# ---- files ----


@pytest.mark.parametrize("changes", SHAPES)
def test_a_saved_model_comes_back_bit_for_bit(make, tmp_path, changes):
    model = make(**changes)
    model.save(tmp_path / "model")
    loaded = NmtModel.load(tmp_path / "model").eval()
    assert loaded.config == model.config
    assert all(torch.equal(a, b) for a, b in zip(model.parameters(), loaded.parameters(), strict=True))
    batch = collate([([5, 6, 1], [7, 8, 1])], 0)
    assert torch.equal(logits(model, batch), logits(loaded, batch))


def _nothing(folder):
    (folder / "weights.safetensors").unlink()
    (folder / "config.json").unlink()


def _no_weights(folder):
    (folder / "weights.safetensors").unlink()


def _half(folder):
    file = folder / "weights.safetensors"
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def _not_json(folder):
    (folder / "config.json").write_text("{")


def _unknown_key(folder):
    (folder / "config.json").write_text('{"vocabulary_size": 37, "colour": "red"}')


def _other_shape(folder):
    (folder / "config.json").write_text('{"vocabulary_size": 38}')


def _missing_weight(folder):
    weights = load_file(folder / "weights.safetensors")
    del weights["encoder_norm.weight"]
    save_file(weights, folder / "weights.safetensors")


@pytest.mark.parametrize(
    "damage", [_nothing, _no_weights, _half, _not_json, _unknown_key, _other_shape, _missing_weight]
)
def test_a_damaged_folder_is_refused(make, tmp_path, damage):
    make().save(tmp_path)
    damage(tmp_path)
    with pytest.raises(RequestError, match="no usable model") as error:
        NmtModel.load(tmp_path)
    assert error.value.where == str(tmp_path)


def test_rms_norms_compute_in_the_type_of_what_they_weigh(make, recwarn):
    model = make(norm="rmsnorm")
    with torch.autocast("cpu", torch.bfloat16):
        hidden = model.hidden(collate([([5, 6, 1], [7, 8, 1])], 0))
    assert hidden.dtype == torch.bfloat16
    assert not [str(warning.message) for warning in recwarn if "dtype" in str(warning.message)]


@pytest.mark.compiled
@pytest.mark.parametrize("dropout", [0.0, 0.2])
def test_compiled_it_computes_the_same(make, dropout):
    model = make(encoder_layers=1, decoder_layers=1, dropout=dropout)
    model.train(dropout > 0)
    compiled = torch.compile(model.hidden, dynamic=True)
    for rows in ([([5, 6, 1], [7, 8, 1]), ([5, 1], [9, 1])], [([5, 6, 7, 8, 1], [7, 1])]):
        batch = collate(rows, 0)
        found = compiled(batch)
        if not dropout:  # compiled, the random numbers are others
            torch.testing.assert_close(found, model.hidden(batch), atol=1e-5, rtol=1e-5)
    found.sum().backward()
    assert model.embedding.weight.grad is not None
    assert model.embedding.weight.grad.isfinite().all()
