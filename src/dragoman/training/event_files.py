"""TensorBoard's event files: `tensorboard --logdir runs/` draws them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from dragoman.training.trackers import Tracking


class EventFiles:
    """One more file in `folder` each time that a training is begun or gone on with."""

    def __init__(self, folder: Path, tracking: Tracking, resumed: int | None):
        from torch.utils.tensorboard import SummaryWriter  # slow to import

        # What was written after the checkpoint is not shown any more: those steps come again.
        again = 0 if resumed is None else resumed + 1
        self.writer = SummaryWriter(str(folder), purge_step=again)
        if resumed is None:
            text = json.dumps(dict(tracking.settings), indent=2, ensure_ascii=False)
            self.writer.add_text("settings", f"```\n{text}\n```", 0)

    def write(self, step: int, numbers: Mapping[str, float]) -> None:
        for name, value in numbers.items():
            self.writer.add_scalar(name, value, step)
        self.writer.flush()  # so that a kill loses nothing, and whoever looks sees it at once

    def close(self, finished: bool) -> None:
        self.writer.close()
