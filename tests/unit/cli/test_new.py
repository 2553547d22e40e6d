import sys
from pathlib import Path

import pytest

from dragoman.cli import main as program


@pytest.fixture
def new(monkeypatch, capsys, tmp_path):
    """Draft a recipe for a file with these lines: what is said on the screen."""
    monkeypatch.chdir(tmp_path)

    def invoke(lines, name="my.csv"):
        Path(name).write_text("\n".join(lines))
        monkeypatch.setattr(sys, "argv", ["dragoman", "new", "translation", name])
        with pytest.raises(SystemExit) as left:
            program.main()
        assert not left.value.code
        return capsys.readouterr().err.splitlines()

    return invoke


PAIRS = [f"Der Mann ist nicht im Haus {i};The man is not in the house {i}" for i in range(30)]


def test_a_draft_without_doubts_is_named_with_what_comes_next(new):
    assert new(["de;en", *PAIRS]) == ["wrote my.yaml", "next: dragoman check my.yaml"]


def test_every_doubt_is_on_the_screen(new):
    said = new(["Das ist ein Satz.;This is a sentence.", *PAIRS, "x;", "x"], "my file.csv")
    assert said[0] == "wrote my file.yaml"
    assert said[1].startswith('UNSURE: the first row must name the columns, but "Das ist ein Satz." reads like')
    assert said[2] == "1 of 32 rows cannot be read: too few cells (1)"
    assert said[3].startswith("1 of 31 rows cannot be used: column 'This is a sentence.' is empty")
    assert said[4:] == ["next: dragoman check 'my file.yaml'"]


def test_what_could_not_be_told_is_said_in_the_recipe_and_on_the_screen(new):
    said = new(["text", *(pair.partition(";")[0] for pair in PAIRS)])
    assert said[1].startswith("UNSURE: which columns are source and target could not be told: there is only")
    assert "# UNSURE: which columns" in Path("my.yaml").read_text()
