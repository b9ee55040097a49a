"""The web server itself: routes, methods, bounds, hang-ups, and what happens when something breaks."""

import json
from urllib.parse import quote

from attrs import define, evolve, field
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone
from twisted.logger import globalLogPublisher
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from nlprec.errors import StoreError
from nlprec.settings import LogSettings
from nlprec.stages.serve import Answer
from tests.unit.services.web.bench import Bench, answers, request


@define(eq=False)
class Slow:
    """Rankings that answer when the test says so."""

    waiting: list = field(factory=list)
    cancelled: int = 0

    def recommend(self, question):
        self.waiting.append(Deferred(self._cancel))
        return self.waiting[-1]

    def _cancel(self, _):
        self.cancelled += 1

    def release(self):
        return None


class Broken:
    """Rankings with a bug."""

    def recommend(self, question):
        raise ZeroDivisionError("inside, with a secret")

    def release(self):
        return None


class Base(SynchronousTestCase):
    """A fresh bench for each test."""

    def setUp(self):
        self.bench = Bench()
        self.ask = self.bench.ask


class TestRoutes(Base):
    """Which paths there are."""

    def test_an_unknown_path(self):
        """404 as a problem, pointing to the description."""
        answer = self.ask("GET", "/v1/no-such-thing")
        assert (answer.status, answer.headers["content-type"], "/openapi.json" in answer.json["detail"]) == (
            404,
            "application/problem+json",
            True,
        )

    def test_another_method(self):
        """405 names those that are possible."""
        answer = self.ask("PATCH", "/v1/items/tent", {})
        assert (answer.status, answer.headers["allow"]) == (405, "DELETE, GET, HEAD, PUT")

    def test_paths_are_exact(self):
        """No slash too many or too few finds a route."""
        found = [
            self.ask("GET", path).status
            for path in ("/v1/runs/", "//v1/runs", "/v1//runs", "/V1/runs", "v1/runs", "/healthz/")
        ]
        assert found == [404] * 6

    def test_no_id_is_empty(self):
        """A forgotten id is an unknown path, never a question about nobody."""
        assert [
            self.ask("GET", path).status for path in ("/v1/users//recommendations", "/v1/items//similar", "/v1/items/")
        ] == [404] * 3

    def test_an_id_that_is_not_utf8(self):
        """400 says how to write it."""
        assert self.ask("GET", "/v1/items/%ff").status == 400

    def test_a_proxy_may_say_the_whole_address(self):
        """The absolute form of a target is the same path (RFC 9112, section 3.2.2)."""
        assert self.ask("GET", "http://localhost:8080/healthz").status == 200

    def test_head_is_get_without_the_body(self):
        """HEAD has the status, type and length of GET."""
        got, head = self.ask("GET", "/healthz"), self.ask("HEAD", "/healthz")
        same = {"content-type", "content-length"}
        assert (head.status, head.body, {name: head.headers[name] for name in same}) == (
            200,
            b"",
            {name: got.headers[name] for name in same},
        )

    @given(st.text(max_size=20), st.sampled_from(["GET", "PUT", "DELETE", "POST", "BREW"]))
    def test_any_path(self, path, method):
        """Any path is found or not, never a bug."""
        assert Bench().ask(method, "/" + quote(path, safe="/%"), {}).status < 500


class TestEveryAnswer(Base):
    """What all answers share."""

    def test_headers(self):
        """Nobody caches or guesses, and nobody learns which Twisted this is."""
        found = [self.ask("GET", path).headers for path in ("/healthz", "/v1/no-such-thing")]
        expected = ("nlprec", "nosniff", "no-store")
        assert [(each["server"], each["x-content-type-options"], each["cache-control"]) for each in found] == [
            expected
        ] * 2

    def test_even_the_strangest_answer_is_ours(self):
        """A request for ``*`` is answered like any other unknown path."""
        answer = self.ask("OPTIONS", "*")
        assert (answer.status, answer.headers["server"], "date" in answer.headers) == (404, "nlprec", True)

    def test_a_problem_is_complete(self):
        """Type, title, status, detail and code (RFC 9457)."""
        expected = {
            "type": "/docs/errors#serve.unknown",
            "title": "Not Found",
            "status": 404,
            "detail": "there is no item 'spaceship'",
            "code": "serve.unknown",
        }
        assert self.ask("GET", "/v1/items/spaceship").json == expected

    def test_connections_are_kept(self):
        """Requests sent together are answered in order on one connection."""
        found = self.bench.send(request("GET", "/healthz") + request("GET", "/v1/x") + request("GET", "/v1/runs"))
        assert [each.status for each in found] == [200, 404, 200]

    def test_requests_are_counted_by_template(self):
        """No id becomes a metric's label."""
        self.ask("GET", "/v1/items/tent")
        counted = 'nlprec_http_requests_total{method="GET",route="/v1/items/{id}",status="404"} 1.0'
        assert counted in self.ask("GET", "/metrics").body.decode()

    def test_callers_cannot_invent_labels(self):
        """Unknown methods and paths share one label."""
        self.ask("BREW", "/coffee")
        counted = 'nlprec_http_requests_total{method="OTHER",route="unmatched",status="404"} 1.0'
        assert counted in self.ask("GET", "/metrics").body.decode()


