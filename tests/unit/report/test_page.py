from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest

from dragoman.base.errors import RequestError
from dragoman.report.page import write_report

VOID = {"meta", "br", "wbr", "path", "use", "rect"}
EVIL = ['"><img src=x onerror=alert(1)>', "</style></title><script>alert(1)</script>"]


class Page(HTMLParser):
    """The page as a browser reads it; raises where elements are not closed in order."""

    def __init__(self, page: str):
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, name, attributes):
        assert len(dict(attributes)) == len(attributes), f"an attribute twice in {name}"
        self.elements.append((name, dict(attributes)))
        if name not in VOID:
            self.open.append(name)

    def handle_startendtag(self, name, attributes):
        self.elements.append((name, dict(attributes)))

    def handle_endtag(self, name):
        if name not in VOID:
            assert self.open.pop() == name

    def handle_data(self, data):
        if "style" not in self.open:
            self.text += data

    def ids(self) -> list[str]:
        return [attributes["id"] for _, attributes in self.elements if "id" in attributes]


def read(folder) -> Page:
    return Page(write_report(folder).read_text(encoding="utf-8"))


def test_a_finished_run(make_run):
    folder = make_run()
    path = write_report(folder)
    assert path == folder / "report.html"
    page = read(folder)
    for expected in (
        "de-en-phrasebook", "Translation from German to English", "28,950", "6.21", "column 'en' is empty", "beam 4",
        "nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp", "label_smoothing: 0.1", "went on from step 2,400", "C1",
        "seen in training", "Intel(R) Xeon(R)", "bfloat16: the cpu is fast",
    ):  # fmt: skip
        assert expected in page.text, expected
    assert "Not in the run folder" not in page.text
    assert path.stat().st_size < 250_000


def test_needs_nothing_but_itself(make_run):
    folder = make_run(methods=("full", "small"))
    text = write_report(folder).read_text(encoding="utf-8")
    page = Page(text)
    names = {name for name, _ in page.elements}
    assert not names & {"script", "link", "img", "iframe", "object", "embed", "form", "base", "font"}
    for name, attributes in page.elements:
        for key, value in attributes.items():
            assert not key.startswith("on")
            assert key not in ("src", "srcset", "action", "data")
            if key == "href":
                assert value.startswith("#"), (name, value)
    assert "@import" not in text
    assert re.findall(r"url\((?!#)", text) == []
    assert "default-src &#x27;none&#x27;; " in text


def test_anchors_and_ids(make_run):
    page = read(make_run(methods=("full", "small")))
    ids = page.ids()
    assert len(ids) == len(set(ids))
    targets = {attributes["href"][1:] for _, attributes in page.elements if attributes.get("href")}
    assert targets <= set(ids)
    assert {"methods", "training", "scores", "levels", "samples", "data", "time", "setup"} <= targets


def test_light_dark_phone_and_print(make_run):
    text = write_report(make_run()).read_text(encoding="utf-8")
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text
    assert 'name="viewport"' in text
    light, dark = (set(re.findall(r"(--[\w-]+):", block)) for block in re.findall(r":root \{(.*?)\}", text, re.DOTALL))
    assert light == dark
    assert set(re.findall(r"var\((--[\w-]+)\)", text)) <= light | {"--c"}


def test_same_run_same_page(make_run):
    folder = make_run()
    assert write_report(folder).read_bytes() == write_report(folder).read_bytes()


@pytest.mark.usefixtures("without_plots")
def test_several_methods_stand_side_by_side(make_run):
    page = read(make_run(methods=("full", "small", "tiny")))
    assert "full best" in page.text
    assert page.text.count("small") > 5
    classes = {attributes.get("class") for _, attributes in page.elements}
    assert {"solid colour-1", "solid colour-2", "solid colour-3"} <= classes


@pytest.mark.parametrize("task", ["translation", "text-to-text", "entities", "chat"])
def test_every_task_with_its_base_model(make_run, task):
    folder = make_run(task=task, methods=("full", "lora"), base=True)
    page = read(folder)
    assert "base not trained" in page.text
    assert "2 methods: full, lora beside the base model" in page.text
    ids = set(page.ids())
    assert {"methods", "training", "scores", "levels", "samples", "data", "time", "setup"} <= ids
    assert ("types" in ids, "questions" in ids) == (task == "entities", task == "chat")
    assert "Not in the run folder" not in page.text
    assert "nan" not in page.text
    assert ("German to English" in page.text) == (task == "translation")


