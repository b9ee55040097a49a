"""What goes over HTTP, as types: they are parsed, checked, and described in ``/openapi.json`` from here alone."""

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

Id = Annotated[str, Meta(min_length=1, max_length=500)]
MOST = 10_000  #: events in one request
Count = Annotated[int, Meta(ge=1)]


class HistoryItem(Struct, forbid_unknown_fields=True):
    """An item of an anonymous history."""

    item: Id
    weight: Annotated[float, Meta(ge=0, le=100, description="how much it was liked; 0: seen, not liked")] = 1.0


class RecommendRequest(Struct, forbid_unknown_fields=True):
    """A question for a ranking. Without a user and a history the fallback list is the answer."""

    user: Annotated[str, Meta(max_length=500)] = ""
    history: Annotated[
        list[Id | HistoryItem], Meta(max_length=1000, description="liked items beside what is known of the user")
    ] = []
    n: Count | None = None
    exclude: Annotated[list[Id], Meta(max_length=10_000)] = []
    categories: Annotated[list[Id], Meta(max_length=100, description="any of these; empty: all")] = []
    model: Annotated[str, Meta(description="one recommender or blend instead of the release's")] = ""
    explain: Literal["none", "short"] = "short"


class Because(Struct):
    """A history item that a recommendation leans on."""

    item: str
    title: str
    share: float


class Term(Struct):
    """A term that the item's text shares with the history."""

    term: str
    share: float


class Reason(Struct):
    """Why an item is recommended: a sentence and its evidence."""

    text: str
    because: list[Because]
    terms: list[Term]


class Recommended(Struct):
    """One recommended item; its sources sum to its score."""

    item: str
    title: str
    score: float
    sources: dict[str, float]
    reason: Reason | None = None


class RecommendAnswer(Struct):
    """A ranking."""

    items: list[Recommended]
    release: str
    model: str
    step: Annotated[str, Meta(description="model, or fallback when no model knew the asker")]
    fallback: bool


class ItemBody(Struct, forbid_unknown_fields=True):
    """What is known of an item."""

    title: str = ""
    body: str = ""
    categories: list[str] = []
    attributes: dict[str, Any] = {}
    time: float | str | None = None
    hidden: bool = False


class ItemAnswer(Struct):
    """A stored item."""

    id: str
    title: str
    body: str
    categories: list[str]
    attributes: dict[str, Any]
    time: float | None
    hidden: bool


class UserBody(Struct, forbid_unknown_fields=True):
    """What is known of a user."""

    attributes: dict[str, Any] = {}
    time: float | str | None = None


class UserAnswer(Struct):
    """A stored user."""

    id: str
    attributes: dict[str, Any]
    time: float | None


class Event(Struct, forbid_unknown_fields=True):
    """One interaction: a user, an item, maybe a rating, a time (epoch seconds or ISO 8601) and a review."""

    user: str | int
    item: str | int
    kind: str = "view"
    value: float | None = None
    time: float | str | None = None
    text: str = ""
    key: Annotated[str, Meta(description="sending the same key twice is sending once")] = ""


class Verdict(Struct):
    """Why a record was not taken."""

    index: int
    code: str
    detail: str


class EventsAnswer(Struct):
    """What became of sent events; it comes only after they are safe on disk."""

    accepted: int
    known: Annotated[int, Meta(description="were there already")]
    rejected: list[Verdict]


class Measured(Struct):
    """A metric's mean over the test queries and its bootstrap interval; null where it is undefined."""

    mean: float | None
    low: float | None
    high: float | None
    n: Annotated[int, Meta(description="queries it was measured on")]


class Stored(Struct):
    """A record was stored."""

    id: str
    changed: bool


class ReleaseAnswer(Struct):
    """A published release."""

    digest: str
    published: Annotated[float, Meta(description="UTC epoch seconds")]
    live: bool
    model: str = ""
    models: list[str] = []
    data: dict[str, Any] = {}
    table: Annotated[dict[str, dict[str, Measured]], Meta(description="model -> metric -> what was measured")] = {}
    problem: Annotated[str, Meta(description="code of what is wrong with its files; empty: nothing")] = ""


class ReleasesAnswer(Struct):
    """The releases that are kept, the live one first."""

    releases: list[ReleaseAnswer]


class RunRequest(Struct, forbid_unknown_fields=True):
    """Ask for a walk of the flow."""

    why: Annotated[str, Meta(max_length=200, pattern=r"^(?![\s\S]*[\x00-\x1f\x7f])", description="for the log")] = "api"


class Step(Struct):
    """One job of a run."""

    name: str
    stage: str
    digest: str
    status: Annotated[str, Meta(description="waiting, running, cached, done, failed or skipped")]
    seconds: float
    peak_memory: Annotated[int, Meta(description="bytes")]
    fraction: Annotated[float, Meta(description="done, 0 to 1")]
    message: str


class Failed(Struct):
    """Why a run failed."""

    code: str
    message: str
    facts: dict[str, Any]


class Run(Struct):
    """A walk of the flow."""

    id: str
    why: str
    asked: float
    state: Annotated[str, Meta(description="queued, running, done, failed or cancelled")]
    started: float | None
    finished: float | None
    release: str
    published: bool
    verdict: str
    errors: list[Failed]
    steps: list[Step]


class RunsAnswer(Struct):
    """The last runs, newest first."""

    runs: list[Run]


class Problem(Struct, omit_defaults=True):
    """What went wrong (RFC 9457), with our dotted code."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    hint: str = ""
    incident: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    rejected: list[Verdict] = field(default_factory=list)


class Health(Struct):
    """Whether the node is well."""

    status: str
    node: str
    release: str = ""
    detail: str = ""


class Index(Struct):
    """Who answers here."""

    name: str
    version: str
    node: str
    description: Annotated[str, Meta(description="path of the OpenAPI document")]
