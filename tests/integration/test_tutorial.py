"""docs/tutorial.md is walked from its first command to the daemon, in an empty folder."""

import os
import re
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "tutorial.md").read_text("utf-8")
COMMANDS = [
    line.split("   #")[0].strip()
    for block in re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)
    for line in block.splitlines()
    if line.startswith("nlprec ")
]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder with what a checkout has in etc/, and the configuration that the page shows."""
    path = tmp_path_factory.mktemp("tutorial")
    shutil.copytree(ROOT / "etc", path / "etc")
    [config] = re.findall(r"```yaml\n(version: .*?)```", TEXT, re.DOTALL)
    (path / "mine.yaml").write_text(config, "utf-8")
    return path


@pytest.fixture(scope="module")
def said(folder):
    """Return what each command printed, in the order of the page; all of them end well."""
    environment = {**os.environ, "PATH": f"{sysconfig.get_path('scripts')}:{os.environ['PATH']}", "COLUMNS": "120"}
    answers = []
    for command in COMMANDS:
        done = subprocess.run(
            command, shell=True, cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        answers.append(done.stdout)
    return answers


def after(said, start, nth=0):
    """Return what the nth command with this start printed."""
    return [answer for command, answer in zip(COMMANDS, said, strict=True) if command.startswith(start)][nth]


def test_the_second_run_computes_nothing(said):
    """As the page says: everything is cached."""
    assert "done in" not in after(said, "nlprec run", 1)


def test_another_number_trains_one_model_again(said):
    """As the page says: one model, the report and the release."""
    trained = re.findall(r"train (\w+).* done in", after(said, "nlprec run", 2))
    assert set(trained) == {"ease"}


def test_a_stranger_gets_the_fallback(said):
    """As the page says: marked as such."""
    assert "fallback" in after(said, "nlprec recommend stranger")


def test_a_recommendation_has_its_reasons(said):
    """As the page shows with --explain."""
    assert re.search(r"because|like|shares", after(said, "nlprec recommend u00001"))