class TestLog(Base):
    """What the log says of requests."""

    def setUp(self):
        super().setUp()
        self.events = []
        globalLogPublisher.addObserver(self.events.append)
        self.addCleanup(globalLogPublisher.removeObserver, self.events.append)

    def logged(self):
        return [each["nlprec_event"] for each in self.events if each.get("nlprec_event", "").startswith("request")]

    def test_the_share_that_is_logged(self):
        """``log.access`` 0 logs no answered request, 1 each of them."""
        self.ask("GET", "/healthz")
        before = self.logged()
        self.bench.settings = evolve(self.bench.settings, log=LogSettings(access=1.0))
        self.ask("GET", "/healthz")
        assert (before, self.logged()) == ([], ["request"])

    def test_failures_are_always_logged(self):
        """A store in trouble shows in the log, whatever the share."""
        self.bench.intake.error = StoreError("the disk is full")
        self.ask("DELETE", "/v1/users/ann")
        assert self.logged() == ["request_failed"]

    def test_not_ready_yet_is_no_failure(self):
        """Who asks whether the node is ready does not fill the log with errors."""
        self.bench.why_not = "there is no release yet"
        self.ask("GET", "/readyz")
        assert self.logged() == []

    def test_no_id_is_logged(self):
        """The log has the template of the path, not the path."""
        self.bench.intake.error = StoreError("the disk is full")
        self.ask("DELETE", "/v1/users/ann")
        assert [each["route"] for each in self.events if "route" in each] == ["/v1/users/{id}"]


class TestBodies(Base):
    """How long a body may be, and of which type."""

    def test_a_type_that_is_not_json(self):
        """415 names what to send."""
        answer = self.ask("POST", "/v1/recommend", b"user=ann", content_type="application/x-www-form-urlencoded")
        assert (answer.status, "application/json" in answer.json["detail"]) == (415, True)

    def test_a_form_is_never_parsed(self):
        """A broken form is refused by us, not by the library's form parser."""
        answer = self.ask("POST", "/v1/recommend", b"x", content_type="multipart/form-data; boundary=")
        assert (answer.status, answer.json["code"]) == (415, "serve.bad_request")

    def test_a_character_set_may_be_said(self):
        """Parameters of the type are ignored: JSON is UTF-8."""
        assert self.ask("POST", "/v1/recommend", {}, content_type="Application/JSON; charset=utf-8").status == 200

    def test_a_body_of_just_the_limit(self):
        """The limit itself is allowed."""
        self.bench.with_limit(100)
        assert self.ask("POST", "/v1/recommend", b"{" + b" " * 98 + b"}").status == 200

    def test_a_body_declared_too_long(self):
        """It is refused before it is sent."""
        self.bench.with_limit(100)
        head = request("POST", "/v1/recommend", b"", content_length=101)
        (answer,) = self.bench.send(head)
        assert (answer.status, answer.json["code"], answer.headers["connection"]) == (413, "serve.bad_request", "close")

    def test_a_body_that_was_not_invited_yet(self):
        """No "100 Continue" follows a refusal."""
        self.bench.with_limit(100)
        head = request("POST", "/v1/recommend", b"", content_length=101, expect="100-continue")
        assert [each.status for each in self.bench.send(head)] == [413]

    def test_a_body_that_grows_too_long(self):
        """Chunks are counted as they come."""
        self.bench.with_limit(100)
        chunk = b"32\r\n" + b" " * 50 + b"\r\n"
        head = request("POST", "/v1/recommend", transfer_encoding="chunked", content_type="application/json")
        assert [
            each.status for each in self.bench.send(head + chunk * 3 + b"0\r\n\r\n" + request("GET", "/healthz"))
        ] == [413]

    def test_a_chunked_body(self):
        """Chunks make a body like any other."""
        head = request("POST", "/v1/recommend", transfer_encoding="chunked", content_type="application/json")
        (answer,) = self.bench.send(head + b"8\r\n" + b'{"n": 2}' + b"\r\n0\r\n\r\n")
        assert len(answer.json["items"]) == 2

    def test_a_refused_sender_may_read_the_answer(self):
        """The connection is closed a moment later, not at once."""
        self.bench.with_limit(100)
        protocol, transport = self.bench.connect()
        protocol.dataReceived(request("POST", "/v1/recommend", b"x" * 101))
        before = transport.disconnecting
        self.bench.clock.advance(1)
        assert (before, transport.disconnecting) == (False, True)

    def test_refusals_are_counted(self):
        """A body that is too long shows in the metrics."""
        self.bench.with_limit(100)
        self.ask("POST", "/v1/recommend", b"x" * 101)
        assert 'status="413"' in self.ask("GET", "/metrics").body.decode()


