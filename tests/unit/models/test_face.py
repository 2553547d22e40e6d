import torch

from dragoman.models.face import Batch, Head


def test_a_head_scales_and_shifts():
    torch.manual_seed(0)
    h, w, b = torch.randn(4, 3), torch.randn(5, 3), torch.randn(5)
    torch.testing.assert_close(Head(w, b, 0.5).logits(h), 0.5 * (h @ w.T) + b)
    torch.testing.assert_close(Head(w).logits(h), h @ w.T)


def test_a_batch_goes_to_a_device_whole():
    batch = Batch(*(torch.zeros(1, dtype=torch.long) for _ in range(5)))
    moved = batch.to(torch.device("meta"))
    assert all(getattr(moved, name).device.type == "meta" for name in Batch.__dataclass_fields__)


def test_a_causal_batch_has_no_decoder_input():
    ids = torch.zeros(1, dtype=torch.long)
    moved = Batch(ids, ids, None, ids, ids).to(torch.device("meta"))
    assert moved.decoder_input_ids is None
    assert moved.labels.device.type == "meta"
