import itertools
import random
from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.corpus.duplicates.planted import document, edited, jaccard

from dragoman.corpus.duplicates import minhash
from dragoman.corpus.duplicates.minhash import band_hashes, groups, shortened, signatures, similarities
from dragoman.corpus.spans import as_bytes


def hashes_of(texts: list[str], n: int):
    return groups(*as_bytes(pa.array(texts, pa.large_string())), n)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(st.lists(st.sampled_from("abc"), max_size=12), max_size=6), st.integers(1, 6))
def test_a_group_is_n_words_in_a_row_of_one_text(texts, n):
    hashes, bounds = hashes_of([", ".join(words) for words in texts], n)
    wanted = [[tuple(words[i : i + n]) for i in range(len(words) - n + 1)] for words in texts]
    assert np.diff(bounds).tolist() == [len(groups) for groups in wanted]
    meaning = dict(zip(hashes.tolist(), itertools.chain(*wanted), strict=True))
    assert [meaning[h] for h in hashes.tolist()] == list(itertools.chain(*wanted))  # one hash has one meaning,
    assert len(meaning) == len(set(meaning.values()))  # and one meaning one hash


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from([0, 1, 3, 31, 32, 69]), min_size=1, max_size=6), st.integers(0, 9))
def test_signatures_are_the_least_of_each_text(lengths, seed):
    hashes = np.random.default_rng(seed).integers(0, 2**32, sum(lengths), np.uint32)
    bounds = np.concatenate(([0], np.cumsum(lengths)))
    whole = signatures(hashes, bounds, 24)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(minhash, "BLOCK", 32)
        together = signatures(hashes, bounds, 24)
    assert np.array_equal(whole, together)
    for i, (begin, end) in enumerate(itertools.pairwise(bounds)):
        one_by_one = [signatures(hashes[j : j + 1], np.array([0, 1]), 24)[0] for j in range(begin, end)]
        assert together[i].tolist() == np.min([*one_by_one, np.full(24, 2**32 - 1)], axis=0).tolist()


def test_signatures_are_the_same_on_every_machine():
    hashes, bounds = hashes_of(["Das Haus steht am Ende der langen Straße.".lower()], 5)
    least = signatures(hashes, bounds, 4)
    assert least.tolist() == [[452540395, 265638591, 213735196, 911543723]]
    assert band_hashes(least, 2).tolist() == [[4128376178, 511485409]]
    assert shortened(least).tolist() == [[172, 76, 211, 112]]


@pytest.mark.parametrize("share", [0.0, 0.005, 0.02, 0.05, 0.15, 1.0])
def test_similarities_are_estimated_without_bias(share):
    rng = random.Random(4)
    pairs = [(words, edited(rng, words, share)) for words in (document(rng, 200) for _ in range(60))]
    exact = [jaccard(*pair, 5) for pair in pairs]
    hashes, bounds = hashes_of([" ".join(words) for pair in pairs for words in pair], 5)
    bytes_ = shortened(signatures(hashes, bounds, 256))
    found = similarities(bytes_[::2], bytes_[1::2])
    assert found.mean() == pytest.approx(np.mean(exact), abs=0.012)
    assert np.abs(found - exact).max() < 0.15


def test_bands_agree_as_often_as_the_formula_says():
    rng = random.Random(7)
    pairs = [
        (words, edited(rng, words, rng.uniform(0.005, 0.09))) for words in (document(rng, 120) for _ in range(600))
    ]
    hashes, bounds = hashes_of([" ".join(words) for pair in pairs for words in pair], 5)
    bands = band_hashes(signatures(hashes, bounds, 112), 14)
    hit = (bands[::2] == bands[1::2]).any(axis=1)
    likely = np.array([1 - (1 - jaccard(*pair, 5) ** 8) ** 14 for pair in pairs])
    assert likely.std() > 0.3  # easy pairs and hard ones
    assert hit.mean() == pytest.approx(likely.mean(), abs=0.03)
    for low, high in ((0.05, 0.5), (0.5, 0.95)):
        chosen = (likely > low) & (likely < high)
        assert hit[chosen].mean() == pytest.approx(likely[chosen].mean(), abs=0.08)


def test_the_estimate_is_as_good_as_datasketch():
    datasketch = pytest.importorskip("datasketch")
    rng = random.Random(9)
    pairs = [(words, edited(rng, words, 0.03)) for words in (document(rng, 150) for _ in range(80))]
    exact = np.array([jaccard(*pair, 5) for pair in pairs])

    def peer(words):
        found = datasketch.MinHash(num_perm=112)
        found.update_batch([" ".join(words[i : i + 5]).encode() for i in range(len(words) - 4)])
        return found

    theirs = np.array([peer(a).jaccard(peer(b)) for a, b in pairs])
    hashes, bounds = hashes_of([" ".join(words) for pair in pairs for words in pair], 5)
    bytes_ = shortened(signatures(hashes, bounds, 112))
    ours = similarities(bytes_[::2], bytes_[1::2])
    assert np.sqrt(np.mean((ours - exact) ** 2)) < 1.25 * np.sqrt(np.mean((theirs - exact) ** 2))


def test_minima_are_drawn_evenly():
    """Every element of a set is as likely as any other to be the least under an order."""
    hashes = np.random.default_rng(0).integers(0, 2**32, 20, np.uint32)
    least = signatures(hashes, np.array([0, 20]), 4000)[0]
    singles = np.stack([signatures(h[None], np.array([0, 1]), 4000)[0] for h in hashes])
    counts = Counter(np.argmax(singles == least, axis=0).tolist())
    assert min(counts.values()) > 120
    assert max(counts.values()) < 290
