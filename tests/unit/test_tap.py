"""The ``twistd nlprec`` command: what it takes, and what it answers when it cannot."""

import subprocess
import sys

import pytest
from twisted.python import usage

from nlprec.tap import Options, _log_stream

CONFIG = "version: 1\nstore: {use: memory}\nrun: {runner: {use: inline}}\n"


@pytest.fixture
def config(tmp_path):
    """Return a function that writes a configuration and returns its path."""

    def write(text=CONFIG):
        (tmp_path / "nlprec.yaml").write_text(text)
        return str(tmp_path / "nlprec.yaml")

    return write


def parse(*words):
    """Return the options of a command line."""
    options = Options()
    options.parseOptions(words)
    return options


def test_a_good_configuration_is_loaded(config):
    """The settings are there before a service is asked for."""
    assert parse("--config", config()).loaded.settings.store.name == "memory"


def test_settings_can_be_overridden(config):
    """``--set`` may be given several times."""
    loaded = parse("-c", config(), "--set", "serve.n=20", "--set", "seed=3").loaded
    assert (loaded.settings.serve.n, loaded.settings.seed) == (20, 3)


def test_every_mistake_is_told_at_once(config):
    """A wrong file is a usage error with all its problems."""
    with pytest.raises(usage.UsageError) as caught:
        parse("--config", config("version: 1\nsed: 3\nserve: {n: many}\n"))
    assert ("sed" in str(caught.value), "serve.n" in str(caught.value)) == (True, True)


def test_a_missing_file_is_told(tmp_path):
    """The message names the path."""
    with pytest.raises(usage.UsageError, match="there is no such file"):
        parse("--config", str(tmp_path / "nothing.yaml"))


def test_the_path_is_kept_whole(config, tmp_path, monkeypatch):
    """A reload finds the file even after the working directory has changed."""
    config()
    monkeypatch.chdir(tmp_path)
    assert parse("--config", "nlprec.yaml")["config"] == tmp_path / "nlprec.yaml"


def test_a_node_is_named(config):
    """``--node`` says which one to be."""
    assert parse("-c", config(), "--node", "brain")["node"] == "brain"


@pytest.mark.parametrize(
    ("twistd", "expected"),
    [
        (None, None),
        ({"logger": "my.observer"}, None),
        ({"syslog": True}, None),
        ({"nodaemon": True}, sys.stdout),
        ({"nodaemon": True, "logfile": "-"}, sys.stdout),
    ],
)
def test_our_lines_go_where_twistd_was_told(twistd, expected):
    """They are the default; another logger or syslog keeps its right."""
    assert (_log_stream(twistd) is None) == (expected is None)


def test_a_daemon_logs_into_a_file(tmp_path):
    """Without a terminal the lines go to ``twistd.log`` in its folder."""
    stream = _log_stream({"nodaemon": False, "rundir": str(tmp_path)})
    stream.close()
    assert (tmp_path / "twistd.log").exists()


def test_listing_commands_imports_nothing_heavy():
    """Whoever runs twistd for something else does not pay for numpy or a reactor."""
    heavy = {"numpy", "twisted.internet.reactor", "nlprec.services"}
    code = f"import sys, nlprec.tap; print(sorted({heavy} & set(sys.modules)))"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )
