"""The presets on real documents."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from rule_oracles import MEASURES, corpus_with

from dragoman.corpus.rules import Words, make_rules

MONO = Path(os.environ.get("DRAGOMAN_REALDATA", ".")) / "mono"

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif("DRAGOMAN_REALDATA" not in os.environ, reason="DRAGOMAN_REALDATA is not set"),
]


@pytest.fixture(scope="module")
def texts() -> list[str]:
    found = []
    for path in sorted(MONO.glob("*.jsonl")):
        found += [json.loads(line)["text"] for line in path.read_text(encoding="utf-8").rstrip("\n").split("\n")]
    return found


@pytest.mark.parametrize("name", MEASURES)
def test_every_measure_is_its_formula(texts, name):
    [rule] = make_rules(corpus_with(**{name: {"max": 0.2}}))
    batch = Words(pa.array(texts, pa.large_string()))
    values = np.array([MEASURES[name](text) for text in texts])
    exact = Words(pa.array(texts, pa.large_string()), exact=True)
    assert rule.measure(exact)[name] == pytest.approx(values, abs=1e-12)
    assert rule.verdict(rule.measure(batch), batch).tolist() == (values <= 0.2).tolist()
