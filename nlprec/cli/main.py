"""
The group of commands, and what becomes of errors: one line for what a person can fix, one for a bug, and an exit code
for machines.
"""

import importlib
import os
import sys
from collections.abc import Sequence
from typing import Any

import click

from nlprec import __version__
from nlprec.cli.common import EXIT_BUG, EXIT_CANCELLED, EXIT_CONFIG, EXIT_FAILED
from nlprec.errors import ConfigError, NlprecError

LAZY = {
    "sample": "sample",
    "check": "look",
    "doctor": "look",
    "show": "look",
    "plugins": "look",
    "run": "walk",
    "report": "walk",
    "recommend": "ask",
    "similar": "ask",
    "serve": "serve",
}  #: command -> module of nlprec.cli that has it; imported when asked for, since some need numpy


class Commands(click.Group):
    """Commands of ours, imported when used, and those that plugins add."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return every command's name."""
        self._ask_plugins()
        return [*LAZY, *(name for name in sorted(self.commands) if name not in LAZY)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command: ours by its module, else one that a plugin added."""
        if cmd_name in LAZY:
            command: click.Command = getattr(importlib.import_module(f"nlprec.cli.{LAZY[cmd_name]}"), cmd_name)
            return command
        self._ask_plugins()
        return self.commands.get(cmd_name)

    def _ask_plugins(self) -> None:
        from nlprec.host import load_host

        if not self.commands:
            load_host().add_commands(self)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="nlprec")
def cli() -> None:
    """
    A recommender that reads: collect, train, judge, explain, serve.

    Exit codes: 0 done · 1 it failed, and says why · 2 the configuration or the command line is wrong · 70 a bug · 130
    cancelled.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit code."""
    sys.exit(run(list(sys.argv[1:] if arguments is None else arguments)))


def run(arguments: list[str]) -> int:
    """Run the command line and return its exit code; no traceback reaches a person who did not ask for one."""
    debug = "--debug" in arguments
    try:
        result: Any = cli.main(arguments, prog_name="nlprec", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except click.exceptions.Exit as leave:
        return leave.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("cancelled", err=True)
        return EXIT_CANCELLED
    except click.ClickException as error:
        error.show()
        return EXIT_CONFIG
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader has gone; nothing is left to say
        return 0
    except NlprecError as error:
        if debug:
            raise
        say_error(error)
        return EXIT_CONFIG if isinstance(error, ConfigError) else EXIT_FAILED
    except Exception as error:  # the last bulkhead: a bug gets one line, and its traceback on demand
        if debug:
            raise
        click.echo(
            f"bug: {type(error).__name__}: {error}; run it again with --debug and report what it prints", err=True
        )
        return EXIT_BUG


def say_error(error: NlprecError) -> None:
    """Print an error for people: a line each."""
    problems = error.problems if isinstance(error, ConfigError) else ()
    for line in [str(problem) for problem in problems] or [str(error)]:
        click.echo(line, err=True)
