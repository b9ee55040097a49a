"""The shipped MovieLens configuration on real data: what it promises holds."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

CONFIG = Path(__file__).parents[2] / "etc" / "movielens.yaml"

pytestmark = [pytest.mark.real_data, pytest.mark.slow]


@pytest.fixture(scope="module")
def nlprec(tmp_path_factory, real_data):
    """Return a function that runs a command on ml-latest-small, with store and archive of its own."""
    folder = tmp_path_factory.mktemp("movielens")
    paths = {
        "ingest.path": real_data("ml-latest-small"),
        "store.path": folder / "db",
        "archive.path": folder / "archive",
    }
    options = [part for name, value in paths.items() for part in ("--set", f"{name}={value}")]

    def call(*arguments):
        line = [sys.executable, "-m", "nlprec", *arguments, "--config", str(CONFIG), *options, "--json"]
        done = subprocess.run(line, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return call


@pytest.fixture(scope="module")
def first(nlprec):
    """Walk the flow once."""
    return nlprec("run")


def test_five_models_and_two_blends(first):
    """All are judged by every metric."""
    assert list(first["report"]["table"]) == ["popular", "knn", "ease", "als", "content", "ranks", "mix"]


@pytest.mark.parametrize("model", ["ease", "als"])
def test_personal_models_beat_popularity(first, model):
    """EASE and ALS are above popularity in ndcg@10, interval against interval."""
    table = first["report"]["table"]
    assert table[model]["ndcg@10"]["low"] > table["popular"]["ndcg@10"]["mean"]


def test_blends_are_not_below_their_best_input(first):
    """No blend is worse than its best member beyond the paired interval."""
    assert [each for each in first["report"]["facts"]["comparisons"] if each["high"] < 0] == []


def test_a_second_run_is_cached(first, nlprec):
    """Nothing changed, nothing is computed."""
    assert {step["status"] for step in nlprec("run")["steps"]} == {"cached"}


def test_reasons_name_films_and_words(first, nlprec):
    """A user's recommendations lean on films of their history, and some on shared words."""
    reasons = [item["reason"] for item in nlprec("recommend", "1", "--n", "10")["items"]]
    assert all(reason["because"] for reason in reasons)
    assert any(reason["terms"] for reason in reasons)
