"""
The group of commands, and what becomes of errors: a line for what a person can fix, a line for a bug, an exit code.
"""

import difflib
import importlib
import os
import sys
import traceback
from collections.abc import Sequence
from typing import Any

import click

from nlprec import __version__
from nlprec.cli.common import EXIT_BUG, EXIT_CANCELLED, EXIT_CONFIG, EXIT_FAILED, print_json
from nlprec.errors import ConfigError, NlprecError, to_wire

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
    "version": "look",
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

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; one that is not there is answered with the nearest name."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            near = difflib.get_close_matches(args[0], self.list_commands(ctx), n=1)
            if not near:
                raise
            raise click.UsageError(f"{error.message} Did you mean '{near[0]}'?", ctx) from error

    def _ask_plugins(self) -> None:
        from nlprec.host import load_host

        if not self.commands:
            load_host().add_commands(self)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="nlprec")
@click.option("--debug", is_flag=True, help="Show tracebacks.")
def cli(debug: bool) -> None:
    """
    A recommender that reads: collect, train, judge, explain, serve.

    Exit codes: 0 done; 1 it failed, and says why; 2 the configuration or the command line is wrong; 70 a bug; 130
    cancelled.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit code."""
    sys.exit(run(list(sys.argv[1:] if arguments is None else arguments)))


def run(arguments: list[str]) -> int:
    """Run the command line and return its exit code; no traceback reaches a person who did not ask for one."""
    try:
        result: Any = cli.main(arguments, prog_name="nlprec", standalone_mode=False)
        sys.stdout.flush()
        return result if isinstance(result, int) else 0
    except (click.Abort, KeyboardInterrupt):
        click.echo("cancelled", err=True)
        return EXIT_CANCELLED
    except click.ClickException as error:
        error.show()
        return EXIT_CONFIG
    except BrokenPipeError:  # as click does itself when a command writes to a reader that has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_FAILED
    except Exception as error:  # the last bulkhead: a bug gets one line, and its traceback on demand
        return _failed(error, "--json" in arguments, "--debug" in arguments)


def _failed(error: Exception, as_json: bool, debug: bool) -> int:
    """Tell an error, for people and for machines, and return the exit code that fits."""
    if debug:
        traceback.print_exception(error)
    if isinstance(error, NlprecError):
        code, lines = (EXIT_CONFIG if isinstance(error, ConfigError) else EXIT_FAILED), explain(error)
    elif isinstance(error, OSError) and error.strerror:
        code, lines = EXIT_FAILED, [f"[os] {': '.join(filter(None, [str(error.filename or ''), error.strerror]))}"]
    else:
        words = " ".join(f"{type(error).__name__}: {error}".split())
        code, lines = EXIT_BUG, [f"bug: {words}; run it again with --debug and report what it prints"]
    for line in lines:
        click.echo(line, err=True)
    if as_json:
        told = to_wire(error) if isinstance(error, NlprecError) else {"code": "bug", "message": str(error)}
        print_json({"error": {**told, "lines": lines}})
    return code


def explain(error: NlprecError) -> list[str]:
    """Return an error in words: a line, or a line for each problem of a configuration."""
    problems = error.problems if isinstance(error, ConfigError) else ()
    return [str(problem) for problem in problems] or [str(error)]
