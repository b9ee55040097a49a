"""The desk knows what is being answered, the pool what is being done."""

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from nlprec.services.desk import Desk
from nlprec.services.metrics import CONTENT_TYPE, Metrics
from nlprec.testing.fakes_services import FakeIntake, FakePipeline, FakeRankings


class Request:
    """A request that ends when the test says so."""

    def __init__(self):
        self.done = Deferred()

    def notifyFinish(self):
        return self.done


class TestDesk(SynchronousTestCase):
    """What is in flight."""

    def setUp(self):
        self.desk = Desk(
            lambda: None, None, None, FakeRankings(), FakeIntake(), FakePipeline(), Metrics(), lambda: "", "solo", print
        )

    def test_a_request_is_in_flight_until_it_is_finished(self):
        """It counts from ``track`` on."""
        request = Request()
        self.desk.track(request)
        before = self.desk.busy
        request.done.callback(None)
        assert (before, self.desk.busy) == (1, 0)

    def test_a_lost_connection_ends_it_too(self):
        """Nobody waits for an answer that nobody hears."""
        request = Request()
        self.desk.track(request)
        request.done.errback(ConnectionError("gone"))
        assert self.desk.busy == 0

    def test_idle_fires_at_once_when_nothing_is_in_flight(self):
        """There is nothing to wait for."""
        self.successResultOf(self.desk.idle())

    def test_idle_waits_for_the_last(self):
        """It fires when the last request is finished."""
        requests = [Request(), Request()]
        for request in requests:
            self.desk.track(request)
        idle = self.desk.idle()
        requests[0].done.callback(None)
        self.assertNoResult(idle)
        requests[1].done.callback(None)
        self.successResultOf(idle)

    def test_giving_up_waiting_harms_nobody(self):
        """A cancelled wait is forgotten, others go on."""
        request = Request()
        self.desk.track(request)
        first, second = self.desk.idle(), self.desk.idle()
        first.addErrback(lambda _: None)
        first.cancel()
        request.done.callback(None)
        self.successResultOf(second)


class TestMetrics(SynchronousTestCase):
    """What Prometheus reads."""

    def test_requests_are_counted_by_template(self):
        """Route, method and status are labels; the latency is a histogram from a millisecond on."""
        metrics = Metrics()
        metrics.request("/v1/users/{id}", "GET", 200, 0.004)
        text = metrics.render().decode()
        assert 'nlprec_http_requests_total{method="GET",route="/v1/users/{id}",status="200"} 1.0' in text
        assert 'nlprec_http_request_seconds_bucket{le="0.005",route="/v1/users/{id}"} 1.0' in text

    def test_gauges_are_asked_when_somebody_looks(self):
        """Queue lengths and the release's age are those of the moment."""
        metrics, waiting = Metrics(), []
        metrics.watch_queue("questions", lambda: len(waiting))
        metrics.watch_release(lambda: 12.0)
        waiting.append("one")
        text = metrics.render().decode()
        assert 'nlprec_queue_length{queue="questions"} 1.0' in text
        assert "nlprec_release_age_seconds 12.0" in text

    def test_two_nodes_do_not_share_a_registry(self):
        """What one counts the other does not see."""
        first, second = Metrics(), Metrics()
        first.reload("adopted")
        assert 'outcome="adopted"' not in second.render().decode()

    def test_the_format_is_named(self):
        """Prometheus is told which text it reads."""
        assert CONTENT_TYPE.startswith("text/plain")
