"""``nlprec recommend`` and ``similar``: questions to the live release, without a daemon."""

import difflib
from pathlib import Path
from typing import Any

import click

from nlprec.cli.common import open_up, print_json, with_config
from nlprec.errors import UnknownName

MANY = 50_000  #: names above which looking for the nearest takes too long

n_option = click.option("--n", type=click.IntRange(1), default=10, show_default=True, help="Length of the list.")
explain_option = click.option("--explain", is_flag=True, help="Show the evidence with its shares.")


@click.command()
@click.argument("user")
@with_config
@n_option
@click.option("--history", multiple=True, metavar="ITEM", help="An item liked beside what is known; may be repeated.")
@click.option("--model", default="", help="Ask one recommender or blend instead of the release.")
@explain_option
def recommend(
    user: str,
    config: Path,
    options: tuple[str, ...],
    n: int,
    history: tuple[str, ...],
    model: str,
    explain: bool,
    as_json: bool,
    debug: bool,
) -> None:
    """Recommend to USER, with reasons. A stranger gets the fallback list, marked as such."""
    from nlprec.stages.serve import Question

    live = _live(config, options)
    liked = tuple((_find(live, item), 1.0) for item in history)
    _answer(live, Question(user=user, history=liked, n=n, model=model), f"for {user}", explain, as_json)


@click.command()
@click.argument("item")
@with_config
@n_option
@click.option("--model", default="", help="Ask one recommender or blend instead of serve.similar.")
@explain_option
def similar(
    item: str, config: Path, options: tuple[str, ...], n: int, model: str, explain: bool, as_json: bool, debug: bool
) -> None:
    """Show the items most like ITEM (an id, or an exact title)."""
    from nlprec.stages.serve import Question

    live = _live(config, options)
    name = _find(live, item)
    title = live.titles[live.data.items.index(name)]
    _answer(live, Question(like=name, n=n, model=model), f"like {name} {title}".rstrip(), explain, as_json)


def _live(config: Path, options: tuple[str, ...]) -> Any:
    from nlprec.stages.serve import load_release

    opened = open_up(config, options)
    serve = opened.loaded.settings.serve
    filters = [use.component for use in serve.filters]
    digest = opened.live(config)
    return load_release(opened.archive, opened.loaded.host, digest, filters, serve.fallback, serve.similar)


def _find(live: Any, words: str) -> str:
    """Return the id of an item named by id or title; raise UnknownName with the nearest."""
    if words in live.data.items:
        return words
    titles = {title.lower(): at for at, title in enumerate(live.titles) if title}
    if words.lower() in titles:
        return str(live.data.items.id(titles[words.lower()]))
    near = _nearest(words, titles, list(live.data.items.ids))
    shown = "; ".join(f"{live.data.items.id(at)} {live.titles[at]}".rstrip() for at in near)
    raise UnknownName(f"no item '{words}' in the live release" + (f"; nearest: {shown}" if shown else ""), item=words)


def _nearest(words: str, titles: dict[str, int], ids: list[str]) -> list[int]:
    """Return the indices of up to three items whose title, else whose id, is like some words."""
    if len(ids) > MANY:
        return []
    found = [titles[each] for each in difflib.get_close_matches(words.lower(), titles, n=3, cutoff=0.5)]
    return found or [ids.index(each) for each in difflib.get_close_matches(words, ids, n=3, cutoff=0.7)]


def _answer(live: Any, question: Any, subject: str, explain: bool, as_json: bool) -> None:
    from nlprec.stages.serve import Recent

    answer = live.answer([question], Recent())[0]
    if isinstance(answer, Exception):
        raise answer
    if as_json:
        import attrs

        print_json(attrs.asdict(answer))
        return
    from nlprec.cli.render import answer_table

    answer_table(answer, subject, explain)
