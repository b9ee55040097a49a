"""``nlprec recommend`` and ``similar``: questions to the live release, without a daemon."""

import difflib
from pathlib import Path
from typing import Any

import click

from nlprec.cli.common import open_up, print_json, with_config
from nlprec.errors import NotReady, UnknownName


def _live(config: Path, options: tuple[str, ...]) -> Any:
    from nlprec.stages.serve import load_release

    opened = open_up(config, options)
    settings = opened.loaded.settings
    releases = opened.archive.releases()
    if not releases:
        raise NotReady(f"nothing has been published in {settings.archive.path} yet; run: nlprec run --config {config}")
    filters = [use.component for use in settings.serve.filters]
    return load_release(
        opened.archive,
        opened.loaded.host,
        releases[0]["digest"],
        filters,
        settings.serve.fallback,
        settings.serve.similar,
    )


@click.command()
@click.argument("user")
@with_config
@click.option("--n", default=10, show_default=True, help="Length of the list.")
@click.option("--history", multiple=True, metavar="ITEM", help="An item liked beside what is known; may be repeated.")
@click.option("--model", default="", help="Ask one recommender or blend instead of the release.")
@click.option("--explain", is_flag=True, help="Show the evidence with its shares.")
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
    question = Question(user=user, history=tuple((item, 1.0) for item in history), n=n, model=model)
    _answer(live, question, f"for {user}", explain, as_json)


@click.command()
@click.argument("item")
@with_config
@click.option("--n", default=10, show_default=True, help="Length of the list.")
@click.option("--model", default="", help="Ask one recommender or blend instead of serve.similar.")
@click.option("--explain", is_flag=True, help="Show the evidence with its shares.")
def similar(
    item: str, config: Path, options: tuple[str, ...], n: int, model: str, explain: bool, as_json: bool, debug: bool
) -> None:
    """Show the items most like ITEM (an id, or an exact title)."""
    from nlprec.stages.serve import Question

    live = _live(config, options)
    name = _find(live, item)
    _answer(
        live,
        Question(like=name, n=n, model=model),
        f"like {name} {live.titles[live.data.items.index(name)]}",
        explain,
        as_json,
    )


def _find(live: Any, words: str) -> str:
    """Return the id of an item named by id or title; raise UnknownName with the nearest."""
    if words in live.data.items:
        return words
    titles = {title.lower(): at for at, title in enumerate(live.titles) if title}
    if words.lower() in titles:
        return str(live.data.items.id(titles[words.lower()]))
    near = difflib.get_close_matches(words.lower(), titles, n=3, cutoff=0.5)
    hint = ", ".join(f"{live.data.items.id(titles[each])} {live.titles[titles[each]]}" for each in near)
    raise UnknownName(f"no item '{words}' in the live release" + (f"; nearest: {hint}" if hint else ""), item=words)


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
