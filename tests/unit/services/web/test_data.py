"""Users, items and events over HTTP."""

import json
from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from nlprec.errors import Overloaded, StoreError
from nlprec.kit.events import Interaction, Item, User
from nlprec.services.web.types import MOST
from tests.unit.services.web.bench import Bench, request

EVENT = {"user": "ann", "item": "tent", "kind": "buy", "value": 4, "time": 1.7e9, "text": "fine", "key": "k1"}
IDS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=30)


class Base(SynchronousTestCase):
    """A fresh bench for each test."""

    def setUp(self):
        self.bench = Bench()
        self.ask = self.bench.ask


class TestItems(Base):
    """What is recommended."""

    WHOLE = {
        "title": "Tent",
        "body": "for two",
        "categories": ["camp"],
        "attributes": {"price": 9.5},
        "time": "2023-11-14T22:13:20Z",
        "hidden": True,
    }

    def test_what_is_put_is_stored(self):
        """Every field arrives; a time may be ISO 8601."""
        self.ask("PUT", "/v1/items/tent", self.WHOLE)
        assert self.bench.intake.items == {
            "tent": Item("tent", "Tent", "for two", ("camp",), {"price": 9.5}, 1.7e9, True)
        }

    def test_what_was_put_can_be_had(self):
        """GET gives the fields that PUT takes, with the time in epoch seconds."""
        self.ask("PUT", "/v1/items/tent", self.WHOLE)
        assert self.ask("GET", "/v1/items/tent").json == {**self.WHOLE, "id": "tent", "time": 1.7e9}

    def test_an_unknown_time_is_null(self):
        """An item without a time has none in the answer either."""
        self.ask("PUT", "/v1/items/tent", {})
        assert self.ask("GET", "/v1/items/tent").json["time"] is None

    def test_put_answers_when_it_is_stored(self):
        """The answer names the item."""
        answer = self.ask("PUT", "/v1/items/tent", {})
        assert (answer.status, answer.json) == (200, {"id": "tent", "changed": True})

    def test_put_without_a_body_changes_nothing(self):
        """A forgotten body must not empty an item."""
        assert (self.ask("PUT", "/v1/items/tent", b"").status, self.bench.intake.items) == (400, {})

    def test_a_deleted_item_is_gone(self):
        """204 without a body, and then 404."""
        self.ask("PUT", "/v1/items/tent", {})
        deleted = self.ask("DELETE", "/v1/items/tent")
        assert (deleted.status, deleted.body, self.ask("GET", "/v1/items/tent").status) == (204, b"", 404)

    def test_no_content_has_no_length(self):
        """A 204 carries neither length nor type (RFC 9110, section 8.6)."""
        headers = self.ask("DELETE", "/v1/items/tent").headers
        assert {"content-length", "content-type"} & set(headers) == set()

    def test_a_time_in_milliseconds_is_refused(self):
        """422 says what is wrong with the record."""
        answer = self.ask("PUT", "/v1/items/tent", {"time": 1.7e12})
        assert (answer.status, answer.json["code"], "milliseconds" in answer.json["detail"]) == (
            422,
            "data.bad_event",
            True,
        )

    def test_an_id_that_no_store_keeps_is_refused(self):
        """Control characters and endless ids are no ids."""
        assert [self.ask("PUT", f"/v1/items/{each}", {}).status for each in ("a%00b", "x" * 501)] == [422, 422]

    @given(IDS)
    def test_any_id_comes_back(self, name):
        """Slashes, dots, spaces, percent signs and any letter survive the path."""
        bench = Bench()
        bench.ask("PUT", f"/v1/items/{quote(name, safe='')}", {"title": name})
        assert bench.ask("GET", f"/v1/items/{quote(name, safe='')}").json["id"] == name

    def test_attributes_may_nest(self):
        """Up to 32 levels: what walks a record must not run out of stack."""
        found = [self.ask("PUT", "/v1/items/tent", self.nested(depth)).status for depth in (31, 32)]
        assert found == [200, 422]

    @given(st.integers(33, 1200))
    def test_any_depth_of_attributes(self, depth):
        """Deep attributes are refused, never a bug."""
        assert Bench().ask("PUT", "/v1/items/tent", self.nested(depth)).status in (400, 422)

    def nested(self, depth):
        return b'{"attributes":{"a":' + b"[" * depth + b"]" * depth + b"}}"


class TestUsers(Base):
    """Who is served."""

    def test_what_is_put_is_stored(self):
        """Attributes and time arrive."""
        self.ask("PUT", "/v1/users/ann", {"attributes": {"age": 30}, "time": 5})
        assert self.bench.intake.users == {"ann": User("ann", {"age": 30}, 5.0)}

    def test_what_was_put_can_be_had(self):
        """GET gives it back."""
        self.ask("PUT", "/v1/users/ann", {"attributes": {"age": 30}, "time": 5})
        assert self.ask("GET", "/v1/users/ann").json == {"id": "ann", "attributes": {"age": 30}, "time": 5.0}

    def test_a_forgotten_user_is_gone(self):
        """DELETE reaches the store."""
        self.ask("DELETE", "/v1/users/ann")
        assert self.bench.intake.batches[-1].deleted_users == ("ann",)

    def test_an_unknown_user(self):
        """404 with our code."""
        answer = self.ask("GET", "/v1/users/nobody")
        assert (answer.status, answer.json["code"]) == (404, "serve.unknown")


