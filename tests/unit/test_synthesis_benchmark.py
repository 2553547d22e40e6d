"""The benchmark of the synthesis client runs, and measures what it says."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("provider", ["openai", "gemini"])
def test_requests_are_timed_and_reported(monkeypatch, provider):
    monkeypatch.syspath_prepend(str(ROOT))
    from benchmarks import synthesis
    from benchmarks.process import measure

    found = measure("benchmarks.synthesis:contest", threads=1, provider=provider, concurrency=4, requests=30)
    assert found["rate"] > 0
    assert 0 < found["core"] <= 1.1
    assert 200 < found["kept"] <= 300
    case = f"{provider} 4 30"
    page = synthesis.report({"rounds": 1, "results": {case: [found | {"rate": 612.0}]}})
    assert f"| {provider} | 4 | 30 | 612 |" in page
