"""Questions to the live release."""

from nlprec.errors import BadRequest
from nlprec.services.desk import Desk
from nlprec.services.web.routes import Call, Reply
from nlprec.services.web.types import Because, HistoryItem, Reason, RecommendAnswer, Recommended, RecommendRequest, Term
from nlprec.stages.serve import Answer, Question, Shown

EXPLAIN = ("none", "short")


async def recommend(desk: Desk, call: Call) -> Reply:
    """Rank for a user, an anonymous history, or both."""
    asked: RecommendRequest = call.body
    history = tuple(
        (each.item, each.weight) if isinstance(each, HistoryItem) else (each, 1.0) for each in asked.history
    )
    question = Question(
        user=asked.user,
        history=history,
        n=_length(desk, asked.n),
        exclude=tuple(asked.exclude),
        categories=tuple(asked.categories),
        model=asked.model,
        explain=asked.explain != "none",
    )
    return Reply(_answer(await desk.rankings.recommend(question)))


async def user_recommendations(desk: Desk, call: Call) -> Reply:
    """Rank for a user."""
    question = Question(
        user=call.path["id"],
        n=_length(desk, _number(call, "n")),
        categories=_categories(call),
        model=call.query.get("model", ""),
        explain=_explain(call),
    )
    return Reply(_answer(await desk.rankings.recommend(question)))


async def similar(desk: Desk, call: Call) -> Reply:
    """Rank what is like an item."""
    question = Question(
        like=call.path["id"],
        n=_length(desk, _number(call, "n")),
        categories=_categories(call),
        model=call.query.get("model", ""),
        explain=_explain(call),
    )
    return Reply(_answer(await desk.rankings.recommend(question)))


def _length(desk: Desk, n: int | None) -> int:
    serve = desk.settings().serve
    if n is None:
        return serve.n
    if not 1 <= n <= serve.n_max:
        raise BadRequest(f"n is {n}; it may be 1 to {serve.n_max} (serve.n_max)")
    return n


def _number(call: Call, name: str) -> int | None:
    text = call.query.get(name)
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise BadRequest(f"{name} is {text!r}; it is a whole number")
    return int(text)


def _categories(call: Call) -> tuple[str, ...]:
    return tuple(each for each in call.query.get("categories", "").split(",") if each)


def _explain(call: Call) -> bool:
    given = call.query.get("explain", "short")
    if given not in EXPLAIN:
        raise BadRequest(f"explain is {given!r}; it may be {' or '.join(EXPLAIN)}")
    return given != "none"


def _answer(answer: Answer) -> RecommendAnswer:
    items = [_recommended(each) for each in answer.items]
    return RecommendAnswer(items, answer.release, answer.model, answer.step, answer.step == "fallback")


def _recommended(shown: Shown) -> Recommended:
    sources = {name: float(share) for name, share in shown.sources.items()}
    return Recommended(shown.item, shown.title, float(shown.score), sources, _reason(shown))


def _reason(shown: Shown) -> Reason | None:
    reason = shown.reason
    if not (reason.text or reason.because or reason.terms):
        return None
    because = [Because(item, title, float(share)) for item, title, share in reason.because]
    return Reason(reason.text, because, [Term(term, float(share)) for term, share in reason.terms])
