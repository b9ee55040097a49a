"""Questions over HTTP: what goes in reaches the release, what comes out is complete JSON."""

from attrs import define, field
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.defer import fail, succeed
from twisted.trial.unittest import SynchronousTestCase

from nlprec.errors import NotReady, Overloaded
from nlprec.stages.serve import Answer, Question, Reason, Shown
from tests.unit.services.web.bench import Bench

REASON = Reason("Because you liked “Tent”.", (("tent", "Tent", 0.75),), (("camp", 0.25),))
SHOWN = Shown("stove", "Stove", 0.5, {"ease": 0.375, "close": 0.125}, REASON)


@define(eq=False)
class Scripted:
    """Rankings that answer as told and remember what they were asked."""

    answer: object = None
    error: Exception | None = None
    asked: list = field(factory=list)

    def recommend(self, question):
        self.asked.append(question)
        return fail(self.error) if self.error else succeed(self.answer)

    def release(self):
        return None


class Base(SynchronousTestCase):
    """A bench with scripted rankings."""

    def setUp(self):
        self.rankings = Scripted(Answer((SHOWN,), "ab" * 16, "model", "mix"))
        self.bench = Bench(rankings=self.rankings)

    def asked(self, *request, **headers):
        self.bench.ask(*request, **headers)
        return self.rankings.asked[-1]


class TestQuestions(Base):
    """From a request to a Question."""

    def test_everything_a_body_says_reaches_the_release(self):
        """Each field of the body becomes a field of the question."""
        body = {
            "user": "ann",
            "history": ["tent", {"item": "stove", "weight": 0.5}],
            "n": 7,
            "exclude": ["novel"],
            "categories": ["camp"],
            "model": "ease",
            "explain": "none",
        }
        expected = Question("ann", (("tent", 1.0), ("stove", 0.5)), "", 7, ("novel",), ("camp",), "ease", False)
        assert self.asked("POST", "/v1/recommend", body) == expected

    def test_what_is_not_said_has_the_configured_length(self):
        """Without ``n`` the list is as long as ``serve.n`` says, and comes with reasons."""
        assert self.asked("POST", "/v1/recommend", {}) == Question(n=10, explain=True)

    def test_a_user_in_the_path(self):
        """The query string says the rest."""
        target = "/v1/users/ann/recommendations?n=3&explain=none&categories=camp,books&model=ease"
        expected = Question("ann", n=3, categories=("camp", "books"), model="ease", explain=False)
        assert self.asked("GET", target) == expected

    def test_an_item_in_the_path(self):
        """Similar items are a question with ``like``."""
        assert self.asked("GET", "/v1/items/tent/similar?n=2") == Question(like="tent", n=2)

    def test_ids_may_hold_slashes_and_any_letter(self):
        """A percent-encoded slash stays part of the id."""
        assert self.asked("GET", "/v1/users/a%2Fb%20%C3%A9%3F/recommendations").user == "a/b é?"


class TestAnswers(Base):
    """From an Answer to JSON."""

    def test_an_answer_is_complete(self):
        """Score, sources and the reason with its evidence are all there."""
        expected = {
            "items": [
                {
                    "item": "stove",
                    "title": "Stove",
                    "score": 0.5,
                    "sources": {"ease": 0.375, "close": 0.125},
                    "reason": {
                        "text": "Because you liked “Tent”.",
                        "because": [{"item": "tent", "title": "Tent", "share": 0.75}],
                        "terms": [{"term": "camp", "share": 0.25}],
                    },
                }
            ],
            "release": "ab" * 16,
            "model": "mix",
            "step": "model",
            "fallback": False,
        }
        assert self.bench.ask("POST", "/v1/recommend", {"user": "ann"}).json == expected

    def test_a_fallback_list_is_marked(self):
        """A stranger's list says that no model knew them."""
        self.rankings.answer = Answer((SHOWN,), "ab" * 16, "fallback", "mix")
        answer = self.bench.ask("POST", "/v1/recommend", {"user": "nobody"}).json
        assert (answer["step"], answer["fallback"]) == ("fallback", True)

    def test_no_number_is_not_a_number(self):
        """JSON knows neither nan nor infinity; both become null."""
        self.rankings.answer = Answer((Shown("a", "A", float("nan"), {"x": float("inf")}),), "", "model", "mix")
        body = self.bench.ask("POST", "/v1/recommend", {}).body
        assert (b"NaN" in body, b"nfinity" in body, b'"score":null' in body) == (False, False, True)


