"""The training loop: steps from the plan, checkpoints, validations, and going on after an interruption.

Bit-exact: a run that was killed and resumed ends with the same weights as one that was not, on the same machine with
the same versions and threads. Every random draw is seeded by (seed, step, micro-batch), and a checkpoint is written
after the validation that belongs to it.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path

import torch

from dragoman.adapters.four_bit import parameter_count
from dragoman.base.device import Precision, describe_machine
from dragoman.base.errors import ChangedError, Interrupted, Stop
from dragoman.base.memory import peak_memory, reset_peak_memory
from dragoman.base.progress import Bar, progress, say
from dragoman.base.seeds import derive, seeded
from dragoman.data.encoded import EncodedRow, Rows
from dragoman.data.plan import BatchPlan, Step
from dragoman.evaluation.scores import METRICS
from dragoman.models.face import Batch, TextModel
from dragoman.objectives.batches import collate
from dragoman.recipe.schema import Training
from dragoman.training.audit import Audit
from dragoman.training.averaging import Averager
from dragoman.training.checkpoints import Checkpoints, State
from dragoman.training.compiling import as_written, compiled
from dragoman.training.finite import diverged, first_non_finite, non_finite_gradient
from dragoman.training.interruption import Interruption, interruptible
from dragoman.training.metrics import MetricsLog
from dragoman.training.optimizers import make_optimizer, set_learning_rate
from dragoman.training.resuming import resume
from dragoman.training.schedules import learning_rate_factor
from dragoman.training.step import TrainingStep
from dragoman.training.trackers import Tracking, open_trackers
from dragoman.training.utilisation import Gauge
from dragoman.training.work import row_work

LOG_EVERY = 10  # steps
SAVE_AFTER = 600  # seconds: a power cut costs no more
TRIALS = 4  # micro-batches on which a model is compiled


@dataclass
class Job:
    """What a training works on."""

    model: TextModel
    encoded: Rows
    plan: BatchPlan
    total_steps: int
    settings: Training
    best_metric: str
    precision: Precision
    device: torch.device
    seed: int
    pad_id: int
    start_id: int  # what decoders begin with
    validate: Callable[[TextModel], dict[str, float]]
    folder: Path  # metrics.jsonl and checkpoints/ go here
    title: str
    tracking: Tracking | None = None


class Loop:
    def __init__(self, job: Job):
        self.job = job
        self.settings = job.settings
        self.model = job.model.to(job.device)
        self.step_module = TrainingStep(self.model, job.settings.label_smoothing)
        self.optimizer = make_optimizer(self.model, job.settings, job.device)
        # float16 alone needs it: everywhere else it multiplies by one
        self.scaler = torch.amp.GradScaler(job.device.type, enabled=job.precision.compute == torch.float16)
        self.audit = Audit(self.model, self.optimizer)
        self.averager = Averager(job.settings.averaging, self.model)
        self.checkpoints = Checkpoints(job.folder / "checkpoints", job.settings.checkpoints.keep)
        self.state = State(machine=describe_machine() | self._choices())
        self.validate_every = job.settings.validate_every or job.plan.steps_per_epoch
        self.save_every = job.settings.checkpoints.every
        self.saved_at = time.monotonic()
        self.rows = job.encoded.at(0)  # as they are in the present epoch
        self.pace: deque[tuple[float, int]] = deque(maxlen=30)  # seconds and tokens of the last steps
        self.gauge = Gauge(job.device, job.precision.compute)
        self.as_written: Callable[[], AbstractContextManager[None]] = nullcontext  # for all but training steps

    def _choices(self) -> dict[str, object]:
        """What was chosen for this machine: bit-exactness depends on it too."""
        return {"precision": self.job.precision.name, "micro_batch_tokens": self.job.plan.micro_batch_tokens}

    def run(self) -> State:
        """Train to the end, from the newest whole checkpoint where there is one. Leaves the best weights in the model.

        Raises Interrupted after a signal, everything saved, and DragomanError at the first non-finite loss.
        """
        newest = self.checkpoints.newest()
        if newest is not None:
            machine = self.state.machine
            self.state = self.checkpoints.load(newest, self.model, self.optimizer, self.averager)
            resume(self.state, newest, self.checkpoints, self.scaler, machine)
        reset_peak_memory(self.job.device)
        trackers = open_trackers(self.job.tracking if self.state.ended is None else None, self.job.folder, newest)
        self.log = MetricsLog(self.job.folder / "metrics.jsonl", self.state.metrics_bytes, trackers)
        try:
            if newest is None:
                count = parameter_count(self.model)
                trainable = sum(p.numel() for p in self.model.parameters() if p.requires_grad)
                self.log.write("start", step=0, parameters=count, trainable=trainable, steps=self.job.total_steps,
                               padding=round(self.job.plan.padding, 5))  # fmt: skip
            elif self.state.ended is None:
                self.log.write("resumed", step=newest)
                say(f"{self.job.title}: going on after step {newest}")
            if self.state.ended is None:
                with compiled(self.model, self._trial) if self.settings.compile else nullcontext() as works:
                    self.as_written = as_written if works else nullcontext
                    self._train()
        except ChangedError:  # nothing was done yet with what the file holds now
            with suppress(OSError):  # the whole disk may be gone
                if self.state.step:
                    self._save()
            raise
        finally:
            self.log.close()
        self.audit.at_end()
        if self.state.best_step is not None:
            self.checkpoints.load_for_use(self.state.best_step, self.model)
        return self.state

    def _train(self) -> None:
        state, plan, total = self.state, self.job.plan, self.job.total_steps
        epoch_steps: list[Step] = []
        planned: int | None = None
        with interruptible() as asked, progress(self.job.title, total, done=state.step, unit="steps") as bar:
            while state.ended is None:
                if not state.validation_due:
                    began = time.monotonic()
                    epoch, index = divmod(state.step, plan.steps_per_epoch)
                    if planned != epoch:
                        epoch_steps, planned, self.rows = plan.epoch(epoch), epoch, self.job.encoded.at(epoch)
                    self._step(epoch_steps[index], began, bar)
                    if state.step == total or state.step % self.validate_every == 0:
                        self.averager.at_validation()
                        state.validation_due = True
                validated = False
                if state.validation_due and asked.signal is None:
                    bar.note("validating")
                    validated = self._validate(asked)
                if state.step == total and validated and state.ended is None:
                    state.ended = "finished"
                if state.ended is not None:
                    self.log.write("end", step=state.step, reason=state.ended, seconds=round(state.seconds, 2),
                                   peak_memory=peak_memory(self.job.device),
                                   **self.gauge.read(self._row_work, state))  # fmt: skip
                elif validated:
                    self.gauge.look()
                wanted = self.save_every is not None and state.step % self.save_every == 0
                overdue = time.monotonic() - self.saved_at > SAVE_AFTER
                signal = asked.signal  # once: it may come at any moment
                if validated or wanted or overdue or signal is not None:
                    self._save()
                if signal is not None:
                    raise self._stopped(signal)
            if asked.signal is not None:  # it came while the last checkpoint was being saved
                raise self._stopped(asked.signal)

    def _row_work(self) -> list[int]:
        with self.as_written():
            return row_work(self.model, self.job.precision)

    def _trial(self) -> None:
        """Some micro-batches there and back, the same ones in every run: what a compiler is shown first."""
        rows = self.job.encoded.at(0)
        self.step_module.train()
        for step in self.job.plan.epoch(0)[:TRIALS]:
            widest = max(step, key=len)  # a single row would be a case of its own
            batch = self._batch([rows[int(i)] for i in widest])
            with seeded(0), self.job.precision.autocast(self.job.device):
                self.step_module(batch, float(len(batch.labels))).backward()

    def _stopped(self, signal: int) -> Interrupted:
        said = f"stopped after step {self.state.step} of {self.job.total_steps}, saved"
        return Interrupted(said, signal=signal, hint="the same command goes on from here")

    def _step(self, step: Step, began: float, bar: Bar) -> None:
        job, state, settings = self.job, self.state, self.settings
        factor = learning_rate_factor(state.step, job.total_steps, settings.warmup_steps, settings.schedule)
        set_learning_rate(self.optimizer, settings.learning_rate * factor)
        parts = [[self.rows[int(i)] for i in part] for part in step]  # read once: it may take drawing
        denominator = sum(len(row.labels) for part in parts for row in part)
        loss = 0.0
        self.step_module.train()
        for m, part_rows in enumerate(parts):
            batch = self._batch(part_rows)
            with self._drawing(m):
                part = self.step_module(batch, denominator)
                self.scaler.scale(part).backward()
            loss += part.item()
            if not math.isfinite(loss):
                with self._drawing(m), self.as_written():
                    culprit = first_non_finite(self.step_module, batch)
                    raise diverged(f"the loss became {loss}", culprit, state.step + 1, job.title)
        self.scaler.unscale_(self.optimizer)
        limit = settings.clip_norm if settings.clip_norm is not None else math.inf
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), limit, foreach=True).item()
        overflowed = not math.isfinite(norm)  # one update with it, and every weight would be lost
        if overflowed and not (self.scaler.is_enabled() and self.scaler.get_scale() > 1):
            raise diverged("the gradient overflowed", non_finite_gradient(self.model), state.step + 1, job.title)
        if not overflowed:
            self.audit.after_backward()
        self.scaler.step(self.optimizer)  # not where float16 overflowed: the scale is halved instead
        self.scaler.update()
        self.optimizer.zero_grad()
        self.averager.after_step()

        seconds = time.monotonic() - began
        tokens = state.took([row for part in parts for row in part], seconds)
        self.pace.append((seconds, tokens))
        rate = sum(t for _, t in self.pace) / sum(s for s, _ in self.pace)
        bar.note(f"loss {loss:.3f}  {rate:,.0f} tokens/s")
        bar.advance(1)
        if state.step % LOG_EVERY == 0 or state.step == 1:
            self.log.write(
                "step", step=state.step, epoch=self._epoch(), loss=round(loss, 5),
                gradient_norm=None if overflowed else round(norm, 5),
                learning_rate=settings.learning_rate * factor, tokens=state.tokens, tokens_per_second=round(rate, 1),
                seconds=round(state.seconds, 2),
            )  # fmt: skip

    def _batch(self, rows: Sequence[EncodedRow]) -> Batch:
        return collate(rows, self.job.pad_id, self.job.start_id).to(self.job.device)

    @contextmanager
    def _drawing(self, micro_batch: int) -> Iterator[None]:
        """The random numbers and the precision in which a micro-batch of the present step is computed."""
        job = self.job
        with seeded(derive(job.seed, "dropout", self.state.step, micro_batch)), job.precision.autocast(job.device):
            yield

    def _epoch(self) -> float:
        return round(self.state.step / self.job.plan.steps_per_epoch, 4)

    def _validate(self, asked: Interruption) -> bool:
        """Score the (averaged) weights, note whether they are the best so far, and whether it is time to stop.

        False where a signal cut it short: it is done again when the run goes on.
        """
        state, metric = self.state, self.job.best_metric
        started = time.monotonic()
        self.step_module.eval()
        try:
            with self._evaluating(asked):
                scores = self.job.validate(self.model)
        except Stop:
            return False
        state.seconds += time.monotonic() - started
        state.validation_due = False
        higher = metric in METRICS and METRICS[metric].higher_is_better
        score = scores[metric] if higher else -scores[metric]
        better = state.scored(score)
        rounded = {name: round(value, 4) for name, value in scores.items()}
        self.log.write(
            "validation", step=state.step, epoch=self._epoch(), **rounded, seconds=round(state.seconds, 2), best=better
        )
        text = "  ".join(f"{name} {value:.2f}" for name, value in scores.items())
        say(
            f"step {state.step}  epoch {self._epoch():.1f}  {text}{'  best' if better else ''}",
            "green" if better else None,
        )
        stopping = self.settings.early_stopping
        if stopping is not None and state.since_best >= stopping.patience:
            state.ended = "early stopping"
        return True

    @contextmanager
    def _evaluating(self, asked: Interruption) -> Iterator[None]:
        watched = self.audit.around_evaluation(self._one_row_backward)
        with self.as_written(), self.averager.applied(), asked.cuts_short(), watched:
            yield

    def _one_row_backward(self) -> None:
        """The gradient of the first training row, without dropout."""
        job = self.job
        batch = self._batch([job.encoded.at(0)[0]])
        with torch.enable_grad(), job.precision.autocast(job.device):
            self.step_module(batch, float(len(batch.labels))).backward()

    def _save(self) -> None:
        self.state.metrics_bytes = self.log.bytes_written()
        self.state.scaler = self.scaler.state_dict()
        self.checkpoints.save(self.state, self.model, self.optimizer, self.averager)
        self.saved_at = time.monotonic()
