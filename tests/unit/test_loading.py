"""YAML to settings: every problem at once, each with its path, its line and a hint."""

import textwrap

import pytest
import yaml

from nlprec.errors import ConfigError
from nlprec.loading import is_loopback, load, load_text
from nlprec.plan import recipe
from nlprec.reading.building import component
from nlprec.settings import Secret, plain

GOOD = """
version: 1
ingest: {use: jsonl, path: sample}
store: {use: sqlite, path: var/x.db}
extract: {text: {use: tfidf}}
train:
  recommenders:
    ease: {use: ease, ridge: 250.0}
    close: {use: content, features: text}
  blenders:
    mix: {use: rrf, inputs: {ease: 1.0, close: 0.5}}
publish: {release: mix}
run: {every: 6h, limit: 90s}
"""


def settings(text=GOOD, **options):
    """Return the settings of a text."""
    return load_text(textwrap.dedent(text), "a.yaml", **options).settings


def problems(text, **options):
    """Return the problems of a text."""
    with pytest.raises(ConfigError) as caught:
        load_text(textwrap.dedent(text), "a.yaml", **options)
    return caught.value.problems


def test_a_good_file_becomes_settings_with_defaults():
    """Units are seconds inside, names are built components, silence is the default."""
    found = settings()
    assert (found.run.every, found.run.limit, found.train.recommenders["ease"].component.ridge) == (
        21_600.0,
        90.0,
        250.0,
    )
    assert (found.serve.n, [use.name for use in found.serve.filters]) == (10, ["seen", "hidden"])


def test_equal_files_have_equal_digests():
    """Order of keys, comments and layout do not matter; numbers do."""
    again = "# same\n" + yaml.safe_dump(yaml.safe_load(GOOD))
    assert settings().digest() == settings(again).digest()
    assert settings().digest() != settings(GOOD.replace("250.0", "251.0")).digest()


def test_what_is_shown_loads_back_to_the_same_digest():
    """``plain`` gives YAML with every default that means the same."""
    text = yaml.safe_dump(plain(settings()), sort_keys=False)
    assert settings(text).digest() == settings().digest()


def test_six_mistakes_are_six_problems_with_their_lines():
    """Nothing stops at the first."""
    found = problems(
        """\
        version: 1
        sed: 3
        store: {use: sqlite, path: x.db}
        extract: {text: {use: tfidf}}
        train:
          recommenders:
            main: {use: eese}
            close: {use: content, features: txt}
            other: {use: ease, ridge: -5.0}
        publish: {release: main, gate: {ndcg@10: sometimes}}
        run: {limit: 90}
        """
    )
    assert [(problem.line, problem.path) for problem in found] == [
        (2, "sed"),
        (7, "train.recommenders.main.use"),
        (8, "train.recommenders.close.features"),
        (9, "train.recommenders.other.ridge"),
        (10, "publish.gate"),
        (11, "run.limit"),
    ]
    assert all(problem.file == "a.yaml" and problem.code for problem in found)


CASES = {
    "unknown key": ("serve: {m: 3}", 1, "serve.m", "config.unknown_key"),
    "wrong type": ("seed: many", 1, "seed", "config.type"),
    "bool is no number": ("seed: yes", 1, "seed", "config.type"),
    "a list is no mapping": ("serve: [1]", 1, "serve", "config.type"),
    "a mapping is no list of components": ("prepare: {steps: 3}", 1, "prepare.steps", "config.missing"),
    "out of range": ("serve:\n  n: 0", 2, "serve.n", "config.value"),
    "no unit": ("run: {limit: 60}", 1, "run.limit", "config.type"),
    "unknown unit": ("run: {limit: 60y}", 1, "run.limit", "config.type"),
    "unknown component": ("store: {use: sqlit}", 1, "store.use", "plugin.unknown"),
    "no component": ("store: {path: x}", 1, "store", "config.missing"),
    "unknown field of a component": ("store: {use: sqlite, pth: x}", 1, "store.pth", "config.unknown_key"),
    "another revision is pinned": ("store: {use: sqlite@99}", 1, "store.use", "config.revision"),
    "the same key twice": ("seed: 1\nseed: 2", 2, "seed", "config.duplicate_key"),
    "broken yaml": ("serve: {n: 1", 1, "", "config.syntax"),
    "not a mapping": ("- 1\n- 2", 1, "", "config.type"),
    "no such environment variable": ("seed: ${NLPREC_NOWHERE}", 1, "seed", "config.environment"),
    "a secret in the file": (
        "serve: {http: {keys: [{name: a, secret: hunter2hunter2hunter2}]}}",
        1,
        "serve.http.keys[0].secret",
        "config.type",
    ),
    "an open door": ("serve: {http: {listen: '0.0.0.0:80'}}", 1, "serve.http.listen", "access.open"),
    "no such plugin file": ("plugins: {paths: [/nowhere/x.py]}", 1, "plugins.paths", "config.file"),
    "an unknown role": ("nodes: {a: {roles: [dance]}}", 1, "nodes.a.roles", "config.value"),
}


