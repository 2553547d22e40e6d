"""A run of Weights & Biases: the same one, by its id, whenever the training goes on.

Its server may be out of reach, or there may be no key for it: then files are written, as in the offline mode, for
`wandb sync` to send later. The key is the library's business; nothing here reads or writes it.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from dragoman.base.files import read_json, write_json
from dragoman.base.progress import say
from dragoman.recipe.schema.trackers import Wandb
from dragoman.training.trackers import Tracking

PATIENCE = 60.0  # seconds: to reach the server at the beginning, and to send what is left at the end
ID = "wandb.json"
STEP = "step"  # what everything is drawn over


class WandbRun:
    def __init__(self, settings: Wandb, folder: Path, tracking: Tracking, resumed: int | None):
        """folder: of the method; a folder `wandb` is made in it."""
        self.settings, self.folder, self.tracking = settings, folder, tracking
        self.id = _id(folder / ID, resumed)
        try:
            self.run = self._begin(settings.mode)
        except Exception as error:  # whatever the library raises
            if settings.mode == "offline":
                raise
            reason = str(error).strip().partition("\n")[0]
            say(f"Weights & Biases cannot be reached: {reason}", "yellow")
            self._forget()
            self.run = self._begin("offline")
            say(f"its files are in {self._files()}: send them later with `wandb sync`", "yellow")
        self.run.define_metric("*", step_metric=STEP)

    def _forget(self) -> None:
        """End the process that the library has begun: to it, the run's id is taken."""
        import wandb

        wandb.teardown()

    def _begin(self, mode: Literal["online", "offline"]) -> Any:
        import wandb

        if mode == "online" and not wandb.login(prompt=False, verify=False):  # else it would ask on the terminal
            raise RuntimeError("there is no key for it: `wandb login` asks for it, or set WANDB_API_KEY")
        quiet = wandb.Settings(console="off", silent=True, disable_git=True, disable_code=True, init_timeout=PATIENCE)
        return wandb.init(
            project=self.settings.project or self.tracking.run,
            entity=self.settings.entity,
            name=f"{self.tracking.run}/{self.tracking.method}",
            group=self.tracking.run,
            tags=self.settings.tags,
            config=dict(self.tracking.settings),
            id=self.id,
            resume="allow",
            dir=str(self.folder),
            mode=mode,
            settings=quiet,
        )

    def write(self, step: int, numbers: Mapping[str, float]) -> None:
        self.run.log({**numbers, STEP: step})

    def close(self, finished: bool) -> None:
        """Waits until everything is sent, but not for ever. Raises TimeoutError where something is left to send."""
        failed: list[Exception] = []

        def finish() -> None:
            try:
                self.run.finish(exit_code=0 if finished else 1)
            except Exception as error:
                failed.append(error)

        thread = threading.Thread(target=finish, daemon=True)
        thread.start()
        thread.join(PATIENCE)
        if failed:
            raise failed[0]
        if thread.is_alive():
            raise TimeoutError(f"not all was sent within {PATIENCE:.0f} s; `wandb sync {self._files()}` sends the rest")

    def _files(self) -> Path:
        return Path(self.run.dir).parent


def _id(path: Path, resumed: int | None) -> str:
    """The id of this training's run: a new one for one that begins."""
    if resumed is not None and path.is_file():
        return str(read_json(path)["id"])
    made = {"id": secrets.token_hex(4)}
    write_json(path, made)
    return made["id"]
