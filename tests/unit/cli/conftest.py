"""A command line in this process, and a small shop that it has walked once."""

import contextlib
import io
import json
from pathlib import Path

import pytest
from attrs import frozen

from nlprec.cli.main import run

CONFIG = """
version: 1
ingest: {{use: jsonl, path: {shop}}}
store: {{use: sqlite, path: {folder}/nlprec.db}}
run: {{runner: {{use: inline}}}}
prepare: {{steps: [weigh], split: {{use: leave_last}}}}
extract: {{text: {{use: tfidf, min_df: 1, max_df: 1.0}}}}
train:
  recommenders:
    popular: {{use: popular, half_life: 0s}}
    knn: {{use: item_knn, shrink: 0.0}}
    close: {{use: content, features: text}}
  blenders: {{mix: {{use: rrf, inputs: {{knn: 1.0, close: 0.5}}}}}}
evaluate: {{metrics: [{{use: ndcg, n: 3}}, {{use: coverage, n: 3}}], resamples: 100}}
publish: {{release: mix}}
archive: {{path: {folder}/archive}}
"""
THEMES = ("tent rope camp fire", "novel story page book")


@frozen
class Said:
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        """Return what it printed for machines."""
        return json.loads(self.out)


@pytest.fixture
def nlprec(capsys):
    """Return a function that runs the command line in this process."""

    def call(*arguments):
        capsys.readouterr()
        code = run([str(each) for each in arguments])
        return Said(code, *capsys.readouterr())

    return call


def write_shop(folder):
    """Write a checkerboard shop: even users like even items, odd users odd ones; one line is no record."""
    items = [{"id": f"i{item}", "title": f"Item [{item}]", "body": THEMES[item % 2]} for item in range(12)]
    events = [
        {"user": f"u{user}", "item": f"i{item}", "kind": "buy", "time": 1_000_000_000 + 50 * user + item}
        for user in range(12)
        for item in range(12)
        if (user + item) % 2 == 0 and (user + item) % 5 != 0
    ]
    folder.mkdir(exist_ok=True)
    (folder / "items.jsonl").write_text("\n".join(map(json.dumps, items)))
    (folder / "events.jsonl").write_text("\n".join(map(json.dumps, events)) + "\nnot json\n")


def write_config(folder, shop):
    """Write a configuration of its own store and archive; return its path."""
    path = folder / "nlprec.yaml"
    path.write_text(CONFIG.format(shop=shop, folder=folder))
    return path


@pytest.fixture(scope="package")
def shop(tmp_path_factory):
    """Return the folder of the shop."""
    folder = tmp_path_factory.mktemp("shop")
    write_shop(folder)
    return folder


@pytest.fixture
def config(tmp_path, shop):
    """Return a configuration that nobody has walked yet."""
    return write_config(tmp_path, shop)


@frozen
class Walked:
    """A configuration whose flow was walked once, and what was said meanwhile."""

    config: Path
    said: str


@pytest.fixture(scope="package")
def walk(tmp_path_factory, shop):
    """Walk a flow once; tests ask it and change nothing."""
    path = write_config(tmp_path_factory.mktemp("walked"), shop)
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        assert run(["run", "--config", str(path)]) == 0
    return Walked(path, said.getvalue())


@pytest.fixture
def walked(walk):
    """Return the configuration that was walked."""
    return walk.config
