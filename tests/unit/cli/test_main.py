"""What becomes of commands and of their errors."""

import click
import pytest

from nlprec.cli.main import cli
from nlprec.errors import ConfigError, DataError, Problem


@pytest.fixture
def failing(nlprec):
    """Return a function that runs a command which raises what it is given."""

    def call(error, *options):
        @click.command("fails")
        @click.option("--json", "as_json", is_flag=True)
        @click.option("--debug", is_flag=True)
        def fails(as_json, debug):
            raise error

        cli.add_command(fails)
        try:
            return nlprec("fails", *options)
        finally:
            del cli.commands["fails"]

    return call


class TestErrors:
    """Every error is a line and an exit code."""

    def test_what_a_person_can_fix(self, failing):
        """An error of ours is one line with its code, exit 1."""
        said = failing(DataError("the file is empty"))
        assert (said.code, said.out, said.err) == (1, "", "[data] the file is empty\n")

    def test_a_configuration_tells_every_problem(self, failing):
        """Each problem has a line, exit 2."""
        problems = tuple(Problem(f"a.{at}", "is wrong", "mend it", "x.yaml", at) for at in (3, 5))
        said = failing(ConfigError(problems=problems))
        lines = ["x.yaml:3: a.3: is wrong [config]; mend it", "x.yaml:5: a.5: is wrong [config]; mend it"]
        assert (2, lines) == (said.code, said.err.splitlines())

    def test_a_bug_is_one_line(self, failing):
        """A bug shows no traceback, exit 70."""
        said = failing(ZeroDivisionError("oh\nno"))
        expected = "bug: ZeroDivisionError: oh no; run it again with --debug and report what it prints\n"
        assert (70, expected) == (said.code, said.err)

    def test_debug_shows_the_traceback(self, failing):
        """With --debug the traceback comes too, and the exit code stays."""
        said = failing(ZeroDivisionError("oh"), "--debug")
        assert (said.code, said.err.startswith("Traceback (most recent call last)")) == (70, True)

    def test_the_disk(self, failing):
        """What the operating system refuses is no bug."""
        said = failing(PermissionError(13, "Permission denied", "/srv/x"))
        assert (said.code, said.err) == (1, "[os] /srv/x: Permission denied\n")

    def test_cancelled(self, failing):
        """Ctrl-C is exit 130."""
        said = failing(KeyboardInterrupt())
        assert (said.code, said.err.lstrip()) == (130, "cancelled\n")

    def test_errors_for_machines(self, failing):
        """With --json an error is JSON with its code and facts."""
        error = failing(DataError("empty", path="x.csv"), "--json").json["error"]
        assert (error["code"], error["facts"]) == ("data", {"path": "x.csv"})

    def test_a_gone_reader_is_quiet(self, failing):
        """A broken pipe says nothing."""
        with pytest.raises(SystemExit) as leave:
            failing(BrokenPipeError(32, "Broken pipe"))
        assert leave.value.code == 1


class TestCommands:
    """Which commands there are."""

    def test_a_typo_is_answered_with_the_nearest(self, nlprec):
        """An unknown command names the nearest one, exit 2."""
        said = nlprec("reccomend")
        assert (said.code, "Did you mean 'recommend'?" in said.err) == (2, True)

    def test_help_lists_every_command(self, nlprec):
        """``--help`` names all of ours."""
        names = ["sample", "check", "doctor", "show", "plugins", "run", "report", "recommend", "similar", "serve"]
        out = nlprec("--help").out
        assert [name for name in [*names, "version"] if f"\n  {name} " not in out] == []

    def test_version(self, nlprec):
        """``version`` names both distributions and Python."""
        assert {"nlprec", "nlprec-plugins", "Python"} == set(nlprec("version", "--json").json)
