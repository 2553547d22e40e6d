"""Every command that the README shows works, in its order, in a copy of the project.

The demo is made short here. As it stands, .ci/run runs it, with the same command.
"""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hub.fixtures import Hub

from dragoman.data.phrasebook import pairs

ROOT = Path(__file__).parents[2]
ENVIRONMENT = Path(sys.executable).parent  # where the dragoman under test is installed
NOT_HERE = {"make test"}  # this is it
SHORTER = {
    "{split: train, rows: 20000}": "{split: train, rows: 4000}",
    "rows: 300}": "rows: 20}",
    "rows: 500}": "rows: 20}",
    "max_steps: 1000": "max_steps: 20",
    "warmup_steps: 100": "warmup_steps: 2",
    "validate_every: 500": "validate_every: 20",
    "beam: 4\n": "beam: 4\n  max_length: 20\n",  # a model that knows nothing does not end its answers
}


def commands() -> list[str]:
    """The lines of all bash blocks, without their comments."""
    blocks = re.findall(r"```bash\n(.*?)```", (ROOT / "README.md").read_text(), flags=re.DOTALL)
    lines = [re.sub(r"\s+#.*", "", line) for block in blocks for line in block.split("\n")]
    return [line for line in lines if line and line not in NOT_HERE]


def recipes() -> dict[str, str]:
    """The yaml blocks, by the name in their first line."""
    return dict(re.findall(r"```yaml\n# (\S+)\n(.*?)```", (ROOT / "README.md").read_text(), flags=re.DOTALL))


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the project's files, the installed environment, and what the README takes for granted."""
    folder = tmp_path_factory.mktemp("readme")
    for name in ("Makefile", "pyproject.toml", "constraints.txt", "README.md", "src"):
        (folder / name).symlink_to(ROOT / name)
    shutil.copytree(ROOT / "recipes", folder / "recipes")
    demo = (folder / "recipes/demo.yaml").read_text(encoding="utf-8")
    for long, short in SHORTER.items():
        assert demo.count(long) == 1, long
        demo = demo.replace(long, short)
    (folder / "recipes/demo.yaml").write_text(demo, encoding="utf-8")
    (folder / ".venv").mkdir()
    (folder / ".venv" / "bin").symlink_to(ENVIRONMENT)
    (folder / ".venv" / ".installed").touch()
    rows = list(pairs(150, "train", ["A1"]))
    with open(folder / "my.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["german", "english"])
        writer.writerows((row["source"], row["target"]) for row in rows[:60])
    for name, text in recipes().items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "texts").mkdir()
    documents = (" ".join(row["source"] for row in rows[start : start + 10]) for start in range(0, 150, 10))
    (folder / "texts" / "a.txt").write_text("\n\n".join(documents), encoding="utf-8")
    (folder / "german.txt").write_text("Guten Morgen!\n\nWir gehen.\n", encoding="utf-8")
    return folder


def test_there_are_commands() -> None:
    assert commands()[0] == "make demo"
    assert len(commands()) >= 10


def test_the_demo_is_run_as_it_stands() -> None:
    assert commands()[0] in (ROOT / ".ci/run").read_text(encoding="utf-8").splitlines()


@pytest.mark.slow
def test_every_command_works(copy: Path, hub: Hub) -> None:
    """One shell for all, as a newcomer has: what one command exports or writes, the next ones see.

    Models come from a hub on this machine, and what DRAGOMAN_REALDATA names is generated.
    """
    script = "set -euo pipefail\n" + "\n".join(f"echo '$ {line}'\n{line}" for line in commands())
    environment = {**os.environ, **hub.environment(copy / "cache"), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        ["bash", "-c", script], cwd=copy, env=environment, capture_output=True, text=True, timeout=900, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert (copy / "runs/demo/report.html").is_file()
    assert (copy / "runs/my/report.html").is_file()
    assert (copy / "runs/clean/pairs/pairs.parquet").is_file()
    assert list((copy / "runs/clean/corpus/shards").glob("*.parquet"))
    assert (copy / "t5.svg").is_file()
    assert (copy / "runs/ner-t5/lora/export/merged/model.safetensors").is_file()
    english = (copy / "english.txt").read_text(encoding="utf-8").split("\n")
    assert len(english) == 4
    assert english[1] == ""
