"""What does not fit together is said of the key that is to blame; what fits is not spoken of."""

from __future__ import annotations

import json

import pytest
import torch
from unit.models.tiny import KINDS
from unit.objectives.chat_templates import CHATML
from unit.objectives.conftest import TEXTS, gpt2

from dragoman.base import device
from dragoman.base.errors import RequestError
from dragoman.planning import fitting as module
from dragoman.planning.fitting import fitting_problems, training_key
from dragoman.planning.semantics import find_all, problems
from dragoman.recipe.loading import load_recipe

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Models without weights: t5, bart, llama; chat has a template, silent has none; odd cannot be used."""
    folder = tmp_path_factory.mktemp("fitting")
    (folder / "a.tsv").write_text("source\ttarget\nx\ty\n")
    kinds = {"t5": "t5", "bart": "bart", "llama": "llama", "chat": "llama", "silent": "llama", "odd": "llama"}
    for name, kind in kinds.items():
        (folder / name).mkdir()
        config = {"eos_token_id": 1, "pad_token_id": 0, **KINDS[kind], "vocab_size": 512}
        if kind != "t5":
            config["max_position_embeddings"] = 1024
        if name == "odd":
            config["model_type"] = "vit"
        (folder / name / "config.json").write_text(json.dumps(config))
    written = gpt2(TEXTS * 3, 400).to_str()
    for name in kinds:
        template = CHATML if name == "chat" else None
        config = {"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": "<|im_end|>", "chat_template": template}
        (folder / name / "tokenizer.json").write_text(written)
        (folder / name / "tokenizer_config.json").write_text(json.dumps(config))
    return folder


@pytest.fixture
def load(folder, monkeypatch):
    monkeypatch.setattr(module, "pick_device", lambda: CPU)

    def read(*options):
        (folder / "r.yaml").write_text("name: r\ndata:\n  train:\n    - path: a.tsv\n")
        return load_recipe(folder / "r.yaml", options)

    return read


def pretrained(name, *options):
    return (f"model.pretrained=./{name}", *options)


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("task=text-to-text", "evaluation.metrics=[exact_match]"),
        ("task=entities", "evaluation.metrics=[f1, malformed]"),
        pretrained("t5", "methods={a: {}, b: {tuning: lora}, c: {start: random}, d: {start: base}}"),
        pretrained("llama", "task=text-to-text", "methods={a: {tuning: lora, adapter: {layers: [2]}}}"),
        pretrained("chat", "task=chat", "evaluation.questions=['Ja?']"),
        pretrained("bart", "methods={a: {tuning: lora, adapter: {stacks: [cross_attention]}}}"),
    ],
)
def test_what_fits_is_not_spoken_of(load, options):
    assert list(fitting_problems(load(*options), base_is_known=True)) == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            ["evaluation.metrics=[f1, recall]"],
            "evaluation.metrics=[f1, recall]: f1, recall count entities; the task is",
        ),
        (["evaluation.questions=['Ja?']"], "are for the task chat; the task is translation"),
        (["task=chat"], "task=chat: a chat needs a causal model: name one in model.pretrained"),
        (pretrained("t5", "task=chat"), "task=chat: a chat needs a causal model; ./t5 is an encoder-decoder"),
        (pretrained("silent", "task=chat"), "has no chat template"),
        (["methods={a: {tuning: lora}}"], "methods.a.tuning: lora adapts a pretrained model"),
        (["methods={a: {tuning: qlora}}"], "methods.a.tuning: qlora adapts a pretrained model"),
        (["methods={a: {start: base}}"], "methods.a.start: there is no base to start from"),
        (["training.precision=float16"], "training.precision=float16: float16 is for GPUs"),
        (
            ["methods={a: {training: {precision: float16}}}"],
            "methods.a.training.precision: float16 is for GPUs",
        ),
        (pretrained("t5", "training.precision=float16"), "T5 models overflow in float16"),
        (
            pretrained("t5", "methods={a: {tuning: lora, adapter: {targets: [q_proj]}}}"),
            "methods.a.adapter.targets: no linear layer of this model matches 'q_proj'",
        ),
        (
            pretrained("llama", "methods={a: {tuning: lora, adapter: {layers: [7]}}}"),
            "methods.a.adapter.layers: no target is in block 7",
        ),
        (
            pretrained("llama", "methods={x.y: {tuning: lora, adapter: {stacks: [encoder]}}}"),
            "methods.x.y.adapter.stacks: no target is in the encoder",
        ),
        (pretrained("odd"), "model.pretrained=./odd: a vit model writes no text"),
        (
            ["model.transformers={model_type: llama, max_position_embeddings: 200}"],
            "data.max_source_length: with data.max_target_length that is 256 tokens of one sequence, and this llama "
            "has 200 tokens in sight",
        ),
        (
            pretrained("chat", "task=chat", "data.max_source_length=1000"),
            "data.max_source_length=1000: with data.max_target_length that is 1,128 tokens of one sequence, and ./chat "
            "has 1,024 tokens in sight",
        ),
        (pretrained("bart", "data.max_target_length=1025"), "data.max_target_length=1025: ./bart has 1,024 tokens"),
        (
            pretrained(
                "bart", "methods={a: {tuning: lora, adapter: {library: peft, peft: {init_lora_weights: olora}}}}"
            ),
            "methods.a.adapter.peft.init_lora_weights: 'olora' rewrites the base's weights",
        ),
    ],
)
def test_what_does_not_fit(load, options, said):
    loaded = load(*options)
    found = [str(problem) for problem in fitting_problems(loaded, base_is_known=True)]
    assert len(found) == 1, found
    assert said in found[0]
    assert found == [str(problem) for problem in find_all(loaded)]


def test_everything_that_is_wrong_with_an_adapter_comes_at_once(load):
    adapter = "{library: peft, targets: [nothing], peft: {use_dore: true, r: 3}}"
    loaded = load(*pretrained("t5", f"methods={{a: {{tuning: lora, adapter: {adapter}}}}}"))
    found = [".".join(map(str, problem.path)) for problem in fitting_problems(loaded, base_is_known=True)]
    assert sorted(found) == [f"methods.a.adapter.{key}" for key in ("peft.r", "peft.use_dore", "targets")]
    refused = "{library: peft, peft: {lora_bias: true, init_lora_weights: gaussian}}"
    loaded = load(*pretrained("t5", f"methods={{a: {{tuning: lora, adapter: {refused}}}}}"))
    [problem] = fitting_problems(loaded, base_is_known=True)
    assert "peft refuses it" in str(problem)


def test_rows_as_long_as_the_base_can_read_fit(load):
    lengths = ("data.max_source_length=700", "data.max_target_length=324")
    assert list(fitting_problems(load(*pretrained("chat", "task=chat", *lengths)), base_is_known=True)) == []
    assert list(fitting_problems(load(*pretrained("t5", "data.max_source_length=9999")), base_is_known=True)) == []


def test_a_device_without_4_bits_says_why(load, monkeypatch):
    options = pretrained("t5", "methods={a: {tuning: qlora}}")
    monkeypatch.setattr(module, "why_not", lambda device: None)
    assert list(fitting_problems(load(*options), base_is_known=True)) == []
    monkeypatch.setattr(module, "why_not", lambda device: f"no kernel on this {device.type}")
    [problem] = fitting_problems(load(*options), base_is_known=True)
    assert "methods.a.tuning: 4 bits are not possible here: no kernel on this cpu; use lora instead" in str(problem)


def test_a_gpu_is_asked_in_its_own_right(load, monkeypatch):
    monkeypatch.setattr(module, "pick_device", lambda: torch.device("cuda", 0))
    monkeypatch.setattr(device, "fast_bfloat16", lambda device: None)
    options = ["methods={a: {training: {precision: float16}}, b: {training: {precision: bfloat16}}, c: {}}"]
    [problem] = fitting_problems(load(*options, "training.precision=float32"), base_is_known=True)
    assert "methods.b.training.precision: this GPU has no bfloat16" in str(problem)
    [problem] = fitting_problems(load(*pretrained("t5"), "training.precision=float16"), base_is_known=True)
    assert "overflow" in str(problem)


def test_what_is_away_is_not_read(load):
    options = pretrained("nowhere", "task=chat", "methods={a: {tuning: lora, adapter: {targets: [nothing]}}}")
    assert list(fitting_problems(load(*options), base_is_known=False)) == []
    found = find_all(load(*options))
    assert [problem.path for problem in found] == [("model", "pretrained")]
    assert problems(load(*options), found) == []


@pytest.mark.parametrize(
    "wrong",
    [
        "task: entites\nevaluation: {metrics: [f1]}", "task: chatt\nevaluation: {questions: [Ja]}",
        "model: {pretraned: ./t5}\nmethods: {a: {tuning: lora}}", "task: chat\nmodel: {pretraned: ./chat}",
        "model: {pretrained: [./t5]}\nmethods: {a: {start: base}}",
    ],
)  # fmt: skip
def test_what_may_only_follow_from_a_mistake_is_not_said(load, folder, wrong):
    (folder / "wrong.yaml").write_text(f"name: r\ndata: {{train: [{{path: a.tsv}}]}}\n{wrong}\n")
    with pytest.raises(RequestError) as refused:
        load_recipe(folder / "wrong.yaml", (), find_all)
    assert str(refused.value).count("wrong.yaml") == 1, refused.value


def test_the_key_that_gives_a_method_its_setting(load):
    recipe = load("methods={a: {training: {precision: auto}}, b: {}}").recipe
    assert training_key(recipe, "a", "precision") == ("methods", "a", "training", "precision")
    assert training_key(recipe, "b", "precision") == ("training", "precision")


def test_a_tokenizer_with_more_pieces_than_the_model_has_rows_is_refused(folder, load):
    config = json.loads((folder / "t5/config.json").read_text())
    small = folder / "small"
    small.mkdir(exist_ok=True)
    (small / "config.json").write_text(json.dumps({**config, "vocab_size": 64}))
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (small / name).write_text((folder / "t5" / name).read_text())
    [problem] = fitting_problems(load(*pretrained("small")), base_is_known=True)
    assert "its embedding only 64 rows" in str(problem)


def test_a_folder_without_a_tokenizer_is_said(folder, load):
    bare = folder / "bare"
    bare.mkdir(exist_ok=True)
    (bare / "config.json").write_text((folder / "t5/config.json").read_text())
    [problem] = fitting_problems(load(*pretrained("bare")), base_is_known=True)
    assert "there is no tokenizer here" in str(problem)