@pytest.mark.parametrize("case", CASES)
def test_each_kind_of_mistake_is_named(case):
    """Line, path and code of every kind of mistake."""
    text, line, path, code = CASES[case]
    assert (line, path, code) in [(problem.line, problem.path, problem.code) for problem in problems(text)]


REFERENCES = {
    "publish.release": GOOD.replace("release: mix", "release: mx"),
    "train.recommenders.close.features": GOOD.replace("features: text", "features: txt"),
    "train.blenders.mix.inputs.eas": GOOD.replace("{ease: 1.0,", "{eas: 1.0,"),
    "publish.gate.ndgc@10": GOOD.replace("release: mix", "release: mix, gate: {ndgc@10: no_worse}"),
    "serve.fallback": GOOD + "serve: {fallback: eas}\n",
    "serve.similar": GOOD + "serve: {similar: clos}\n",
}


@pytest.mark.parametrize("path", REFERENCES)
def test_a_name_that_leads_nowhere_is_found_before_anything_runs(path):
    """Between sections too, with the nearest known name."""
    found = problems(REFERENCES[path])
    assert [(problem.path, problem.code, "did you mean" in problem.hint) for problem in found] == [
        (path, "config.reference", True)
    ]


def test_the_environment_fills_in_values():
    """With a default, or without, numbers included."""
    found = settings("seed: ${SEED}\nserve: {n: '${N:-4}'}", environment={"SEED": "12"})
    assert (found.seed, found.serve.n) == (12, 4)


def test_options_override_the_file():
    """``--set path=value`` wins, at any depth, and its mistakes are blamed on the command line."""
    assert (
        settings(options=["train.recommenders.ease.ridge=3.5", "serve.n=7"]).train.recommenders["ease"].component.ridge
        == 3.5
    )
    assert problems(GOOD, options=["serve.n=x"])[0].file == "command line"
    assert problems(GOOD, options=["serve"])[0].code == "config.option"


def test_secrets_never_show():
    """Neither in the settings as text, nor in what is shown, nor in the digest."""
    text = "serve: {http: {keys: [{name: app, secret: '${KEY}'}]}}"
    one, other = (settings(text, environment={"KEY": value * 20}) for value in "ab")
    assert "aaaa" not in repr(one) + str(plain(one))
    assert plain(one)["serve"]["http"]["keys"][0]["secret"] == "${KEY}"
    assert one.digest() == other.digest()


def test_a_systemd_credential_is_as_good_as_the_environment(tmp_path):
    """A file that only the service can read; an empty one is none."""
    (tmp_path / "KEY").write_text("c" * 20 + "\n")
    (tmp_path / "NONE").write_text("")
    environment = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    text = "serve: {http: {keys: [{name: app, secret: '${KEY}'}]}}"
    assert settings(text, environment=environment).serve.http.keys[0].secret.value == "c" * 20
    assert [problem.code for problem in problems("seed: ${NONE}", environment=environment)] == ["config.environment"]


def test_a_short_secret_is_refused():
    """A key that can be guessed is no key."""
    found = problems("serve: {http: {keys: [{name: app, secret: '${KEY}'}]}}", environment={"KEY": "short"})
    assert [problem.code for problem in found] == ["access.weak"]


def test_origins_say_where_each_value_came_from():
    """The file's line, the environment, the command line, or the default."""
    loaded = load_text("seed: 3\nserve: {n: '${N:-4}'}", "a.yaml", options=["log.level=warn"], environment={})
    picked = [loaded.origins[path] for path in ("seed", "serve.n", "log.level", "serve.n_max")]
    assert picked == ["line 1", "environment N", "option", "default"]


def test_a_missing_file_is_a_problem_not_a_traceback(tmp_path):
    """With a hint how to get one."""
    with pytest.raises(ConfigError, match="there is no such file"):
        load(tmp_path / "no.yaml")


def test_a_recipe_builds_the_same_component_again():
    """A job carries plain values; the child process gets the equal component."""
    loaded = load_text(GOOD)
    use = loaded.settings.train.recommenders["ease"]
    assert component(loaded.host, "recommender", recipe(use)) == use.component


@pytest.mark.parametrize(
    ("listen", "expected"),
    [
        ("127.0.0.1:1", True),
        ("[::1]:1", True),
        ("localhost:1", True),
        ("0.0.0.0:1", False),
        ("10.0.0.1:1", False),
        ("example:1", False),
    ],
)
def test_loopback_is_recognised(listen, expected):
    """Only addresses of this machine are loopback."""
    assert is_loopback(listen) is expected


def test_a_secret_is_its_reference():
    """Whoever prints it prints where it comes from."""
    assert (str(Secret("x" * 20, "${KEY}")), "xxx" in repr(Secret("x" * 20, "${KEY}"))) == ("${KEY}", False)
