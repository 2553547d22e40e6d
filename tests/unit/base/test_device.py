from __future__ import annotations

import pytest
import torch

from dragoman.base import device
from dragoman.base.device import choose_precision, describe_machine, device_memory, fast_bfloat16, tune_allocator
from dragoman.base.errors import RequestError

CPU = torch.device("cpu")


@pytest.mark.parametrize(
    ("flags", "feature"),
    [("fpu avx512_bf16 amx_bf16", "amx_bf16"), ("fpu avx512_bf16", "avx512_bf16"), ("fp bf16", "bf16"), ("fpu", None)],
)
def test_the_processor_says_whether_it_is_fast(flags, feature, monkeypatch):
    monkeypatch.setattr(device, "_cpu", lambda *names: flags)
    assert fast_bfloat16(CPU) == feature
    auto = choose_precision("auto", CPU)
    assert auto.compute == (torch.bfloat16 if feature else torch.float32)
    assert (feature or "no fast bfloat16") in auto.reason


def test_the_recipe_decides_where_it_says_so(monkeypatch):
    monkeypatch.setattr(device, "_cpu", lambda *names: "fpu")
    assert choose_precision("float32", CPU).compute == torch.float32
    wanted = choose_precision("bfloat16", CPU)
    assert wanted.name == "bfloat16"
    assert "not fast" in wanted.reason


def test_autocast_computes_in_the_chosen_type(monkeypatch):
    x = torch.ones(2, 2)
    for wanted in ("float32", "bfloat16"):
        precision = choose_precision(wanted, CPU)
        with precision.autocast(CPU):
            assert (x @ x).dtype == precision.compute


def test_the_machine_is_described_and_the_allocator_tuned():
    tune_allocator()
    assert set(describe_machine()) >= {"device", "cores", "threads", "torch", "python", "transformers"}


@pytest.mark.parametrize(("text", "limited"), [("1000000\n", True), ("max\n", False), (f"{2**62}\n", False)])
def test_a_container_has_less_memory_than_its_machine(text, limited, monkeypatch, tmp_path):
    (tmp_path / "memory.max").write_text(text)
    monkeypatch.setattr(device, "CGROUP_LIMITS", ())
    whole = device_memory(CPU)
    monkeypatch.setattr(device, "CGROUP_LIMITS", (str(tmp_path / "memory.max"), str(tmp_path / "not here")))
    assert device_memory(CPU) == (1_000_000 if limited else whole)


@pytest.fixture
def gpu(monkeypatch):
    """Makes a GPU of a compute capability, as far as choosing a precision goes."""

    def make(*capability):
        monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: capability)
        return torch.device("cuda", 0)

    return make


@pytest.mark.parametrize(
    ("capability", "overflows", "compute"),
    [
        ((9, 0), False, torch.bfloat16), ((8, 0), True, torch.bfloat16), ((7, 5), False, torch.float16),
        ((7, 0), False, torch.float16), ((7, 5), True, torch.float32), ((6, 1), False, torch.float32),
    ],
)  # fmt: skip
def test_what_each_gpu_computes_in(gpu, capability, overflows, compute):
    chosen = choose_precision("auto", gpu(*capability), overflows=overflows)
    assert chosen.compute == compute
    assert ("overflow" in chosen.reason) == (overflows and compute == torch.float32)


def test_an_old_gpu_has_no_bfloat16(gpu):
    with pytest.raises(RequestError, match="no bfloat16"):
        choose_precision("bfloat16", gpu(7, 5))
    assert choose_precision("bfloat16", gpu(8, 6)).compute == torch.bfloat16


def test_float16_is_for_gpus_and_never_for_t5(gpu):
    for capability in ((7, 5), (9, 0)):
        wanted = choose_precision("float16", gpu(*capability))
        assert (wanted.compute, wanted.name) == (torch.float16, "float16")
    refused = [(CPU, False, "for GPUs"), (CPU, True, "overflow"), (gpu(9, 0), True, "overflow")]
    for where, overflows, said in refused:
        with pytest.raises(RequestError, match=said) as error:
            choose_precision("float16", where, overflows=overflows)
        assert error.value.where == "training.precision"
        assert "bfloat16" in (error.value.hint or "")


def test_no_processor_takes_float16_by_itself(monkeypatch):
    monkeypatch.setattr(device, "_cpu", lambda *names: "fpu avx512_fp16")
    assert choose_precision("auto", CPU).compute == torch.float32
