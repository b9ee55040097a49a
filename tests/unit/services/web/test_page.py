"""The page docs/http-api.md agrees with the code."""

import json
import re
import shlex
import tempfile
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from nlprec.services.web.table import ROUTES
from nlprec.services.web.types import EventsAnswer, Problem, RecommendAnswer
from tests.unit.services.web.bench import Bench, archive_at

PAGE = Path(__file__).resolve().parents[4] / "docs" / "http-api.md"
HOST = "localhost:8080"


def blocks(text, language):
    """Return the code blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def calls(block):
    """Yield (method, target, body, content type) of each curl command in a shell block."""
    words = shlex.split(block)
    starts = [at for at, word in enumerate(words) if word == "curl"]
    for start, stop in zip(starts, [*starts[1:], len(words)], strict=True):
        method, target, body, kind = "", "", None, None
        rest = iter(words[start + 1 : stop])
        for word in rest:
            if word == "-X":
                method = next(rest)
            elif word == "-H":
                kind = next(rest).removeprefix("content-type: ")
            elif word == "-d":
                body = next(rest).encode()
            elif word.startswith(HOST):
                target = word.removeprefix(HOST)
        yield method or ("POST" if body else "GET"), target, body, kind


class TestPage(SynchronousTestCase):
    """What a reader copies from the page works."""

    @classmethod
    def setUpClass(cls):
        cls.text = PAGE.read_text("utf-8")
        cls.calls = [call for block in blocks(cls.text, "sh") for call in calls(block)]

    def test_every_call_has_a_heading(self):
        """Each route is on the page, under its own name."""
        headings = "\n".join(re.findall(r"^### (.*)$", self.text, re.MULTILINE)) + "\n"
        missing = [
            f"{route.method} {route.template}"
            for route in ROUTES
            if not re.search(re.escape(f"{route.method} {route.template}") + r"[,\n]", headings)
        ]
        assert missing == []

    def test_every_call_has_an_example(self):
        """Each route is asked at least once by the page's own commands."""
        shown = Bench().metrics
        with tempfile.TemporaryDirectory() as folder:
            bench = Bench(archive=archive_at(folder), metrics=shown)
            for method, target, body, kind in self.calls:
                bench.ask(method, target, body, content_type=kind)
        text = shown.render().decode()
        missing = [
            route.template for route in ROUTES if f'method="{route.method}",route="{route.template}"' not in text
        ]
        assert missing == []

    def test_no_example_is_refused(self):
        """Every example is answered as the page says: only the one that shows an error is a bad request."""
        with tempfile.TemporaryDirectory() as folder:
            bench = Bench(archive=archive_at(folder))
            found = [
                (target, bench.ask(method, target, body, content_type=kind).status)
                for method, target, body, kind in self.calls
            ]
        assert [target for target, status in found if status in (400, 405, 413, 415, 422)] == ["/v1/recommend"]

    def test_shown_answers_have_the_right_fields(self):
        """The answers on the page have exactly the fields of their types."""
        shown = [json.loads(block) for block in blocks(self.text, "json")]
        fields = [set(each) for each in shown]
        assert all(set(kind.__struct_fields__) in fields for kind in (RecommendAnswer, EventsAnswer))
        assert fields[1] <= set(Problem.__struct_fields__)

    def test_the_shown_problem_is_the_real_one(self):
        """The error on the page is what the server says."""
        method, target, body, kind = self.calls[1]
        assert json.loads(blocks(self.text, "json")[1]) == Bench().ask(method, target, body, content_type=kind).json
