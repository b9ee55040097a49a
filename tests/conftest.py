"""
What every test may use: research data where it is, Hypothesis profiles by environment; and the count of contracts.

A whole run fails when a component we ship did not go through every test of its contract. What counts is what was run,
not what stands in a file: each contract test leaves a mark on its report, and the marks are counted at the end.
"""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from nlprec.host import load_host
from nlprec.testing import contracts

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"

for name, examples in (("fast", 20), ("ci", 100), ("big", 5000)):
    settings.register_profile(name, max_examples=examples, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("NLPREC_HYPOTHESIS", "fast"))


@pytest.fixture(scope="session")
def real_data():
    """Return a function that gives the folder of a research data set, or skips with the reason."""

    def folder(data_set):
        path = DATA / data_set
        if not path.is_dir():
            pytest.skip(f"the research data set {data_set} is not there ({DATA})")
        return path

    return folder


@pytest.fixture(scope="session")
def host():
    """Return a host with every installed plugin."""
    return load_host()


def forgotten(entries, executed):
    """
    Return, for each component with contract tests that were not run, a line that names them.

    Args:
        entries: of the registry.
        executed: (class of the component, test name) of every contract test that ran.
    """
    lines = []
    for entry in entries:
        contract = getattr(contracts, f"{entry.kind.capitalize()}Contract", None)
        promises = {name for name in dir(contract) if name.startswith("test_")} or {"there is no contract"}
        missing = promises - {name for component, name in executed if component == _name(entry.component)}
        if missing:
            lines.append(f"{entry.kind} {entry.name}: {', '.join(sorted(missing))}")
    return lines


@pytest.fixture(name="forgotten", scope="session")
def forgotten_fixture():
    """Return ``forgotten`` itself, so that the count can be tested."""
    return forgotten


def _name(component):
    return f"{component.__module__}.{component.__qualname__}"


def pytest_runtest_setup(item):
    """Mark a contract test with the component it is about; the mark travels with the report, from any process."""
    bases = item.cls.__mro__ if getattr(item, "cls", None) else ()
    component = getattr(item.cls, "component", None) if bases else None
    if component is not None and any(base.__module__.startswith(contracts.__name__) for base in bases):
        item.user_properties.append(("contract", (_name(component), item.originalname)))


def pytest_configure(config):
    """Start the count, in the process that reports."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Count(config), "nlprec-contracts")


class Count:
    """Gathers the marks of a run."""

    def __init__(self, config):
        self.executed = set()
        self.lines = []
        chosen = ("keyword", "lf", "collectonly", "maxfail")
        everything = config.getoption("markexpr") in ("", "slow or not slow")
        whole = config.args_source is config.ArgsSource.TESTPATHS and not any(
            config.getoption(name, False) for name in chosen
        )
        self.whole = whole and everything

    def pytest_runtest_logreport(self, report):
        """Take what ran: passed, or skipped with its reason."""
        if (report.passed and report.when == "call") or report.skipped:
            self.executed |= {tuple(value) for name, value in report.user_properties if name == "contract"}

    def pytest_sessionfinish(self, session):
        """Fail a whole run in which a promise was not kept."""
        if self.whole:
            ours = [each for each in load_host().registry if each.component.__module__.startswith("nlprec_plugins.")]
            self.lines = forgotten(ours, self.executed)
            if self.lines:
                session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter):
        """Name what was forgotten."""
        if self.lines:
            terminalreporter.section("components whose contract did not run whole")
            for line in self.lines:
                terminalreporter.line(line)
