import pytest

from dragoman.base.errors import RequestError
from dragoman.evaluation.comparison import BASE
from dragoman.job.folder import RunFolder
from dragoman.objectives.sets import EncodedSets
from dragoman.planning.semantics import RESERVED, find_all, missing, problems, refuse_impossible
from dragoman.recipe.loading import load_recipe


@pytest.fixture
def load(tmp_path):
    (tmp_path / "a.tsv").write_text("source\ttarget\nx\ty\n")
    (tmp_path / "b.parquet").write_bytes(b"PAR1")

    def read(*options):
        recipe = tmp_path / "r.yaml"
        recipe.write_text("name: r\ndata:\n  train:\n    - path: a.tsv\n")
        return load_recipe(recipe, options)

    return read


def test_a_good_recipe_has_no_problems(load):
    assert problems(load()) == missing(load()) == []
    refuse_impossible(load())


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            ["evaluation.metrics=[chrf]", "evaluation.main=bleu"],
            "evaluation.main=bleu: 'bleu' is not measured; evaluation.metrics has chrf",
        ),
        (["training.best=ter", "evaluation.metrics=[bleu]"], "'ter' is not measured"),
        (["methods={previous: {}}"], "a method cannot be called 'previous'"),
        (["training.max_steps=3", "training.warmup_steps=3"], "3 steps of warm-up in a training of 3"),
        (["data.max_target_length=1"], "leaves no room for a text"),
        (["data.template.source='{text}'"], "has no column 'text', which data.template names"),
        (["data.template.source='{'"], "data.template"),
        (
            ["data.template.target='{source}!'"],
            "source and target are made of the same column, 'source'",
        ),
        (["data.template.level=levl"], "data.template.level=levl: the rows to measure on have no column 'levl'"),
        (["data.template.level=Target"], "did you mean 'target'?"),
        (["methods={Report.html: {}}"], "a method cannot be called 'Report.html'"),
        (["data.train.0.path=b.parquet", "data.train.0.format=tsv"], "remove the key format"),
        (["data.train.0.sheet=One"], "a tsv file has no sheets"),
        (
            ["trackers.wandb={mode: offline}"],
            "trackers.wandb={mode: offline}: needs a library that is not here: pip install wandb",
        ),
        (["trackers.tensorboard=true"], "trackers.tensorboard=true: needs a library that is not here: pip install"),
    ],
)
def test_what_is_impossible(load, options, said, monkeypatch):
    monkeypatch.setattr("dragoman.planning.semantics.version_of", lambda library: None)
    found = problems(load(*options))
    assert len(found) == 1
    assert said in str(found[0])
    with pytest.raises(RequestError, match=r"r\.yaml:|--set"):
        refuse_impossible(load(*options))


def test_one_set_with_the_column_of_levels_is_enough(load, tmp_path):
    (tmp_path / "graded.tsv").write_text("source\ttarget\tlevel\nx\ty\tA1\n")
    level, test = "data.template.level=level", "data.test={graded: {path: graded.tsv}}"
    assert problems(load(level, test)) == []
    assert problems(load(level, "data.train=[{path: graded.tsv}]", "data.validation={path: a.tsv}"))
    gone = load(level, "data.test={gone: {path: gone.tsv}}")
    assert problems(gone, missing(gone)) == []  # it may be there


TEXTS = {"pairs", "synthesis"}  # what `dragoman corpus` makes beside a run


def test_no_method_is_called_like_something_in_a_run_folder(tmp_path):
    run = RunFolder(tmp_path)
    named = [getattr(run, name) for name, kind in vars(RunFolder).items() if isinstance(kind, property)]
    paths = [path.folder if isinstance(path, EncodedSets) else path for path in named]
    made = {path.relative_to(tmp_path).parts[0] for path in paths}
    assert made | {"report.html", "previous", BASE, *TEXTS} == RESERVED


