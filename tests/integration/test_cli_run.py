"""The command line as processes: a sample, the walk in child processes, Ctrl-C, a reader that goes away."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

CONFIG = """
version: 1
ingest: {{use: jsonl, path: {folder}/sample}}
store: {{use: sqlite, path: {folder}/nlprec.db}}
prepare: {{steps: [weigh]}}
extract: {{text: tfidf}}
train:
  recommenders:
    popular: {{use: popular}}
    als: {{use: als, factors: 8, epochs: {epochs}}}
    close: {{use: content, features: text}}
  blenders: {{mix: {{use: rrf, inputs: {{als: 1.0, close: 0.5}}}}}}
evaluate: {{metrics: [{{use: ndcg, n: 10}}], resamples: 100}}
publish: {{release: mix}}
archive: {{path: {folder}/archive}}
"""


def command(*arguments):
    """Return the command line of ``nlprec`` in another process."""
    return [sys.executable, "-m", "nlprec", *map(str, arguments)]


def nlprec(*arguments):
    """Run a command; return (exit code, standard output, standard error)."""
    done = subprocess.run(command(*arguments), capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout, done.stderr


def write_config(folder, epochs=3):
    """Write a configuration for the sample in a folder."""
    path = folder / "nlprec.yaml"
    path.write_text(CONFIG.format(folder=folder, epochs=epochs))
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder with a small sample."""
    folder = tmp_path_factory.mktemp("shop")
    code, _, err = nlprec("sample", folder / "sample", "--users", 60, "--items", 80, "--events", 1500)
    assert (code, err) == (0, "")
    return folder


@pytest.fixture(scope="module")
def runs(folder):
    """Walk the flow twice for machines."""
    config = write_config(folder)
    return [nlprec("run", "--config", config, "--json") for _ in range(2)]


def test_a_run_publishes(runs):
    """The first run computes every job in child processes and publishes."""
    code, out, err = runs[0]
    found = json.loads(out)
    assert (code, err, found["published"]) == (0, "", True)
    assert {"done"} == {step["status"] for step in found["steps"]}


def test_children_measure_themselves(runs):
    """Every job says what memory its process took."""
    assert all(step["peak_memory"] > 0 for step in json.loads(runs[0][1])["steps"])


def test_a_second_run_computes_nothing(runs):
    """Nothing changed: everything is cached, the release is live already."""
    found = json.loads(runs[1][1])
    assert ({"cached"}, "already live") == ({step["status"] for step in found["steps"]}, found["verdict"])


def test_one_setting_recomputes_what_leans_on_it(folder, runs):
    """Another number for one model: that model, the report and the release, nothing else."""
    config = folder / "nlprec.yaml"
    changed = json.loads(nlprec("run", "--config", config, "--json", "--set", "train.recommenders.als.factors=4")[1])
    done = {step["name"] for step in changed["steps"] if step["status"] == "done"}
    assert {"train als", "train als (release)", "evaluate", "publish"} == done


def test_recommend_from_what_was_published(folder, runs):
    """A question is answered without a daemon."""
    code, out, _ = nlprec("recommend", "u00001", "--config", folder / "nlprec.yaml", "--n", 3, "--json")
    assert (code, len(json.loads(out)["items"])) == (0, 3)


def test_six_mistakes_and_no_traceback(folder):
    """A run of a wrong configuration is refused whole, exit 2."""
    path = folder / "wrong.yaml"
    path.write_text(
        "version: 2\nseed: x\nstores: 1\nstore: {use: nosql}\npublish: {release: m}\nrun: {limit: 1 moon}\n"
    )
    code, out, err = nlprec("run", "--config", path)
    assert (code, out, len(err.splitlines())) == (2, "", 6)


def children_of(pid):
    """Return the process ids below one."""
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def wait_for_line(stream, words):
    """Read lines until one holds some words."""
    for line in stream:
        if words in line:
            return
    pytest.fail(f"the process ended before it said {words!r}")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_cancelled(folder, tmp_path, number):
    """Ctrl-C and SIGTERM stop the jobs, leave no child and no traceback, exit 130; nothing is published."""
    path = tmp_path / "nlprec.yaml"
    path.write_text(CONFIG.format(folder=tmp_path, epochs=10_000_000).replace(f"{tmp_path}/sample", f"{folder}/sample"))
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command("run", "--config", path), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        wait_for_line(process.stdout, "extract text ")  # als is next, and takes for ever
        children = children_of(process.pid)
        process.send_signal(number)
        _, err = process.communicate(timeout=30)
    assert (process.returncode, err.startswith("[job.cancelled] ")) == (130, True)
    assert [child for child in children if Path(f"/proc/{child}").exists()] == []
    assert not (tmp_path / "archive" / "current.json").exists()


def test_a_reader_that_goes_away(folder, runs):
    """``nlprec report | true`` is quiet."""
    line = f"{' '.join(command('report', '--config', folder / 'nlprec.yaml'))} | true"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=60, check=False)
    assert done.stderr == ""


def test_help_loads_no_numbers():
    """The group itself imports neither numpy nor Twisted."""
    code = "import sys, nlprec.cli.main; print([name for name in ('numpy', 'twisted', 'rich') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "[]\n"
