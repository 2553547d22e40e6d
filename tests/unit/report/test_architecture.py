import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest
import torch
from skeletons import CONFIGS, skeleton

from dragoman.models.nmt.config import NmtConfig
from dragoman.models.nmt.model import NmtModel
from dragoman.planning.architecture import Architecture, read_architecture
from dragoman.recipe.schema import Adapter, Method
from dragoman.report.architecture import WIDTH, architecture_svg
from dragoman.report.drawing import text_width

SVG = "{http://www.w3.org/2000/svg}"
NER = Method(tuning="lora", adapter=Adapter(rank=4, targets=["q", "v"], layers=[1, 2], stacks=["encoder"]))


def ours() -> Architecture:
    with torch.device("meta"):
        network = NmtModel(NmtConfig(vocabulary_size=8000))
    return read_architecture(network, Method(), "ours")


def pictures() -> list[tuple[str, str]]:
    methods = {"full": Method(), "lora": Method(tuning="lora"), "qlora": Method(tuning="qlora"), "ner": NER}
    made = [(name, kind) for name in CONFIGS for kind in ("full", "lora", "qlora")] + [("t5-small", "ner")]
    return [
        (f"{name} {kind}", architecture_svg(read_architecture(skeleton(name), methods[kind], name)))
        for name, kind in made
    ]


@pytest.fixture(scope="module")
def drawn() -> dict[str, str]:
    return dict(pictures()) | {"ours": architecture_svg(ours())}


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def test_pictures_are_whole_and_load_nothing(drawn):
    for svg in drawn.values():
        root = ElementTree.fromstring(svg)
        assert root.tag == f"{SVG}svg"
        assert root.get("viewBox", "").startswith(f"0 0 {WIDTH} ")
        assert not re.search(r"href|url\(|<script|<image|@import", svg)
        assert "prefers-color-scheme: dark" in svg


def test_every_class_has_a_style(drawn):
    for svg in drawn.values():
        used = set(re.findall(r'class="([\w-]+)"', svg)) - {"architecture"}
        assert used <= set(re.findall(r"\.architecture \.([\w-]+)", svg))


def test_no_text_leaves_the_smallest_box_around_it(drawn):
    """Or the paper: measured in a typeface that is wider than a browser's."""
    for name, svg in drawn.items():
        root = ElementTree.fromstring(svg)
        boxes = [tuple(float(r.get(key, 0)) for key in ("x", "y", "width", "height")) for r in root.iter(f"{SVG}rect")]
        for element in root.iter(f"{SVG}text"):
            x, y, size = (float(element.get(key, 0)) for key in ("x", "y", "font-size"))
            wide = text_width(element.text or "", size, bold=element.get("font-weight") == "600")
            left = x - {"middle": wide / 2, "end": wide}.get(element.get("text-anchor", ""), 0)
            anchor = {"middle": x, "end": x - 1}.get(element.get("text-anchor", ""), x + 1)
            around = [b for b in boxes if b[0] <= anchor <= b[0] + b[2] and b[1] <= y - size / 3 <= b[1] + b[3]]
            bx, _, bw, _ = min(around, key=lambda b: b[2] * b[3])
            assert bx - 0.5 <= left, (name, element.text)
            assert left + wide <= bx + bw + 0.5, (name, element.text)


def test_texts_on_one_line_do_not_touch(drawn):
    for name, svg in drawn.items():
        lines: dict[float, list[tuple[float, float, str]]] = {}
        for element in ElementTree.fromstring(svg).iter(f"{SVG}text"):
            x, y, size = (float(element.get(key, 0)) for key in ("x", "y", "font-size"))
            wide = text_width(element.text or "", size, bold=element.get("font-weight") == "600")
            left = x - {"middle": wide / 2, "end": wide}.get(element.get("text-anchor", ""), 0)
            lines.setdefault(y, []).append((left, left + wide, element.text or ""))
        for row in lines.values():
            row.sort()
            for one, other in pairwise(row):
                assert one[1] <= other[0], (name, one, other)


def test_only_the_adapted_blocks_of_job_three_stand_out(drawn):
    found = texts(drawn["t5-small ner"])
    assert [text for text in found if text.startswith("block")] == ["block 0", "blocks 1–2", "blocks 3–5", "blocks 0–5"]
    assert found.count("r 4 · 4,096") == 2
    assert "16,384 of 60,523,008 parameters train (0.027 %)" in found
    assert "the embedding again" in found


def test_frozen_and_trained_layers_differ(drawn):
    assert 'class="trains"' not in drawn["mt5-small lora"]
    assert 'class="frozen"' not in drawn["t5-small full"]
    assert 'class="frozen-4bit"' in drawn["lfm2-1.2b qlora"]
    assert 'class="frozen-4bit"' not in drawn["lfm2-1.2b lora"]
    assert not [text for text in texts(drawn["ours"]) if text.startswith("r ")]


def test_cross_attention_has_an_arrow_for_each_card(drawn):
    assert drawn["mt5-small lora"].count('class="flow-head"') == 1
    assert 'class="flow-head"' not in drawn["tinyllama qlora"]


def test_lfm2_is_drawn_as_the_pattern_that_it_is(drawn):
    found = texts(drawn["lfm2-1.2b qlora"])
    assert found.count("3 times over") == 2
    assert "blocks 2, 5, 8" in found
    assert sum(text == "r 8 · 32,768" for text in found) == 2


def test_the_heads_are_told_however_the_layers_hold_them(drawn):
    """T5 has a layer each for queries, keys and values; our own model one for all, or one for the keys and values."""
    assert texts(drawn["ours"]).count("4 heads of 64 (2 for k, v)") == 3
    assert texts(drawn["mt5-small lora"]).count("6 heads of 64") == 3
    assert "32 heads of 64 (4 for k, v)" in texts(drawn["tinyllama lora"])


def test_a_name_is_text_and_never_markup():
    read = read_architecture(skeleton("t5-small"), Method(), "<b>&amp;</b>" + "x" * 200)
    svg = architecture_svg(read)
    assert "<b>" not in svg
    ElementTree.fromstring(svg)


def test_the_same_architecture_gives_the_same_picture(drawn):
    assert architecture_svg(ours()) == drawn["ours"]
