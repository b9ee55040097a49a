"""What machines that watch are told."""

from twisted.trial.unittest import SynchronousTestCase

from nlprec import __version__
from nlprec.testing.fakes_services import FakeRankings
from tests.unit.services.web.bench import Bench


class TestHealth(SynchronousTestCase):
    """Alive, ready, and by the numbers."""

    def test_alive(self):
        """A node without a release is alive."""
        answer = Bench(rankings=FakeRankings(None)).ask("GET", "/healthz")
        assert (answer.status, answer.json) == (200, {"status": "ok", "node": "solo", "release": "", "detail": ""})

    def test_ready(self):
        """Ready, and with which release."""
        answer = Bench().ask("GET", "/readyz")
        assert (answer.status, answer.json["status"], answer.json["release"]) == (200, "ready", "0" * 32)

    def test_not_ready(self):
        """503 with the reason."""
        answer = Bench(why_not="there is no release yet").ask("GET", "/readyz")
        assert (answer.status, answer.json["detail"]) == (503, "there is no release yet")

    def test_metrics(self):
        """In the format Prometheus asks for."""
        answer = Bench().ask("GET", "/metrics")
        assert (answer.headers["content-type"].startswith("text/plain"), b"nlprec_http_requests" in answer.body) == (
            True,
            True,
        )

    def test_the_index(self):
        """The root says who answers and where the description is."""
        expected = {"name": "nlprec", "version": __version__, "node": "solo", "description": "/openapi.json"}
        assert Bench().ask("GET", "/").json == expected
