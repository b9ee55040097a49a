"""The default store: one SQLite file, write-ahead log, every commit on disk before it is acknowledged."""

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from attrs import define, field
from zope.interface import implementer

from nlprec import hookimpl
from nlprec.interfaces import IStore
from nlprec.kit.events import Batch, Head, Interaction, Item, Receipt, Snapshot, User
from nlprec.kit.io.columns import assemble
from nlprec.kit.io.sqlite import (
    NAN,
    Connections,
    build_record,
    delete,
    insert_events,
    last_sequence,
    read_table,
    upsert,
)
from nlprec.kit.options import StoreOptions
from nlprec.kit.strings import Strings
from nlprec.kit.units import Duration

CHUNK = 500  #: ids asked for at once


@implementer(IStore)
@define(eq=False)
class Sqlite:
    """Several processes may open the same file; writers take turns, readers never wait."""

    name = "sqlite"
    shared = True
    path: Path = Path("var/nlprec.db")  #: the file; made when it is not there
    busy: Duration = Duration(30.0)  #: how long a writer waits for another process
    _open: Connections | None = field(default=None, init=False)
    _lock: threading.Lock = field(factory=threading.Lock, init=False)

    @property
    def _connections(self) -> Connections:
        with self._lock:
            if self._open is None:
                self._open = Connections(self.path, self.busy)
            return self._open

    def append(self, batch: Batch, opts: StoreOptions) -> Receipt:
        """Add a batch in one transaction; it is on disk when this returns."""
        with self._connections.writing() as connection:
            sequence, before = last_sequence(connection), connection.total_changes
            if (
                batch.name
                and not connection.execute("INSERT OR IGNORE INTO applied VALUES (?)", (batch.name,)).rowcount
            ):
                return Receipt(sequence=sequence)
            users = upsert(connection, "user", batch.users)
            items = upsert(connection, "item", batch.items)
            added = insert_events(connection, batch.interactions, sequence)
            delete(connection, batch)
            if connection.total_changes > before:
                sequence += max(1, len(batch.interactions))
                connection.execute("UPDATE meta SET value = ? WHERE key = 'sequence'", (str(sequence),))
        return Receipt(users, items, added, len(batch.interactions) - added, sequence)

    def head(self, opts: StoreOptions) -> Head:
        """Return where it stands."""
        with self._connections.reading() as connection:
            name = connection.execute("SELECT value FROM meta WHERE key = 'id'").fetchone()[0]
            sequence = last_sequence(connection)
            applied = frozenset(row[0] for row in connection.execute("SELECT name FROM applied"))
        return Head(sequence, f"sqlite:{name}:{sequence}", applied)

    def snapshot(self, opts: StoreOptions) -> Snapshot:
        """Return everything as columns, read in one transaction."""
        with self._connections.reading() as connection:
            users, user_ids, user_rows = read_table(connection, "user", User)
            items, item_ids, item_rows = read_table(connection, "item", Item)
            kinds = dict(connection.execute("SELECT n, name FROM kind ORDER BY n"))
            rows = connection.execute("SELECT user, item, kind, value, time FROM event ORDER BY sequence")
            kind = np.dtype([("user", "i8"), ("item", "i8"), ("kind", "i8"), ("value", "f8"), ("time", "f8")])
            events = np.fromiter(
                ((u, i, k, NAN if v is None else v, NAN if t is None else t) for u, i, k, v, t in rows), kind
            )
            review = Strings.of(row[0] for row in connection.execute("SELECT text FROM event ORDER BY sequence"))
            sequence = last_sequence(connection)
        places = (user_rows, item_rows, np.array(list(kinds), np.int64))
        codes = np.column_stack(
            [np.searchsorted(place, events[name]) for place, name in zip(places, ("user", "item", "kind"), strict=True)]
        )
        return assemble(
            users,
            items,
            user_ids,
            item_ids,
            codes.reshape(-1, 3),
            tuple(kinds.values()),
            events["value"].astype(np.float32),
            events["time"],
            review,
            sequence,
        )

    def get(self, kind: str, ids: Sequence[str], opts: StoreOptions) -> list[Any]:
        """Return the records of ids."""
        build: Any = {"user": User, "item": Item}[kind]
        found: dict[str, Any] = {}
        with self._connections.reading() as connection:
            for start in range(0, len(ids), CHUNK):
                some = list(ids[start : start + CHUNK])
                marks = ",".join("?" * len(some))
                query = f"SELECT id, record FROM {kind} WHERE record IS NOT NULL AND id IN ({marks})"  # noqa: S608  (kind is one of two)
                found.update(
                    (name, build_record(build, name, record)) for name, record in connection.execute(query, some)
                )
        return [found.get(name) for name in ids]

    def since(self, sequence: int, opts: StoreOptions) -> tuple[int, list[Interaction]]:
        """Return interactions appended after a sequence number."""
        query = (
            "SELECT e.sequence, u.id, i.id, k.name, e.value, e.time, e.text, e.key FROM event e "
            "JOIN user u ON u.n = e.user JOIN item i ON i.n = e.item JOIN kind k ON k.n = e.kind "
            "WHERE e.sequence > ? ORDER BY e.sequence LIMIT ?"
        )
        with self._connections.reading() as connection:
            rows = connection.execute(query, (sequence, opts.limit)).fetchall()
            last = rows[-1][0] if rows else max(sequence, last_sequence(connection))
        return last, [
            Interaction(u, i, k, NAN if v is None else v, NAN if t is None else t, text, key)
            for _, u, i, k, v, t, text, key in rows
        ]

    def close(self) -> None:
        """Close every connection."""
        if self._open is not None:
            self._open.close()


@hookimpl
def nlprec_components() -> list[type]:
    """Offer the store."""
    return [Sqlite]
