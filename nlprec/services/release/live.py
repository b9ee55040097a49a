"""Finds the release a node may answer from. Synchronous: it hashes files, so it runs in a thread."""

import time
from collections.abc import Iterator
from typing import Any

from attrs import Factory, frozen

from nlprec.archive import Archive
from nlprec.errors import ArchiveError, CorruptArtifact, NlprecError, StoreError, UnknownArtifact
from nlprec.host import PluginHost
from nlprec.kit.events import Interaction
from nlprec.kit.options import StoreOptions
from nlprec.services.release.recent import News
from nlprec.settings import Settings
from nlprec.stages.serve import LiveRelease, load_release

EVENTS = 1_000_000  #: interactions read beyond a release; more than that needs a run, not a longer wait


@frozen
class Live:
    """What was found."""

    release: LiveRelease | None = None
    news: News = Factory(News)
    published: float = float("nan")  #: UTC epoch seconds
    refused: tuple[tuple[str, str], ...] = ()  #: (release digest, why): withdrawn, they were damaged
    problems: tuple[str, ...] = ()  #: why a release was passed over without being withdrawn
    seconds: float = 0.0


def find_live(archive: Archive, host: PluginHost, settings: Settings, store: Any, fresh: bool) -> Live:
    """
    Return the newest release that can be used, and what the store holds beyond it.

    A damaged release is withdrawn and its damaged part refused, so that the next run makes it anew.

    Args:
        archive: where releases are.
        host: the plugins that restore their models.
        settings: those of now; ``serve`` says which filters and fallbacks.
        store: the node's open IStore.
        fresh: whether the process has just started: what was deleted since the release is looked up in the store.
    """
    start = time.monotonic()
    refused: list[tuple[str, str]] = []
    problems: list[str] = []
    try:
        releases = archive.releases()
    except ArchiveError as error:
        return Live(problems=(str(error),))
    for each in releases:
        digest = each["digest"]
        try:
            serve = settings.serve
            release = load_release(
                archive, host, digest, [use.component for use in serve.filters], serve.fallback, serve.similar
            )
        except (CorruptArtifact, UnknownArtifact) as error:
            _withdraw(archive, digest, error)
            refused.append((digest, str(error)))
        except NlprecError as error:
            problems.append(f"release {digest}: {error}")
        else:
            try:
                news = read_news(archive, release, store, fresh)
            except StoreError as error:
                news = News()
                problems.append(f"what happened since release {digest} cannot be read: {error}")
            return Live(release, news, each["published"], tuple(refused), tuple(problems), time.monotonic() - start)
    return Live(refused=tuple(refused), problems=tuple(problems), seconds=time.monotonic() - start)


def read_news(archive: Archive, release: LiveRelease, store: Any, fresh: bool) -> News:
    """Return what a store holds beyond a release; deletions only when ``fresh``: a running node has heard of them."""
    known = sequence_of(archive, release)
    head = store.head(StoreOptions()).sequence
    if known is None or head <= known:
        return News(sequence=head)
    interactions = tuple(_since(store, known))
    hidden, forgotten = _deleted(release, store) if fresh else (frozenset(), frozenset())
    return News(interactions, hidden, forgotten, head)


def sequence_of(archive: Archive, release: LiveRelease) -> int | None:
    """Return the store's sequence number that a release was made from, None when its snapshot has gone."""
    try:
        snapshot = archive.manifest(release.meta["dataset"]).inputs[0]
        return int(archive.manifest(snapshot).meta["sequence"])
    except (ArchiveError, IndexError, KeyError):
        return None


def _since(store: Any, sequence: int) -> Iterator[Interaction]:
    read = 0
    while read < EVENTS:
        sequence, page = store.since(sequence, StoreOptions())
        if not page:
            return
        read += len(page)
        yield from page


def _deleted(release: LiveRelease, store: Any) -> tuple[frozenset[str], frozenset[str]]:
    """Return the release's items that are gone or hidden now, and its users that are gone."""
    snapshot = store.snapshot(StoreOptions())
    shown = {item for item, hidden in zip(snapshot.items, snapshot.hidden.tolist(), strict=True) if not hidden}
    users = set(snapshot.users)
    return frozenset(release.data.items.ids) - shown, frozenset(release.data.users.ids) - users


def _withdraw(archive: Archive, digest: str, error: NlprecError) -> None:
    """Take a damaged release, and the part of it that is damaged, out of the way: what is absent is made again."""
    archive.withdraw(digest)
    for each in {digest, str(error.facts.get("digest", digest))}:
        archive.refuse(each)
