"""The error tree: stable codes, facts that survive a process boundary."""

from nlprec.errors import (
    ConfigError,
    CorruptArtifact,
    FitError,
    NlprecError,
    Problem,
    UnknownComponent,
    every_error,
    from_wire,
    to_wire,
)


def test_codes_are_unique_and_dotted():
    """Each class has a code of its own."""
    kinds = every_error()
    assert len(kinds) == len({kind.code for kind in kinds.values()})
    assert all(kind.code.replace(".", "").replace("_", "").isalpha() for kind in kinds.values())


def test_the_same_class_is_raised_on_the_other_side():
    """Class, message and facts cross a process boundary as plain values."""
    error = from_wire(to_wire(CorruptArtifact("x is altered", digest="ab", size=3)))
    assert (type(error), error.message, error.facts) == (CorruptArtifact, "x is altered", {"digest": "ab", "size": 3})


def test_an_unknown_code_is_still_an_error():
    """A newer peer's error arrives as the base class with its message."""
    error = from_wire({"code": "future.thing", "message": "oh"})
    assert (type(error), error.message) == (NlprecError, "oh")


def test_facts_that_are_not_plain_are_written_out():
    """Only plain values cross."""
    assert to_wire(FitError("no", shape=(1, 2)))["facts"] == {"shape": "(1, 2)"}


def test_the_text_carries_the_code():
    """People can search for the code."""
    assert str(FitError("singular")) == "[fit] singular"


def test_lookups_are_lookup_errors():
    """A caller may catch LookupError without knowing us."""
    assert issubclass(UnknownComponent, LookupError)


def test_a_problem_says_where_what_and_how():
    """File, line, path, message, code and hint, in that order."""
    problem = Problem("serve.n", "expected a number", "write 10", "a.yaml", 4, "config.type")
    assert str(problem) == "a.yaml:4: serve.n: expected a number [config.type]; write 10"


def test_a_config_error_lists_all_its_problems():
    """One line a problem."""
    error = ConfigError(problems=(Problem("a", "x"), Problem("b", "y")))
    assert error.message.splitlines() == ["a: x [config]", "b: y [config]"]
