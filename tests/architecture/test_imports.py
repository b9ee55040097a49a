"""Who may import whom."""

import pkgutil
import subprocess
import sys
import tomllib
from pathlib import Path

import nlprec

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]


def test_every_contract_is_kept():
    """Layers, islands, Twisted at the edge alone: import-linter finds no broken contract."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports; raise SystemExit(lint_imports())"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]


def test_no_contract_has_an_exception():
    """The rules have no list of what is excused."""
    excuses = ("ignore_imports", "unmatched_ignore_imports_alerting")
    assert [contract["name"] for contract in SETTINGS["contracts"] if any(each in contract for each in excuses)] == []


def test_every_module_has_its_layer():
    """A new module at the top is in a layer, or the rules would not hold for it."""
    layers = next(contract["layers"] for contract in SETTINGS["contracts"] if contract["type"] == "layers")
    placed = {name.strip().removeprefix("nlprec.") for layer in layers for name in layer.split(":")}
    there = {info.name for info in pkgutil.iter_modules(nlprec.__path__)}
    assert there - placed == {"testing", "__main__"}


def test_every_module_but_the_shell_is_free_of_twisted():
    """The list of modules that must not know Twisted leaves out the shell alone."""
    rule = next(contract for contract in SETTINGS["contracts"] if contract.get("forbidden_modules") == ["twisted"])
    free = {name.removeprefix("nlprec.") for name in rule["source_modules"]}
    there = {info.name for info in pkgutil.iter_modules(nlprec.__path__)}
    assert there - free == {"services", "tap", "cli", "testing", "__main__"}
