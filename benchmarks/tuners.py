"""Whoever trains an adapter: our loop, transformers' Seq2SeqTrainer with peft, and TRL's SFTTrainer with peft.

The peers get the network as transformers makes it, but with mT5's head untied as its files have it, and the adapter
that we begin with from its files: so all weights are the same. What is frozen is stored in the type that products are
computed in, what trains in float32, as it is with each of them anyway.
"""

from __future__ import annotations

import gc
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from benchmarks.bases import CPU, SEED, SHAPES, Place, silence
from benchmarks.loss import resident
from benchmarks.timing import Excerpt, Stopwatch, TimedLoop, timed_trainer
from dragoman.base.device import Precision, choose_precision, tune_allocator
from dragoman.data.encoded import EncodedRow, EncodedSet
from dragoman.data.plan import BatchPlan, Step, batch_plan
from dragoman.models.networks import load_network
from dragoman.training.loop import Job

Pick = Callable[[list[Any]], list[Any]]


@dataclass
class Work:
    """What is to be trained, and how long."""

    place: Place
    shape: str
    encoded: EncodedSet
    steps: int
    warm: int = 0
    precision: str = "auto"
    dropout: bool = True
    watch: Stopwatch = field(init=False)

    def __post_init__(self) -> None:
        self.watch = Stopwatch(self.warm)

    @property
    def computed(self) -> Precision:
        return choose_precision(self.training.precision, CPU, overflows=not SHAPES[self.shape].causal)

    @property
    def training(self) -> Any:
        return self.place.training(self.warm + self.steps, self.precision)

    @property
    def rows(self) -> int:
        return int(self.training.batch.rows)

    @property
    def plan(self) -> BatchPlan:
        """Cut into micro-batches as `dragoman run` does it."""
        return batch_plan(self.encoded, self.training, SEED, self.place.micro_batch(self.shape, self.training))


@dataclass(frozen=True)
class Found:
    watch: dict[str, Any]  # as `Stopwatch.read` says it
    losses: list[float]
    growth: int  # bytes of anonymous memory at their peak, over what was held as the training began


def ours(work: Work, chosen: list[Step]) -> Found:
    """Our loop, as `dragoman run` starts it, but without validations in between. chosen: the steps."""
    tune_allocator()
    precision = work.computed
    model = work.place.start(work.shape, precision.compute, dropout=work.dropout)
    with tempfile.TemporaryDirectory() as run_folder:
        job = Job(
            model=model, encoded=work.encoded, plan=Excerpt.of(work.plan, chosen), total_steps=len(chosen),
            settings=work.training, best_metric="loss", precision=precision, device=CPU, seed=SEED,
            pad_id=work.place.tokenizer.pad_id, start_id=model.start_id, validate=lambda model: {"loss": 0.0},
            folder=Path(run_folder), title="ours",
        )  # fmt: skip
        loop = TimedLoop(job, work.watch)
        with watched() as memory:
            loop.run()
    return Found(work.watch.read(model, precision.name), loop.losses[: len(chosen)], memory.growth)


def peer(work: Work, pick: Pick, *, in_order: bool = False, **settings: Any) -> Found:
    """Seq2SeqTrainer, or for causal models SFTTrainer, with peft. settings: further ones of its arguments.

    pick: which of its batches. in_order: the rows come as they are in the set, not as its sampler likes.
    """
    from datasets import Dataset
    from peft import PeftModel
    from transformers import PreTrainedTokenizerFast

    precision, causal = work.computed, SHAPES[work.shape].causal
    network = load_network(work.place.base(work.shape).folder, precision.compute)
    adapter = work.place.adapter(work.shape, dropout=work.dropout)
    model = PeftModel.from_pretrained(network, str(adapter), is_trainable=True)
    if not work.dropout:
        silence(model)
    tokenizer = PreTrainedTokenizerFast.from_pretrained(work.place.tokenizer.folder)
    rows = Dataset.from_list([as_peers_read(work.encoded[i]) for i in range(len(work.encoded))])
    with tempfile.TemporaryDirectory() as output:
        common = {**arguments(work, precision), **settings, "output_dir": output}
        made = _sft(common) if causal else _seq2seq(common, tokenizer, model)
        kind = timed_trainer(made.pop("trainer"), work.watch, work.rows, pick)
        if in_order:
            kind = type("InOrder", (kind,), {"_get_train_sampler": lambda self, given=None: list(range(len(rows)))})
        trainer = kind(model=model, train_dataset=rows, processing_class=tokenizer, **made)
        with watched() as memory:
            trainer.train()
    return Found(work.watch.read(model, precision.name), trainer.losses, memory.growth)


def arguments(work: Work, precision: Precision) -> dict[str, Any]:
    """A Trainer's words for what our recipe says."""
    training = work.training
    return {
        "use_cpu": True, "bf16": precision.compute == torch.bfloat16, "per_device_train_batch_size": work.rows,
        "num_train_epochs": 1, "seed": SEED, "learning_rate": training.learning_rate, "lr_scheduler_type": "linear",
        "warmup_steps": 0, "optim": "adamw_torch_fused", "adam_beta1": training.betas[0],
        "adam_beta2": training.betas[1], "weight_decay": training.weight_decay,
        "max_grad_norm": training.clip_norm or 0.0, "logging_steps": 10, "save_strategy": "no", "eval_strategy": "no",
        "report_to": [], "disable_tqdm": True,
    }  # fmt: skip


def _seq2seq(common: dict[str, Any], tokenizer: Any, model: Any) -> dict[str, Any]:
    from transformers import DataCollatorForSeq2Seq, Seq2SeqTrainer, Seq2SeqTrainingArguments

    return {
        "trainer": Seq2SeqTrainer, "args": Seq2SeqTrainingArguments(**common),
        "data_collator": DataCollatorForSeq2Seq(tokenizer, model=model),
    }  # fmt: skip


def _sft(common: dict[str, Any]) -> dict[str, Any]:
    from trl import SFTConfig, SFTTrainer

    # The rows are token ids already, prompts without labels, as it would make them itself.
    prepared = {"dataset_kwargs": {"skip_prepare_dataset": True}}
    return {"trainer": SFTTrainer, "args": SFTConfig(**common, **prepared)}


def as_peers_read(row: EncodedRow) -> dict[str, list[int]]:
    """Input ids and labels; in a causal row -100 stands wherever nothing is learnt."""
    ids = [int(id) for id in row.input_ids]
    if row.places is None:
        return {"input_ids": ids, "labels": [int(id) for id in row.labels]}
    labels = [-100] * len(ids)
    for place, label in zip(row.places, row.labels, strict=True):
        labels[place] = int(label)
    return {"input_ids": ids, "labels": labels}


# ---- memory ----


@dataclass
class Memory:
    growth: int = 0


@contextmanager
def watched() -> Iterator[Memory]:
    """How far the memory that no file stands behind grows in a block, looked at every two milliseconds.

    Weights in 16 bits are mapped from their file: what the kernel reads of them on the way is no growth.
    """
    gc.collect()
    memory, before, done = Memory(), resident("RssAnon"), threading.Event()

    def look() -> None:
        while not done.is_set():
            memory.growth = max(memory.growth, resident("RssAnon") - before)
            time.sleep(0.002)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield memory
    finally:
        done.set()
        thread.join()