class TestSilence(Base):
    """Connections on which nothing happens."""

    def test_an_idle_connection_is_closed(self):
        """After a while a silent connection has to go."""
        _, transport = self.bench.connect()
        self.bench.clock.advance(76)
        assert transport.disconnecting


class TestBugs(SynchronousTestCase):
    """What nobody foresaw."""

    def setUp(self):
        self.bench = Bench(rankings=Broken())

    def test_a_bug_shows_nothing_of_the_inside(self):
        """500 with an incident number; no traceback, no message of the exception."""
        answer = self.bench.ask("POST", "/v1/recommend", {})
        self.flushLoggedErrors(ZeroDivisionError)
        shown = answer.body.decode()
        assert (answer.status, answer.json["code"], "Traceback" in shown, "secret" in shown) == (
            500,
            "bug",
            False,
            False,
        )

    def test_a_bug_is_logged_once(self):
        """The log has the traceback."""
        self.bench.ask("POST", "/v1/recommend", {})
        (logged,) = self.flushLoggedErrors(ZeroDivisionError)
        assert "inside, with a secret" in logged.getTraceback()

    def test_an_answer_that_is_no_json_is_a_bug_too(self):
        """What cannot be written as JSON is answered 500; the caller does not wait for ever."""
        slow = Slow()
        bench = Bench(rankings=slow)
        protocol, transport = bench.connect()
        protocol.dataReceived(request("POST", "/v1/recommend", {}))
        slow.waiting[0].callback(Answer((), object(), "model", "mix"))
        self.flushLoggedErrors(TypeError)
        assert answers(transport.value())[0].status == 500

    def test_the_connection_goes_on(self):
        """A bug costs one answer."""
        found = self.bench.send(request("POST", "/v1/recommend", {}) + request("GET", "/healthz"))
        self.flushLoggedErrors(ZeroDivisionError)
        assert [each.status for each in found] == [500, 200]


class TestHangUps(SynchronousTestCase):
    """Askers who do not wait for the answer."""

    def setUp(self):
        self.rankings = Slow()
        self.bench = Bench(rankings=self.rankings)
        self.protocol, self.transport = self.bench.connect()
        self.protocol.dataReceived(request("POST", "/v1/recommend", {}))

    def hang_up(self):
        self.protocol.connectionLost(Failure(ConnectionDone()))

    def test_the_question_is_taken_back(self):
        """What was asked is cancelled, and nothing is logged as an error."""
        self.hang_up()
        assert (self.rankings.cancelled, self.flushLoggedErrors()) == (1, [])

    def test_nothing_stays_in_flight(self):
        """A drain does not wait for who has gone."""
        before = self.bench.desk.busy
        self.hang_up()
        assert (before, self.bench.desk.busy) == (1, 0)

    def test_hang_ups_are_counted(self):
        """As 499, which no client ever sees."""
        self.hang_up()
        assert b'route="/v1/recommend",status="499"' in self.bench.metrics.render()

    def test_an_answered_request_is_not_in_flight(self):
        """The desk knows when an answer has gone out."""
        self.rankings.waiting[0].callback(Answer((), "", "model", "mix"))
        assert self.bench.desk.busy == 0


class TestStopping(Base):
    """A node that is about to end."""

    def test_new_requests_are_turned_away(self):
        """503, and the connection is not to be used again."""
        self.bench.desk.stopping = True
        answer = self.ask("POST", "/v1/recommend", {})
        assert (answer.status, answer.json["code"], answer.headers["connection"]) == (503, "serve.not_ready", "close")

    def test_running_requests_are_answered(self):
        """What was asked before is answered."""
        slow = Slow()
        bench = Bench(rankings=slow)
        protocol, transport = bench.connect()
        protocol.dataReceived(request("POST", "/v1/recommend", {}))
        bench.desk.stopping = True
        slow.waiting[0].callback(Answer((), "", "model", "mix"))
        (answer,) = answers(transport.value())
        assert (answer.status, json.loads(answer.body)["items"]) == (200, [])
