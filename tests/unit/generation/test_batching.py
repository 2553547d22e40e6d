from hypothesis import given
from hypothesis import strategies as st

from dragoman.generation.batching import SHORTEST, generate, plan
from dragoman.generation.settings import Settings

PAD, EOS = 0, 1


@given(st.lists(st.integers(1, 200), max_size=60), st.integers(1, 2000))
def test_a_plan_holds_every_input_once_within_its_room(lengths, tokens):
    batches = plan(lengths, tokens)
    assert sorted(place for batch in batches for place in batch) == list(range(len(lengths)))
    for batch in batches:
        longest = max(max(lengths[place] for place in batch), SHORTEST)
        assert len(batch) == 1 or len(batch) * longest <= tokens
    flat = [lengths[place] for batch in batches for place in batch]
    assert flat == sorted(lengths, reverse=True), "neighbours are alike, the largest batch comes first"


def test_as_many_as_there_is_room_for():
    assert [len(batch) for batch in plan([SHORTEST] * 10, 4 * SHORTEST)] == [4, 4, 2]
    assert [len(batch) for batch in plan([1] * 10, 4 * SHORTEST)] == [4, 4, 2]


def test_answers_come_in_the_order_of_the_inputs_and_batches_are_announced(copying_model):
    inputs = [[*range(2, 2 + n), EOS] for n in (3, 30, 1, 12, 12, 0, 25)]
    seen = []
    model = copying_model(40)
    answers = generate(model, inputs, Settings(beam=2), eos_id=EOS, pad_id=PAD, batch_tokens=100, answered=seen.extend)
    assert [[*best.ids, EOS] for [best] in answers] == inputs
    assert sorted(seen) == list(range(len(inputs)))


def test_a_wider_beam_makes_smaller_batches(copying_model, monkeypatch):
    sizes = []
    model = copying_model(40)
    start = model.start
    monkeypatch.setattr(model, "start", lambda ids, *rest: sizes.append(len(ids)) or start(ids, *rest))
    inputs = [[*range(2, 2 + SHORTEST - 1), EOS]] * 8
    for beam in (1, 2, 4):
        generate(model, inputs, Settings(beam=beam), eos_id=EOS, pad_id=PAD, batch_tokens=8 * SHORTEST)
    assert sizes == [8, 4, 4, 2, 2, 2, 2]
