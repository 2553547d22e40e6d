"""Find the weights of `corpus/boilerplate/model.py` anew: python -m benchmarks.boilerplate_weights

Logistic regression with a ridge, by Newton's method, on one half of the pages: lines with a string to keep against
lines with a string to drop. Needs DRAGOMAN_REALDATA.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchmarks.boilerplate import half_of, read_pages
from dragoman.corpus.boilerplate.features import measure
from dragoman.corpus.lines import Lines

RIDGE = 3.0


def examples(folder: Path, half: int) -> tuple[list[str], NDArray[np.float64], NDArray[np.bool_]]:
    """Names of features (F,); features (N, F) of lines that are known to be text or not; whether they are text (N,)."""
    rows, wanted, names = [], [], []
    for page in read_pages(folder):
        if half_of(page["url"]) != half:
            continue
        lines = Lines.of(pa.array([page["text"]], pa.large_string()))
        found = measure(lines)
        names = list(found.features)
        features = np.stack([found.features[name] for name in names], axis=1).astype(float)
        texts = [page["text"].split("\n")[place] for place in found.places]
        for kind in ("keep", "drop"):
            for string in page[kind]:
                places = [i for i, text in enumerate(texts) if string in text]
                if len(places) == 1:
                    rows.append(features[places[0]])
                    wanted.append(kind == "keep")
    return names, np.array(rows), np.array(wanted)


def fit(features: NDArray[np.float64], wanted: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Weights (F,) and, last, the constant."""
    middle, scale = features.mean(axis=0), features.std(axis=0)
    inputs = np.append((features - middle) / scale, np.ones((len(features), 1)), axis=1)
    ridge = np.diag([*[RIDGE] * features.shape[1], 0.0])
    weights = np.zeros(inputs.shape[1])
    for _ in range(50):
        likely = 1 / (1 + np.exp(-inputs @ weights))
        slope = inputs.T @ (likely - wanted) + ridge @ weights
        curve = (inputs.T * (likely * (1 - likely))) @ inputs + ridge
        weights -= np.linalg.solve(curve, slope)
    plain = weights[:-1] / scale
    return np.append(plain, weights[-1] - plain @ middle)


def main() -> None:
    names, features, wanted = examples(Path(os.environ["DRAGOMAN_REALDATA"]) / "mono", 0)
    for name, weight in zip([*names, "constant"], fit(features, wanted), strict=True):
        print(f'    "{name}": {weight:.2f},')


if __name__ == "__main__":
    main()
