"""Every route of the API, in one table: what is not here does not exist."""

from nlprec.services.web import data, flow, health, openapi, rank
from nlprec.services.web.routes import Route
from nlprec.services.web.types import (
    EventsAnswer,
    Health,
    ItemAnswer,
    ItemBody,
    RecommendAnswer,
    RecommendRequest,
    ReleaseAnswer,
    ReleasesAnswer,
    Run,
    RunRequest,
    RunsAnswer,
    Stored,
    UserAnswer,
    UserBody,
)

ASK = {
    "n": "length of the list",
    "explain": "none or short",
    "categories": "any of these, separated by commas",
    "model": "one recommender or blend instead of the release's",
}

ROUTES: tuple[Route, ...] = (
    Route(
        "POST",
        "/v1/recommend",
        rank.recommend,
        "read",
        "Recommend to a user, an anonymous history, or both",
        RecommendRequest,
        RecommendAnswer,
        fails=(404, 429, 503),
    ),
    Route(
        "GET",
        "/v1/users/{id}/recommendations",
        rank.user_recommendations,
        "read",
        "Recommend to a user",
        None,
        RecommendAnswer,
        ASK,
        fails=(404, 429, 503),
    ),
    Route(
        "GET",
        "/v1/items/{id}/similar",
        rank.similar,
        "read",
        "Items like this one",
        None,
        RecommendAnswer,
        ASK,
        fails=(404, 429, 503),
    ),
    Route(
        "GET", "/v1/items/{id}", data.get_item, "read", "What is stored of an item", None, ItemAnswer, fails=(404, 503)
    ),
    Route("PUT", "/v1/items/{id}", data.put_item, "write", "Store an item", ItemBody, Stored, fails=(422, 429, 503)),
    Route("DELETE", "/v1/items/{id}", data.delete_item, "write", "Forget an item", status=204, fails=(429, 503)),
    Route(
        "GET", "/v1/users/{id}", data.get_user, "read", "What is stored of a user", None, UserAnswer, fails=(404, 503)
    ),
    Route("PUT", "/v1/users/{id}", data.put_user, "write", "Store a user", UserBody, Stored, fails=(422, 429, 503)),
    Route(
        "DELETE",
        "/v1/users/{id}",
        data.delete_user,
        "write",
        "Forget a user and everything they did",
        status=204,
        fails=(429, 503),
    ),
    Route(
        "POST",
        "/v1/events",
        data.post_events,
        "write",
        "Store events; answered when they are safe on disk",
        bytes,
        EventsAnswer,
        fails=(422, 429, 503),
    ),
    Route("GET", "/v1/releases", flow.releases, "read", "Releases, the live one first", None, ReleasesAnswer),
    Route(
        "GET",
        "/v1/releases/{digest}",
        flow.release,
        "read",
        "One release with its evaluation",
        None,
        ReleaseAnswer,
        fails=(404,),
    ),
    Route(
        "POST",
        "/v1/runs",
        flow.request_run,
        "admin",
        "Walk the flow: retrain what changed",
        RunRequest,
        Run,
        status=202,
        fails=(503,),
    ),
    Route("GET", "/v1/runs", flow.runs, "read", "The last runs", None, RunsAnswer),
    Route("GET", "/v1/runs/{id}", flow.run, "read", "One run with its progress", None, Run, fails=(404,)),
    Route("GET", "/openapi.json", openapi.describe, "", "This description"),
    Route("GET", "/healthz", health.healthz, "", "Does the process live", None, Health),
    Route("GET", "/readyz", health.readyz, "", "Can it answer", None, Health, fails=(503,)),
    Route("GET", "/metrics", health.metrics, "", "Numbers for Prometheus"),
    Route("GET", "/", health.index, "", "Who answers here"),
)
