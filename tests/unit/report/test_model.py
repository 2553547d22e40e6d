from __future__ import annotations

import dataclasses
from pathlib import Path

from dragoman.report.method import MethodRun
from dragoman.report.model import model_section
from dragoman.report.run import Run

SVG = "<svg xmlns='http://www.w3.org/2000/svg'><title>{}</title></svg>"


def run_of(folder: Path, *names: str, best: str | None = None) -> Run:
    methods = [MethodRun("base", folder / "base", base=True)]
    for name in names:
        (folder / name).mkdir()
        (folder / name / "architecture.svg").write_text(SVG.format(name))
        scores = {"sets": {"validation": {"scores": {"bleu": {"value": float(name == best)}}}}} if best else {}
        methods.append(MethodRun(name, folder / name, scores=scores))
    return Run("r", {}, "", {}, {}, [], methods, [])


def test_the_best_methods_picture_is_in_sight(tmp_path: Path) -> None:
    page = model_section(run_of(tmp_path, "full", "lora", best="lora"))
    assert page is not None
    first, second = page.split("<details")[1:]
    assert not first.startswith(" open")
    assert second.startswith(" open")
    assert "<title>lora</title>" in second


def test_one_picture_is_just_there(tmp_path: Path) -> None:
    page = model_section(run_of(tmp_path, "lora"))
    assert page is not None
    assert page.count("<svg") == 1
    assert "<details" not in page


def test_without_a_picture_there_is_nothing(tmp_path: Path) -> None:
    run = run_of(tmp_path)
    assert model_section(run) is None
    assert model_section(dataclasses.replace(run, methods=[MethodRun("lora", tmp_path / "lora")])) is None