@pytest.mark.usefixtures("without_plots")
def test_a_run_without_a_comparison_is_shown_without_intervals(make_run):
    folder = make_run(methods=("full", "lora"), base=True)
    assert "95 % interval" in read(folder).text
    (folder / "comparison.json").unlink()
    page = read(folder)
    assert "95 %" not in page.text
    assert "Not in the run folder" not in page.text


@pytest.mark.usefixtures("without_plots")
def test_rows_without_levels_have_no_level_section(make_run):
    page = read(make_run(levels=False))
    assert "levels" not in page.ids()
    assert "samples" in page.ids()


SHARED = ["recipe.yaml", "receipt.json", "machine.json", "stages.json"]
ALL = [*SHARED, "full/metrics.jsonl", "full/scores.json", "full/outputs.jsonl"]


@pytest.mark.usefixtures("without_plots")
@pytest.mark.parametrize("name", ALL)
def test_each_file_may_be_missing(make_run, name):
    folder = make_run()
    (folder / name).unlink()
    page = read(folder)
    assert f"Not in the run folder: {name}." in page.text


@pytest.mark.usefixtures("without_plots")
@pytest.mark.parametrize("name", ALL)
def test_each_file_may_be_the_only_one(make_run, name):
    folder = make_run()
    for other in ALL:
        if other != name:
            (folder / other).unlink()
    page = read(folder)
    assert all(other in page.text for other in SHARED if other != name)


@pytest.mark.usefixtures("without_plots")
def test_a_run_that_is_being_trained(make_run):
    folder = make_run(methods=("full", "small"))
    for name in ("scores.json", "outputs.jsonl"):
        (folder / "full" / name).unlink()
    path = folder / "full" / "metrics.jsonl"
    path.write_text(path.read_text()[:40_000])
    for file in (folder / "small").iterdir():
        file.unlink()
    (folder / "small").rmdir()
    page = read(folder)
    for expected in (
        "Score so far",
        "This run is not finished",
        "full in training",
        "small not started",
        "Nothing has been scored yet.",
    ):
        assert expected in page.text, expected


def test_an_empty_folder_and_no_folder(tmp_path):
    assert "Nothing has been trained yet." in read(tmp_path).text
    with pytest.raises(RequestError):
        write_report(tmp_path / "nothing")


@pytest.mark.parametrize("evil", EVIL)
def test_no_text_of_a_run_becomes_markup(make_run, evil):
    """Names, samples, reasons, levels, files, languages, signatures, the recipe: all of it foreign text."""
    folder_name = evil.replace("/", "∕")  # a method is a folder
    folder = make_run(name="evil", methods=("full", folder_name))
    plain = read(folder)

    recipe = (folder / "recipe.yaml").read_text()
    recipe = recipe.replace('name: "evil"', f"name: {json.dumps(evil)}").replace(
        "source: German", f"source: {json.dumps(evil)}"
    )
    (folder / "recipe.yaml").write_text(recipe + f"# {evil}\n")
    receipt = json.loads((folder / "receipt.json").read_text())
    train = receipt["splits"]["train"]
    train["reasons"] = {"quarantined": {evil: 3}, "dropped": {evil: 1}}
    receipt["splits"][f"test:{evil}"] = train
    receipt["overlap"][f"test:{evil}"] = {"rows": 3, "sources_in_train": 3, "pairs_in_train": 1}
    (folder / "receipt.json").write_text(json.dumps(receipt))
    (folder / "machine.json").write_text(
        json.dumps({"device": evil, "precision": evil, "precision_reason": evil, "torch": evil})
    )
    (folder / "stages.json").write_text(
        json.dumps({"stages": [{"stage": evil, "method": folder_name, "seconds": 1.0}]})
    )
    for method in ("full", folder_name):
        path = folder / method / "scores.json"
        scores = json.loads(path.read_text())
        own = scores["sets"].pop("test:held-out")
        own["levels"] = {f"{evil} {level}": values for level, values in own["levels"].items()}
        own["scores"]["bleu"]["signature"] = evil
        scores["sets"][f"test:{evil}"] = own
        scores["generation"] = {evil: evil}
        path.write_text(json.dumps(scores))
        path = folder / method / "outputs.jsonl"
        rows = [json.loads(line) for line in path.read_text().splitlines()]
        for row in rows:
            row["set"] = row["set"].replace("held-out", evil)
            row.update({key: f"{row[key]} {evil}" for key in ("source", "target", "output", "level", "file")})
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        question = {"question": evil, "answer": evil}
        (folder / method / "questions.jsonl").write_text(json.dumps(question) + "\n")
    comparison = json.loads((folder / "comparison.json").read_text())
    own = comparison["sets"].pop("test:held-out")
    comparison["sets"][f"test:{evil}"] = own | {"left_out": {folder_name: 3}, "not_compared": {"bleu": evil}}
    (folder / "comparison.json").write_text(json.dumps(comparison))
    page = read(folder)
    assert page.text.count(evil) > 60
    assert {name for name, _ in page.elements} == {name for name, _ in plain.elements}
    keys = [{key for _, attributes in one.elements for key in attributes} for one in (page, plain)]
    assert keys[0] == keys[1]


