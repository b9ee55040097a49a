"""Keys and scopes, and web pages from elsewhere."""

from twisted.trial.unittest import SynchronousTestCase

from tests.unit.services.web.bench import Bench

READER, OPS = "r" * 32, "o" * 32


class TestKeys(SynchronousTestCase):
    """A node with keys."""

    def setUp(self):
        self.bench = Bench().with_keys()

    def ask(self, method="GET", target="/v1/runs", body=None, **headers):
        return self.bench.ask(method, target, body, **headers)

    def test_without_a_key(self):
        """401 says how to send one."""
        answer = self.ask()
        assert (answer.status, answer.json["code"], answer.headers["www-authenticate"]) == (
            401,
            "access.denied",
            'Bearer realm="nlprec"',
        )

    def test_how_a_key_may_be_sent(self):
        """As a bearer token, in any case, or in a header of its own."""
        ways = [{"authorization": f"Bearer {READER}"}, {"authorization": f"bearer {READER}"}, {"x_api_key": READER}]
        assert [self.ask(**way).status for way in ways] == [200, 200, 200]

    def test_wrong_keys(self):
        """Wrong, shortened, empty or of another scheme: all 401."""
        ways = ["Bearer wrong", f"Bearer {READER[:-1]}", "Bearer ", "", f"Basic {READER}", READER]
        assert [self.ask(authorization=way).status for way in ways] == [401] * 6

    def test_a_key_without_the_scope(self):
        """403 names the scope that is missing."""
        answer = self.ask("POST", "/v1/events", [], x_api_key=READER)
        assert (answer.status, answer.json["code"], answer.json["facts"]) == (403, "access.denied", {"scope": "write"})

    def test_a_key_with_the_scope(self):
        """What a scope allows is done."""
        assert self.ask("POST", "/v1/runs", {}, x_api_key=OPS).status == 202

    def test_what_is_always_open(self):
        """Health and the description need no key."""
        found = [self.ask("GET", path).status for path in ("/", "/healthz", "/readyz", "/openapi.json")]
        assert found == [200] * 4

    def test_metrics_need_a_key(self):
        """Numbers are read with the scope read."""
        assert [self.ask("GET", "/metrics").status, self.ask("GET", "/metrics", x_api_key=READER).status] == [401, 200]

    def test_no_answer_repeats_a_key(self):
        """Neither the right one nor a wrong one."""
        assert b"wrong" not in self.ask(x_api_key="wrong").body

    def test_web_pages_with_a_key(self):
        """Who has a key may be a web page."""
        assert self.ask(x_api_key=READER, origin="https://shop.example").status == 200


class TestNoKeys(SynchronousTestCase):
    """A node without keys, on loopback."""

    def ask(self, **headers):
        return Bench().ask("POST", "/v1/recommend", {}, **headers).status

    def test_it_is_open(self):
        """No key is needed."""
        assert self.ask() == 200

    def test_a_page_from_elsewhere(self):
        """What a page of another site makes a browser send is refused."""
        found = [
            self.ask(origin=origin)
            for origin in ("https://evil.example", "http://evil.example:8080", "null", "http://[", "x")
        ]
        assert found == [403] * 5

    def test_a_page_of_this_machine(self):
        """A page on loopback may ask."""
        found = [
            self.ask(origin=origin)
            for origin in ("http://localhost:3000", "http://127.0.0.1:8080", "http://[::1]:8080")
        ]
        assert found == [200] * 3
