from __future__ import annotations

import json
import re

from dragoman.report.questions import questions_section
from dragoman.report.run import read_run
from dragoman.report.samples import samples_section
from dragoman.report.types import types_section


def articles(section) -> list[str]:
    return re.findall(r"<article.*?</article>", str(section), re.DOTALL)


def names(article: str) -> list[str]:
    return re.findall(r'<bdi dir="auto">([^<]*)</bdi></span>', article)


def held_out(path) -> dict[int, dict]:
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    return {row["row"]: row for row in rows if row["set"] == "test:held-out"}


def test_every_model_answers_the_same_rows(make_run):
    folder = make_run(methods=("full", "lora"), base=True)
    found = articles(samples_section(read_run(folder)))
    assert len(found) >= 10
    assert all(article.count('<dl class="answers">') == 1 for article in found)
    assert all(
        [name for name in names(article) if name in ("base", "full", "lora")] == ["base", "full", "lora"]
        for article in found
    )
    outputs = {name: held_out(folder / name / "outputs.jsonl") for name in ("base", "full", "lora")}
    for article in found:
        row = int(re.search(r"phrasebook:test:(\d+)", article)[1])
        texts = [re.sub("<[^>]*>", "", one) for one in re.findall(r"<dd.*?</dd>", article)]
        assert [one.replace("&#x27;", "'") for one in texts[2:]] == [
            outputs[name][row]["output"] or "–" for name in outputs
        ]
        assert f"{outputs['lora'][row]['chrf']:.1f} chrF" in article


def test_a_model_that_lacks_a_row_is_left_out_of_it(make_run):
    folder = make_run(methods=("full", "lora"))
    path = folder / "lora" / "outputs.jsonl"
    rows = [json.loads(line) for line in path.open()]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows if row["row"] > 9))
    counts = {
        len([name for name in names(article) if name in ("full", "lora")])
        for article in articles(samples_section(read_run(folder)))
    }
    assert counts == {1, 2}


def test_only_rows_that_were_answered_are_samples(make_run):
    found = articles(samples_section(read_run(make_run(task="chat", methods=("full", "lora")))))
    assert found
    assert all(int(re.search(r"phrasebook:test:(\d+)", article)[1]) % 5 == 1 for article in found)


def test_questions_stand_side_by_side(make_run):
    folder = make_run(task="chat", methods=("full", "lora"), base=True)
    found = articles(questions_section(read_run(folder)))
    assert len(found) == 2
    assert names(found[0]) == ["base", "full", "lora"]
    assert '<dd dir="auto">lora says: Who wrote Faust?</dd>' in found[0]
    (folder / "lora" / "questions.jsonl").write_text('{"question": "Who wrote Faust?", "answer": ""}\n{"half')
    found = articles(questions_section(read_run(folder)))
    assert (names(found[0]), names(found[1])) == (["base", "full", "lora"], ["base", "full"])
    assert '<dd dir="auto">–</dd>' in found[0]


def test_no_questions_no_section(make_run):
    assert questions_section(read_run(make_run())) is None


def test_types_of_entities(make_run):
    folder = make_run(task="entities", methods=("full", "lora"))
    section = str(types_section(read_run(folder)))
    rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in re.findall("<tr>.*?</tr>", section)]
    assert [row[0] for row in rows[1:]] == ['<bdi dir="auto">PER</bdi>', '<bdi dir="auto">LOC</bdi>']
    counts = [int(row[1].replace(",", "")) for row in rows[1:]]
    assert counts == sorted(counts, reverse=True)
    assert all(0 < float(value) <= 100 for row in rows[1:] for value in row[2:])