@pytest.mark.usefixtures("without_plots")
def test_all_scripts_and_directions(make_run):
    folder = make_run()
    texts = ["नमस्ते, आप कैसे हैं?", "مرحبا بالعالم", "\u202eevil\u202c", "我爱北京。", "👩‍👩‍👧 e\u0301"]
    rows = [
        {
            "set": "test:held-out",
            "file": "a",
            "row": n,
            "source": text,
            "target": text,
            "output": text,
            "level": None,
            "chrf": 1.0,
        }
        for n, text in enumerate(texts)
    ]
    path = folder / "full" / "outputs.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    page = read(folder)
    for text in texts:
        assert page.text.count(text) == 3
    cells = [attributes for name, attributes in page.elements if name == "dd" and "dir" in attributes]
    assert len(cells) == 15
    assert all(attributes["dir"] == "auto" for attributes in cells)


@pytest.mark.usefixtures("without_plots")
def test_unprintable_text_is_replaced(make_run):
    folder = make_run()
    row = {"set": "test:held-out", "file": "a", "row": 1, "source": "a\x00b", "target": "c\ud800d", "output": "e\x1bf"}
    (folder / "full" / "outputs.jsonl").write_text(json.dumps(row) + "\n")
    text = read(folder).text
    assert all(f"{a}\ufffd{b}" in text for a, b in ("ab", "cd", "ef"))


@pytest.mark.usefixtures("without_plots")
def test_differences_are_marked(make_run):
    folder = make_run()
    row = {
        "set": "test:held-out",
        "file": "dir/a.tsv",
        "row": 7,
        "source": "x",
        "target": "A red hat",
        "output": "A blue hat",
    }
    (folder / "full" / "outputs.jsonl").write_text(json.dumps(row) + "\n")
    text = write_report(folder).read_text()
    assert '<dd dir="auto">A <mark class="missed">red</mark> hat</dd>' in text
    assert '<dd dir="auto">A <mark class="added">blue</mark> hat</dd>' in text
    assert "a.tsv:7" in text
    assert "dir/a.tsv" not in text


@pytest.mark.usefixtures("without_plots")
def test_long_texts_are_cut_and_said_so(make_run):
    folder = make_run()
    row = {"set": "test:held-out", "file": "a", "row": 1, "source": "word " * 100_000, "target": "a", "output": "b"}
    (folder / "full" / "outputs.jsonl").write_text(json.dumps(row) + "\n")
    path = write_report(folder)
    assert path.stat().st_size < 250_000
    assert "(500,000 characters)" in path.read_text()


@pytest.mark.usefixtures("without_plots")
def test_many_levels_are_limited(make_run):
    folder = make_run()
    path = folder / "full" / "scores.json"
    scores = json.loads(path.read_text())
    own = scores["sets"]["test:held-out"]
    own["levels"] = {f"L{n:03}": {"rows": n + 1, "scores": {"bleu": 10.0}} for n in range(100)}
    path.write_text(json.dumps(scores))
    text = read(folder).text
    assert "88 smaller groups are not shown." in text
    assert "L099" in text
    assert "L050" not in text


@pytest.mark.usefixtures("without_plots")
def test_histograms_of_different_bins_share_one_axis(make_run):
    folder = make_run()
    receipt = json.loads((folder / "receipt.json").read_text())
    receipt["splits"]["validation"]["source_lengths"] = {"edges": [0], "counts": []}
    (folder / "receipt.json").write_text(json.dumps(receipt))
    labels = [attributes.get("aria-label") or "" for name, attributes in read(folder).elements if name == "svg"]
    assert [label for label in labels if label.startswith("Lengths")] == [
        "Lengths in tokens, training set", "Lengths in tokens, test set held-out",
    ]  # fmt: skip
