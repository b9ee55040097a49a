"""docs/cli.md says what the commands say."""

import re
from pathlib import Path

import click
import pytest

from nlprec.cli import common
from nlprec.cli.main import LAZY, cli

PAGE = Path(__file__).parents[3] / "docs" / "cli.md"


def section(name):
    """Return a command's part of the page: its help, 100 characters wide."""
    parent = click.Context(cli, info_name="nlprec", **cli.context_settings)
    command = cli.get_command(parent, name)
    context = click.Context(command, parent=parent, info_name=name, terminal_width=100, max_content_width=100)
    return f"### {name}\n\n```text\n{command.get_help(context)}\n```\n"


@pytest.mark.parametrize("name", LAZY)
def test_every_command_is_documented_as_it_is(name):
    """The page holds each command's help, word for word (else: paste what ``nlprec NAME --help`` prints)."""
    assert section(name) in PAGE.read_text("utf-8")


def test_no_command_is_documented_that_is_not_there():
    """Every heading of a command names one."""
    assert list(LAZY) == re.findall(r"^### (\S+)$", PAGE.read_text("utf-8"), re.MULTILINE)


def test_every_exit_code_is_documented():
    """Each code the command line leaves with has a row."""
    codes = sorted(value for name, value in vars(common).items() if name.startswith("EXIT_"))
    rows = [int(code) for code in re.findall(r"^\| (\d+) \|", PAGE.read_text("utf-8"), re.MULTILINE)]
    assert [0, *codes] == rows
