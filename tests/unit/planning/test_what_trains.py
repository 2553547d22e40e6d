import pytest
import torch
from rich.console import Console
from skeletons import CONFIGS, skeleton

from dragoman.planning.architecture import read_architecture
from dragoman.planning.memory import TrainingMemory
from dragoman.planning.what_trains import (
    FourBitSaving,
    coverage,
    groups,
    percentage,
    trainable_share,
    what_trains_table,
)
from dragoman.recipe.schema import Adapter, Method

LORA, QLORA = (Method(tuning=tuning) for tuning in ("lora", "qlora"))


def printed(architecture) -> str:
    console = Console(width=140)
    with console.capture() as capture:
        console.print(what_trains_table(architecture, "What trains"))
    return capture.get()


@pytest.mark.parametrize("name", CONFIGS)
def test_the_rows_are_a_partition(name):
    read = read_architecture(skeleton(name), LORA, name)
    names = [layer.name for group in groups(read) for layer in group.layers.members]
    assert sorted(names) == sorted(layer.name for layer in read.layers)


def test_mt5_row_by_row():
    read = read_architecture(skeleton("mt5-small"), LORA, "mt5-small")
    found = {group.name: group for group in groups(read)}
    assert found["encoder"].patterns == ["encoder.block.{0..7}.layer.0.SelfAttention.{q,v}"]
    assert found["decoder"].patterns == ["decoder.block.{0..7}.layer.0.SelfAttention.{q,v}"]
    assert found["cross-attention"].patterns == ["decoder.block.{0..7}.layer.1.EncDecAttention.{q,v}"]
    assert [found[name].layers.trainable for name in ("encoder", "decoder", "cross-attention")] == [114_688] * 3
    assert trainable_share(read) == "344,064 of 300,520,832 parameters train (0.11 %)"


def test_coverage_says_how_few_layers_are_reached():
    read = read_architecture(skeleton("lfm2-1.2b"), LORA, "lfm2")
    assert coverage(read) == "12 of 92 linear layers carry an adapter (13.0 %), in 6 of 16 blocks"


def test_the_table_names_the_layers_and_adds_up():
    adapter = Adapter(rank=4, targets=["q", "v"], layers=[1, 2], stacks=["encoder"])
    text = printed(read_architecture(skeleton("t5-small"), Method(tuning="lora", adapter=adapter), "t5-small"))
    assert "encoder.block.{1,2}.layer.0.SelfAttention.{q,v}" in text
    together = next(line for line in text.splitlines() if line.startswith("together"))
    assert together.split()[:4] == ["together", "4", "of", "96"]
    assert "16,384" in together
    assert text.count("nothing") == 2


def test_a_full_training_has_no_column_of_adapters():
    text = printed(read_architecture(skeleton("t5-small"), Method(), "t5-small"))
    assert "adapters" not in text
    assert "100.0 %" in text


def test_four_bits_save_little_where_embedding_and_head_are_the_model():
    read = read_architecture(skeleton("mt5-small"), QLORA, "mt5-small")
    saving = FourBitSaving(read, torch.bfloat16, held(700_000_000))
    assert saving.covered == 16 * (2 * 512 * 1024 + 4 * 512 * 384) + 8 * 4 * 512 * 384
    assert saving.weights_before == 2 * 300_176_768
    assert saving.weights_before - saving.weights_after == pytest.approx((2 - 0.5 - 1 / 64) * saving.covered, rel=0.01)
    said = " ".join(saving.sentences())
    assert "embeddings and head (85.3 %)" in said
    assert "wo (2.8 %)" in said
    assert "548 MB instead of 600 MB (8.8 % less)" in said
    assert "save little" in said
    assert 700_000_000 < saving.training_before < 760_000_000


def test_four_bits_save_most_of_a_large_causal_model():
    read = read_architecture(skeleton("tinyllama"), QLORA, "tinyllama")
    saving = FourBitSaving(read, torch.bfloat16, held(10**9))
    assert saving.share > 0.85
    assert saving.weights_after < 0.4 * saving.weights_before
    assert "little" not in " ".join(saving.sentences())


def test_percentages_keep_two_figures():
    assert [percentage(x, 100) for x in (0, 0.0271, 0.114, 1, 14.67, 100)] == [
        "0.0 %", "0.027 %", "0.11 %", "1.0 %", "14.7 %", "100.0 %",
    ]  # fmt: skip


def held(total: int) -> TrainingMemory:
    return TrainingMemory(total, 0, 0, 0, 0)
