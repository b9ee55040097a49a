"""Logs: one line an event, declared fields only, and nothing that should not be said."""

import io
import json
import re
import string

import pytest
from twisted.logger import Logger, LogPublisher
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from nlprec.errors import StoreError
from nlprec.logs import LEVELS, RELEASE_LOADED, RUN_FAILED, every_message
from nlprec.services.logging import Lines, Log, one_line


class Broken(io.StringIO):
    """A stream that nobody reads any more."""

    def write(self, text):
        raise BrokenPipeError


class TestLines(SynchronousTestCase):
    """What an observer writes."""

    def observe(self, **how):
        """Return a stream and a logger that writes to it."""
        stream = io.StringIO()
        log = Log("nlprec.services.test")
        log._logger = Logger("nlprec.services.test", observer=LogPublisher(Lines(stream, **how)))
        return stream, log

    def test_a_line_is_json_with_the_fields(self):
        """Time, level, logger, event, sentence and the declared fields, in one line."""
        stream, log = self.observe()
        log.say(RELEASE_LOADED, release="abc", seconds=1.5)
        entry = json.loads(stream.getvalue())
        del entry["time"]
        expected = {
            "level": "info",
            "logger": "nlprec.services.test",
            "event": "release_loaded",
            "release": "abc",
            "seconds": 1.5,
        }
        assert {**expected, "message": "release abc is live; loading took 1.50 s"} == entry

    def test_a_line_is_one_line(self):
        """Line ends in a fact do not break the line."""
        stream, log = self.observe()
        log.say(RUN_FAILED, run="1", seconds=1.0, reason="first\nsecond")
        assert stream.getvalue().count("\n") == 1

    def test_below_the_level_nothing_is_written(self):
        """The level may be changed at any time."""
        lines = Lines(io.StringIO(), "error")
        Logger("test", observer=lines).warn("quiet")
        lines.level = "debug"
        Logger("test", observer=lines).debug("loud")
        assert [json.loads(line)["message"] for line in lines._stream.getvalue().splitlines()] == ["loud"]

    def test_chatter_of_twisted_is_debug(self):
        """What Twisted says at info is no news to an operator."""
        stream = io.StringIO()
        Logger("twisted.web.http", observer=Lines(stream)).info("Timing out client")
        assert stream.getvalue() == ""

    def test_a_bug_has_its_traceback_for_machines(self):
        """JSON lines carry everything that helps to find it."""
        stream, log = self.observe()
        log.bug("a test", Failure(ZeroDivisionError("oops")))
        entry = json.loads(stream.getvalue())
        assert (
            entry["error"],
            "Traceback" in entry["traceback"],
            entry["where"],
        ) == ("ZeroDivisionError: oops", True, "a test")

    def test_a_bug_is_one_line_for_people(self):
        """No traceback reaches a terminal."""
        stream, log = self.observe(human=True)
        log.bug("a test", Failure(ZeroDivisionError("oops")))
        assert re.search(
            r"^\d\d:\d\d:\d\d critical: an error nobody foresaw, in a test: ZeroDivisionError: oops\n$",
            stream.getvalue(),
        )

    def test_with_debug_people_see_it_all(self):
        """``--debug`` shows tracebacks."""
        stream, log = self.observe(human=True, debug=True)
        log.bug("a test", Failure(ZeroDivisionError("oops")))
        assert "Traceback" in stream.getvalue()

    def test_a_broken_pipe_stops_nothing(self):
        """A log that nobody reads must not stop a node."""
        Logger("test", observer=Lines(Broken())).error("nobody hears this")


class TestDeclared(SynchronousTestCase):
    """Only what was declared is said."""

    def test_a_missing_field_is_an_error(self):
        """So that a field an operator reads is always there."""
        with pytest.raises(TypeError):
            Log("test").say(RELEASE_LOADED, release="abc")

    def test_an_undeclared_field_is_an_error(self):
        """So that nothing slips into the log."""
        with pytest.raises(TypeError):
            Log("test").say(RELEASE_LOADED, release="abc", seconds=1.0, user="ann")

    def test_every_sentence_uses_declared_fields(self):
        """No sentence names a field that does not come with it."""
        wrong = {
            name: field
            for name, message in every_message().items()
            for _, field, _, _ in string.Formatter().parse(message.sentence)
            if field is not None and field not in message.fields
        }
        assert wrong == {}

    def test_every_message_has_a_known_level_and_its_own_name(self):
        """Levels are those an operator can set."""
        messages = every_message()
        assert (set(), 0) == (
            {each.level for each in messages.values()} - set(LEVELS),
            len(messages) - len(set(messages)),
        )

    def test_no_message_carries_ids_or_texts_of_users(self):
        """What is said at info and above names no user."""
        personal = {"user", "users", "item", "text", "query", "history", "secret"}
        assert [
            name for name, each in every_message().items() if personal & set(each.fields) and each.level != "debug"
        ] == []

    def test_an_error_is_one_line(self):
        """Ours as they are, others with their type."""
        assert (
            one_line(StoreError("the disk\nis full")),
            one_line(KeyError("x")),
        ) == ("[store] the disk is full", "KeyError: 'x'")