class TestRefusals(Base):
    """What cannot be answered, and how that is said."""

    def refused(self, *request):
        answer = self.bench.ask(*request)
        return answer.status, answer.json["code"]

    def test_a_wrong_type_names_its_place(self):
        """The detail carries the JSON path of the mistake."""
        answer = self.bench.ask("POST", "/v1/recommend", {"n": "five"})
        assert (answer.status, "$.n" in answer.json["detail"]) == (400, True)

    def test_an_unknown_field_is_named(self):
        """A misspelt field is an error, never ignored."""
        assert "usr" in self.bench.ask("POST", "/v1/recommend", {"usr": "ann"}).json["detail"]

    def test_broken_json(self):
        """Half a body is a bad request."""
        assert self.refused("POST", "/v1/recommend", b'{"user":') == (400, "serve.bad_request")

    def test_an_empty_body(self):
        """No body is not JSON."""
        assert self.refused("POST", "/v1/recommend", b"") == (400, "serve.bad_request")

    def test_a_list_longer_than_allowed(self):
        """``serve.n_max`` bounds ``n`` wherever it is said."""
        bodies = [("POST", "/v1/recommend", {"n": 51}), ("GET", "/v1/users/ann/recommendations?n=51")]
        assert [self.bench.ask(*each).status for each in bodies] == [400, 400]

    def test_a_length_that_is_no_number(self):
        """Neither words nor zero, signs or other digits are lengths."""
        found = [
            self.bench.ask("GET", f"/v1/items/a/similar?n={n}").status
            for n in ("x", "0", "-1", "1.5", "", "%D9%A3", "9" * 30)
        ]
        assert found == [400] * 7

    def test_an_unknown_way_to_explain(self):
        """``explain`` is none or short."""
        assert self.refused("GET", "/v1/users/ann/recommendations?explain=long") == (400, "serve.bad_request")

    def test_an_unknown_parameter(self):
        """A misspelt query parameter is an error, never ignored."""
        assert "limit" in self.bench.ask("GET", "/v1/users/ann/recommendations?limit=3").json["detail"]

    def test_too_many_parameters(self):
        """A flood of parameters is the caller's mistake, not a bug."""
        assert self.refused("GET", "/v1/users/ann/recommendations?" + "n=1&" * 200) == (400, "serve.bad_request")

    def test_before_the_first_release(self):
        """503, and when to come back."""
        self.rankings.error = NotReady("there is no release yet")
        answer = self.bench.ask("POST", "/v1/recommend", {})
        assert (answer.status, answer.json["code"], answer.headers["retry-after"]) == (503, "serve.not_ready", "5")

    def test_when_too_much_is_waiting(self):
        """429, and when to come back."""
        self.rankings.error = Overloaded("1000 questions are waiting")
        answer = self.bench.ask("POST", "/v1/recommend", {})
        assert (answer.status, answer.json["code"], answer.headers["retry-after"]) == (429, "serve.overloaded", "1")


class TestUnknown(SynchronousTestCase):
    """Names that the release does not know."""

    def test_an_unknown_item(self):
        """Nothing is like an item that is not there: 404."""
        answer = Bench().ask("GET", "/v1/items/spaceship/similar")
        assert (answer.status, answer.json["code"]) == (404, "serve.unknown")

    def test_an_unknown_model(self):
        """404, naming it."""
        answer = Bench().ask("POST", "/v1/recommend", {"model": "eese"})
        assert (answer.status, "eese" in answer.json["detail"]) == (404, True)


class TestAnyBody(SynchronousTestCase):
    """Whatever is sent, the answer is an answer."""

    JSON = st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["user", "history", "n", "item", "weight", "exclude", "x"]), inner, max_size=4
            )
        ),
        max_leaves=8,
    )

    @given(JSON)
    def test_any_json(self, value):
        """Any JSON is answered or refused, never a bug."""
        assert Bench().ask("POST", "/v1/recommend", value).status in (200, 400)

    @given(st.binary(max_size=40))
    def test_any_bytes(self, data):
        """Any bytes are answered or refused, never a bug."""
        assert Bench().ask("POST", "/v1/recommend", data).status in (200, 400)

    @given(st.integers(2, 3000))
    def test_any_depth(self, depth):
        """Deep nesting is refused, never a bug."""
        data = b'{"history":' + b"[" * depth + b"]" * depth + b"}"
        assert Bench().ask("POST", "/v1/recommend", data).status == 400