def test_a_value_of_the_command_line_is_where_its_problem_is(load):
    loaded = load("data.test={t: {path: a.tsv}}", "data.test.t.path=gone.tsv", "data.train.0.sheet=One")
    found = [str(problem) for problem in find_all(loaded)]
    assert {line.split(": ")[0] for line in found} == {
        "--set data.test.t.path=gone.tsv",
        "--set data.train.0.sheet=One",
    }


def test_a_setting_that_all_methods_share_is_said_once(load):
    options = ["methods={a: {}, b: {}, c: {training: {warmup_steps: 9}}}", "training.max_steps=3"]
    found = [str(problem) for problem in problems(load(*options, "training.warmup_steps=5"))]
    assert len(found) == 2
    assert "methods.c.training.warmup_steps: 9 steps" in found[0] + found[1]


def test_everything_missing_has_its_place(load, monkeypatch):
    monkeypatch.delenv("NOWHERE", raising=False)
    options = ["data.validation={path: b.tsv}", "data.test={x.y: {path: '${NOWHERE}/c.tsv'}}", "tokenizer.path=."]
    found = missing(load(*options))
    assert [problem.path for problem in found] == [
        ("data", "validation"), ("data", "test", "x.y"), ("tokenizer", "path")
    ]  # fmt: skip
    assert problems(load(*options), found) == []  # what is missing is no mistake of the recipe's


def test_an_error_that_names_a_key_gets_its_place(load, tmp_path):
    loaded = load("training.epochs=3")
    for where, place in (
        ("data.train", f"{tmp_path}/r.yaml:3:3: data.train"),
        ("data.train.0", f"{tmp_path}/r.yaml:4:7: data.train.0"),
        ("training.epochs", "--set training.epochs=3"),
        ("data.tsv", "data.tsv"),
    ):
        with pytest.raises(RequestError) as refused, loaded.located():
            raise RequestError("no", where=where)
        assert refused.value.where == place


WRONG = """\
name: r
sed: 3
data:
  train:
    - path: a.tsv
    - path: gone.tsv
  max_source_length: 1
  template: {source: "{text}"}
training: {epocs: 3, learning_rate: fast}
evaluation: {metrics: [chrf], main: bleu}
"""


def refused(tmp_path, text):
    (tmp_path / "r.yaml").write_text(text)
    with pytest.raises(RequestError) as refusal:
        load_recipe(tmp_path / "r.yaml", (), find_all)
    return [line.removeprefix(f"{tmp_path}/r.yaml:") for line in str(refusal.value).splitlines() if "r.yaml:" in line]


def test_wrong_shapes_and_impossible_values_come_in_one_list(load, tmp_path):
    found = refused(tmp_path, WRONG)
    assert [line.split(" ")[0] for line in found] == ["2:1:", "5:7:", "6:7:", "7:3:", "9:12:", "9:22:", "10:31:"]


@pytest.mark.parametrize(
    ("wrong", "follows"),
    [
        ("data: {train: [{path: a.tsv}], template: {sorce: '{text}'}}", "no column"),
        ("data: {train: [{path: a.tsv}], template: {source: 3, target: '{no}'}}", "no column"),
        ("data: {train: [{path: gone.tsv, formt: tsv}]}", "no such file"),
        ("data: {train: [{path: a.tsv}]}\nevaluation: {metrics: [blue], main: chrf}", "evaluation.main"),
        ("data: {train: [{path: a.tsv}]}\nevaluation: {metrics: [blue]}\ntraining: {best: ter}", "training.best"),
        ("data: {train: [{path: a.tsv}]}\nmethods: {a: {training: {max_steps: 3, warmup_steps: x}}}", "of warm-up"),
        ("data: {train: [{path: a.tsv}]}\ntraining: {max_steps: three, warmup_steps: 0, epochs: 3}", "of warm-up"),
    ],
)
def test_what_may_only_follow_from_a_mistake_is_not_said(load, tmp_path, wrong, follows):
    found = refused(tmp_path, f"name: r\n{wrong}\n")
    assert len(found) == 1, found
    assert follows not in found[0]
