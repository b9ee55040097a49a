"""What happened since the live release was made, kept so that an answer never waits for the next run."""

from collections.abc import Iterable, Mapping

from attrs import frozen

from nlprec.kit.events import Batch, Interaction
from nlprec.stages.serve import Recent

PER_USER = 200  #: newest interactions kept for one user
USERS = 100_000  #: users kept; the one heard of first goes first


@frozen
class News:
    """What a store holds beyond a release."""

    interactions: tuple[Interaction, ...] = ()
    hidden: frozenset[str] = frozenset()  #: items of the release that are hidden or deleted now
    forgotten: frozenset[str] = frozenset()  #: users of the release that are deleted now
    sequence: int = 0  #: of the store when this was read


@frozen
class _Entry:
    sequence: int
    identity: str
    event: tuple[str, str, float]  #: (item id, kind, value)


class Memory:
    """
    The mutable side of ``Recent``. Changed in the reactor thread only.

    A thread that reads ``view`` meanwhile is safe: what it may look at is replaced, never altered.
    """

    def __init__(self) -> None:
        self._entries: dict[str, tuple[_Entry, ...]] = {}
        self._events: dict[str, tuple[tuple[str, str, float], ...]] = {}
        self._hidden: dict[str, int] = {}  #: item id -> sequence
        self._forgotten: dict[str, int] = {}  #: user id -> sequence
        self.view = Recent(self._events)

    def learn(self, batch: Batch, sequence: int) -> None:
        """Take in a batch that was committed; the store's head was ``sequence`` afterwards."""
        for each in batch.interactions:
            self._add(each, sequence)
        for item in batch.items:
            if item.hidden:
                self._hidden[item.id] = sequence
            else:
                self._hidden.pop(item.id, None)
        self._hidden.update(dict.fromkeys(batch.deleted_items, sequence))
        for user in batch.deleted_users:
            self._forgotten[user] = sequence
            self._entries.pop(user, None)
            self._events.pop(user, None)
        if batch.items or batch.deleted_items or batch.deleted_users:
            self._renew()

    def rebase(self, news: News) -> None:
        """Forget what a new release knows; ``news`` is what the store holds beyond it."""
        later = {
            user: tuple(each for each in entries if each.sequence > news.sequence)
            for user, entries in self._entries.items()
        }
        self._hidden = {**dict.fromkeys(news.hidden, news.sequence), **_after(self._hidden, news.sequence)}
        self._forgotten = {**dict.fromkeys(news.forgotten, news.sequence), **_after(self._forgotten, news.sequence)}
        self._entries, self._events = {}, {}
        for each in news.interactions:
            self._add(each, news.sequence)
        for user, entries in later.items():
            self._extend(user, entries)
        self._renew()

    def _add(self, each: Interaction, sequence: int) -> None:
        self._extend(each.user, (_Entry(sequence, each.identity(), (each.item, each.kind, each.value)),))

    def _extend(self, user: str, entries: Iterable[_Entry]) -> None:
        """Add what is not there yet; sending an interaction twice is the same as once."""
        mine = self._entries.get(user, ())
        known = {each.identity for each in mine}
        added = tuple(each for each in entries if each.identity not in known)
        if not added:
            return
        self._entries[user] = (mine + added)[-PER_USER:]
        self._events[user] = tuple(each.event for each in self._entries[user])
        if len(self._entries) > USERS:
            oldest = next(iter(self._entries))
            del self._entries[oldest], self._events[oldest]

    def _renew(self) -> None:
        self.view = Recent(self._events, frozenset(self._hidden), frozenset(self._forgotten))


def _after(marks: Mapping[str, int], sequence: int) -> dict[str, int]:
    return {name: mark for name, mark in marks.items() if mark > sequence}
