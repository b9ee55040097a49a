"""The tables of the SQLite store and the connections to them; the store itself is ``nlprec_plugins.stores.sqlite``."""

import json
import sqlite3
import threading
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs
import numpy as np

from nlprec.errors import StoreError
from nlprec.kit.events import Batch, Interaction, Item, User
from nlprec.kit.io.columns import compact

NAN = float("nan")
APPLICATION = 0x6E6C7072  # "nlpr": marks a file as ours
VERSION = 1
SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE user (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, record TEXT);
CREATE TABLE item (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, record TEXT);
CREATE TABLE kind (n INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE event (
    sequence INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, user INTEGER NOT NULL, item INTEGER NOT NULL,
    kind INTEGER NOT NULL, value REAL, time REAL, text TEXT NOT NULL DEFAULT '');
CREATE INDEX event_user ON event (user);
CREATE INDEX event_item ON event (item);
CREATE TABLE applied (name TEXT PRIMARY KEY) WITHOUT ROWID;
"""


class Connections:
    """One writing connection behind a lock, one reading connection a thread."""

    def __init__(self, path: Path, busy: float) -> None:
        self.path = path
        self._busy = busy
        self._local = threading.local()
        self._all: list[sqlite3.Connection] = []
        self._lock = threading.RLock()
        with explained(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._writer = self._open()
            try:
                self._prepare()
            except BaseException:
                self.close()
                raise

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=self._busy, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA temp_store=MEMORY")
        self._all.append(connection)
        return connection

    def _prepare(self) -> None:
        """Create the tables of a new file; refuse a file that is not ours or is newer than we are."""
        mark = self._writer.execute("PRAGMA application_id").fetchone()[0]
        version = self._writer.execute("PRAGMA user_version").fetchone()[0]
        if mark == APPLICATION and version == VERSION:
            return
        tables = self._writer.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if mark == APPLICATION and version > VERSION:
            raise StoreError(
                f"{self.path} was written by a newer nlprec (tables version {version}, this one knows {VERSION}); "
                "upgrade nlprec"
            )
        if mark != APPLICATION and tables:
            raise StoreError(f"{self.path} is an SQLite file of something else; give store.path a name of its own")
        self._writer.execute("PRAGMA journal_mode=WAL")
        with self.writing() as connection:
            if connection.execute("PRAGMA user_version").fetchone()[0] == VERSION:
                return  # another process was first
            for statement in SCHEMA.split(";\n"):
                if statement.strip():
                    connection.execute(statement)
            connection.execute("INSERT INTO meta VALUES ('id', ?), ('sequence', '0')", (uuid.uuid4().hex,))
            connection.execute(f"PRAGMA application_id={APPLICATION}")
            connection.execute(f"PRAGMA user_version={VERSION}")

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Give the writing connection inside a transaction: all of it, or nothing."""
        with self._lock, explained(self.path):
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Give this thread's connection inside a read transaction: one consistent view."""
        with explained(self.path):
            connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
            if connection is None:
                with self._lock:
                    connection = self._local.connection = self._open()
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                connection.execute("ROLLBACK")

    def close(self) -> None:
        """Close every connection."""
        with self._lock:
            for connection in self._all:
                connection.close()
            self._all.clear()


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what SQLite and the disk can refuse into one error a person can act on."""
    try:
        yield
    except sqlite3.Error as error:
        text = str(error)
        advice = "is something wrong with the file?"
        if "closed" in text:
            advice = "it was closed before; open it again"
        elif "locked" in text or "busy" in text:
            advice = "another process holds it; wait, or raise store.busy"
        elif "full" in text:
            advice = "the disk is full; free some space, nothing was written"
        elif "malformed" in text or "not a database" in text:
            advice = "the file is damaged or not SQLite; restore a copy of it, or set another store.path"
        elif "readonly" in text or "unable to open" in text:
            advice = "check that the folder exists and this user may write there"
        raise StoreError(f"the store {path}: {text}; {advice}", path=str(path)) from error
    except UnicodeEncodeError as error:
        raise StoreError(
            f"the store {path}: a text holds half a character ({error.reason}); send valid Unicode", path=str(path)
        ) from error
    except OSError as error:
        raise StoreError(f"the store {path}: {error.strerror or error}; check store.path", path=str(path)) from error


def last_sequence(connection: sqlite3.Connection) -> int:
    """Return the head's sequence number."""
    return int(connection.execute("SELECT value FROM meta WHERE key = 'sequence'").fetchone()[0])


def _record(record: User | Item) -> str:
    values = {name: value for name, value in attrs.asdict(record).items() if name != "id"}
    return compact({name: None if name == "time" and value != value else value for name, value in values.items()})


def build_record(build: Any, name: str, record: str) -> Any:
    """Return the User or Item of a stored record."""
    values = json.loads(record)
    values["time"] = NAN if values["time"] is None else values["time"]
    if "categories" in values:
        values["categories"] = tuple(values["categories"])
    return build(id=name, **values)


def upsert(connection: sqlite3.Connection, table: str, records: Iterable[User | Item]) -> int:
    """Add or change records; one that is the same already is left alone and not counted."""
    query = (
        f"INSERT INTO {table} (id, record) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET record = excluded.record "  # noqa: S608
        "WHERE record IS NOT excluded.record"
    )
    before = connection.total_changes
    connection.executemany(query, [(each.id, _record(each)) for each in records])
    return connection.total_changes - before


def insert_events(connection: sqlite3.Connection, events: Sequence[Interaction], sequence: int) -> int:
    """Add interactions that are not there yet; their sequence numbers are the order of commit."""
    appearing = (
        ("user", "id", [e.user for e in events]),
        ("item", "id", [e.item for e in events]),
        ("kind", "name", [e.kind for e in events]),
    )
    for table, column, names in appearing:
        query = f"INSERT OR IGNORE INTO {table} ({column}) VALUES (?)"  # noqa: S608  (names of ours)
        connection.executemany(query, [(name,) for name in dict.fromkeys(names)])
    rows = [
        (
            sequence + at,
            e.identity(),
            e.user,
            e.item,
            e.kind,
            None if e.value != e.value else e.value,
            None if e.time != e.time else e.time,
            e.text,
        )
        for at, e in enumerate(events, 1)
    ]
    before = connection.total_changes
    connection.executemany(
        "INSERT OR IGNORE INTO event "
        "SELECT ?, ?, (SELECT n FROM user WHERE id = ?), (SELECT n FROM item WHERE id = ?), "
        "(SELECT n FROM kind WHERE name = ?), ?, ?, ?",
        rows,
    )
    return connection.total_changes - before


def delete(connection: sqlite3.Connection, batch: Batch) -> None:
    """Delete users and items with everything that leans on them."""
    for table, names in (("user", batch.deleted_users), ("item", batch.deleted_items)):
        for name in names:
            connection.execute(f"DELETE FROM event WHERE {table} = (SELECT n FROM {table} WHERE id = ?)", (name,))  # noqa: S608
            connection.execute(f"DELETE FROM {table} WHERE id = ?", (name,))  # noqa: S608


def read_table(connection: sqlite3.Connection, table: str, build: Any) -> tuple[list[Any], list[str], np.ndarray]:
    """
    Return records, all ids and their row numbers; ids without a record come as empty records, in order of appearance.
    """
    rows = connection.execute(f"SELECT n, id, record FROM {table} ORDER BY n").fetchall()  # noqa: S608
    records = [build(id=name) if record is None else build_record(build, name, record) for _, name, record in rows]
    return records, [name for _, name, _ in rows], np.array([n for n, _, _ in rows], np.int64)