class TestEvents(Base):
    """What happened."""

    def test_one_event(self):
        """An object is one event."""
        answer = self.ask("POST", "/v1/events", EVENT)
        assert (answer.status, answer.json) == (200, {"accepted": 1, "known": 0, "rejected": []})

    def test_every_field_arrives(self):
        """What is sent is what is stored."""
        self.ask("POST", "/v1/events", EVENT)
        assert self.bench.intake.batches[-1].interactions == (
            Interaction("ann", "tent", "buy", 4.0, 1.7e9, "fine", "k1"),
        )

    def test_sending_twice_is_sending_once(self):
        """The second time it is known."""
        self.ask("POST", "/v1/events", [EVENT])
        assert self.ask("POST", "/v1/events", [EVENT]).json == {"accepted": 0, "known": 1, "rejected": []}

    def test_a_line_each(self):
        """NDJSON is the same records, one a line; blank lines are none."""
        body = b"\n".join(
            [
                json.dumps({**EVENT, "key": ""}).encode(),
                b"",
                json.dumps({**EVENT, "user": "bob", "key": ""}).encode(),
                b"",
            ]
        )
        assert self.ask("POST", "/v1/events", body, content_type="application/x-ndjson").json["accepted"] == 2

    def test_bad_records_do_not_stop_good_ones(self):
        """Each that was not taken is named with its place, a code and the reason."""
        bad = [{"user": "ann"}, {**EVENT, "time": 1.7e12}, {**EVENT, "colour": "red"}, 7]
        answer = self.ask("POST", "/v1/events", [EVENT, *bad]).json
        reasons = [
            "no item id",
            "time is not between 1970 and 2100 (seconds, not milliseconds?)",
            "unknown field 'colour'; known: item, key, kind, text, time, user, value",
            "not an object",
        ]
        expected = [{"index": at + 1, "code": "data.bad_event", "detail": reason} for at, reason in enumerate(reasons)]
        assert answer == {"accepted": 1, "known": 0, "rejected": expected}

    def test_a_line_that_is_not_json(self):
        """It costs itself, not its neighbours."""
        body = json.dumps(EVENT).encode() + b"\n{broken\n"
        answer = self.ask("POST", "/v1/events", body, content_type="application/x-ndjson").json
        assert answer["rejected"] == [{"index": 1, "code": "data.bad_event", "detail": "the line is not JSON"}]

    def test_a_body_that_is_not_json(self):
        """Half an array is a bad request, and nothing of it is stored."""
        answer = self.ask("POST", "/v1/events", b'[{"user": "ann", "item": "tent"}, ')
        assert (answer.status, answer.json["code"], self.bench.intake.batches) == (400, "serve.bad_request", [])

    def test_when_none_is_good(self):
        """422 with a verdict on each, and nothing is stored."""
        answer = self.ask("POST", "/v1/events", [{}, {"user": "ann"}])
        verdicts = [(each["index"], each["detail"]) for each in answer.json["rejected"]]
        assert (answer.status, verdicts, self.bench.intake.batches) == (422, [(0, "no user id"), (1, "no item id")], [])

    def test_no_event_at_all(self):
        """An empty list is stored at once."""
        assert self.ask("POST", "/v1/events", []).json == {"accepted": 0, "known": 0, "rejected": []}

    def test_too_many_at_once(self):
        """413 says how many may come."""
        answer = self.ask("POST", "/v1/events", b"0\n" * (MOST + 1), content_type="application/x-ndjson")
        assert (answer.status, str(MOST) in answer.json["detail"]) == (413, True)

    def test_many_events_let_others_have_their_turn(self):
        """A long list is not answered before the reactor has turned."""
        events = request("POST", "/v1/events", [{**EVENT, "key": f"k{at}"} for at in range(1001)])
        assert [len(self.bench.send(events, turns)) for turns in (0, 1)] == [0, 1]

    def test_another_type_of_body(self):
        """415 says what to send."""
        answer = self.ask("POST", "/v1/events", b"user,item", content_type="text/csv")
        assert (answer.status, "application/x-ndjson" in answer.json["detail"]) == (415, True)

    def test_a_store_in_trouble(self):
        """503 with the store's own words; the caller may send the same again."""
        self.bench.intake.error = StoreError("the disk is full")
        answer = self.ask("POST", "/v1/events", EVENT)
        assert (answer.status, answer.json["code"], answer.json["detail"]) == (503, "store", "the disk is full")

    def test_too_much_is_waiting(self):
        """429 and when to come back."""
        self.bench.intake.error = Overloaded("too much")
        answer = self.ask("POST", "/v1/events", EVENT)
        assert (answer.status, answer.headers["retry-after"]) == (429, "1")

    @given(st.lists(st.binary(max_size=12), max_size=4))
    def test_any_lines(self, lines):
        """Any lines are taken or refused, never a bug."""
        answer = Bench().ask("POST", "/v1/events", b"\n".join(lines), content_type="application/x-ndjson")
        assert answer.status in (200, 422)
