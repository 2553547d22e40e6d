import json

import pytest
from llm.server import KEY

from dragoman.synthesis.estimate import estimate
from dragoman.synthesis.run import synthesize


@pytest.mark.parametrize("provider", ["openai", "gemini"])
def test_what_it_will_cost_at_worst_is_said_before(load, server, tmp_path, monkeypatch, provider):
    loaded = load(provider=provider, pairs=80, rounds=1)
    monkeypatch.delenv("OPENAI_API_KEY")
    monkeypatch.delenv("GEMINI_API_KEY")
    found = estimate(loaded, tmp_path / "runs")  # no key is needed
    assert (found.pairs, found.requests, found.answered) == (80, 16, 0)
    assert found.output_tokens == 16 * 1000
    assert found.cost == f"{(found.input_tokens + 4 * found.output_tokens) / 1e6:,.4f} USD"
    assert found.budget == "5.0000 USD"
    assert server.served == []
    assert not (tmp_path / "runs").exists()
    assert len(found.prompts) == 3
    bodies = []
    for prompt in found.prompts:
        head, _, body = prompt.partition("\n")
        assert head.startswith(f"POST {server.url}/v1")
        assert "Topic: " in prompt
        bodies.append(json.loads(body))
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("GEMINI_API_KEY", KEY)
    result = synthesize(loaded, tmp_path / "runs")
    spent = float(result.receipt["money"]["spent"])
    assert 0 < spent <= float(found.cost.split()[0])
    after = estimate(loaded, tmp_path / "runs")
    assert (after.requests, after.answered, after.prompts) == (0, 16, [])
    assert dict(after.rows())["spent before"] == f"{spent:.4f} USD"


def test_without_prices_it_says_so(load, tmp_path):
    rows = dict(estimate(load(prices=None, budget=None), tmp_path).rows())
    assert rows["cost"] == "no prices are given"
    assert "budget" not in rows
