"""The SQLite store: several processes, one file, nothing half-written, and a clear word when something is wrong."""

import sqlite3

import pytest
from nlprec_plugins.stores.sqlite import Sqlite

from nlprec.errors import StoreError
from nlprec.kit.events import Batch, Head, Interaction, Item
from nlprec.kit.io.sqlite import APPLICATION, VERSION
from nlprec.kit.options import StoreOptions
from nlprec.testing.contracts._stores import FIRST, OPTS, StoreContract, event, rows


class TestSqlite(StoreContract):
    """It keeps the word of every store."""

    component = Sqlite
    durable = True

    def settings(self, folder):
        """Return the path of a new file."""
        return {"path": folder / "deep" / "down" / "nlprec.db"}


@pytest.fixture
def path(tmp_path):
    """Return the path of a file that holds the first batch."""
    store = Sqlite(tmp_path / "nlprec.db")
    store.append(FIRST, OPTS)
    store.close()
    return tmp_path / "nlprec.db"


@pytest.fixture
def store(path):
    """Return an open store that holds the first batch."""
    store = Sqlite(path, busy=0.0)
    yield store
    store.close()


def refused(path, match):
    """Check that a file is refused with these words and stays as it is."""
    before = path.read_bytes()
    store = Sqlite(path)
    with pytest.raises(StoreError, match=match):
        store.append(FIRST, OPTS)
    assert path.read_bytes() == before


def test_every_commit_is_on_disk(store):
    """Write-ahead log and full synchronisation: a power cut loses nothing that was acknowledged."""
    with store._connections.writing() as connection:
        found = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]
    assert found == ["wal", 2]


def test_two_stores_may_share_a_file(store, path):
    """What one appends the other sees, under the same head."""
    other = Sqlite(path)
    other.append(Batch(interactions=(event(9),)), OPTS)
    found = (store.head(OPTS), rows(store.snapshot(OPTS))[-1][4])
    head = other.head(OPTS)
    other.close()
    assert found == (head, 9.0)


def test_something_else_is_refused(tmp_path):
    """A file that is not SQLite is left alone."""
    (tmp_path / "notes.txt").write_text("my diary, which must not be lost\n" * 50)
    refused(tmp_path / "notes.txt", "is damaged or not SQLite")


def test_the_database_of_something_else_is_refused(tmp_path):
    """An SQLite file with tables of others is left alone."""
    connection = sqlite3.connect(tmp_path / "bank.db")
    connection.execute("CREATE TABLE account (id INTEGER)")
    connection.commit()
    connection.close()
    refused(tmp_path / "bank.db", r"SQLite file of something else; give store\.path a name of its own")


def test_a_newer_store_is_refused(path):
    """Tables of a later version are left alone."""
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version={VERSION + 1}")
    connection.close()
    refused(path, "written by a newer nlprec .* upgrade nlprec")


def test_a_store_is_marked_as_ours(path):
    """The file says what it is."""
    connection = sqlite3.connect(path)
    found = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")]
    connection.close()
    assert found == [APPLICATION, VERSION]


def test_a_damaged_file_is_told(path):
    """Overwritten pages give an error with advice, not wrong answers."""
    size = path.stat().st_size
    with path.open("r+b") as handle:
        handle.seek(4096)
        handle.write(b"\xff" * (size - 4096))
    store = Sqlite(path)
    with pytest.raises(StoreError, match="the file is damaged or not SQLite; restore a copy"):
        store.snapshot(OPTS)
    store.close()


def test_a_locked_store_says_so_and_keeps_nothing(store, path):
    """When another process writes for longer than ``busy``, nothing was written, and afterwards it works."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    head = store.head(OPTS)
    with pytest.raises(StoreError, match=r"another process holds it; wait, or raise store\.busy"):
        store.append(Batch(interactions=(event(9),)), OPTS)
    other.execute("ROLLBACK")
    other.close()
    assert (store.head(OPTS), store.append(Batch(interactions=(event(9),)), OPTS).interactions) == (head, 1)


def test_readers_do_not_wait_for_a_writer(store, path):
    """While another process writes, the last committed state is read."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    other.execute("DELETE FROM event")
    found = store.snapshot(OPTS).n_events
    other.execute("ROLLBACK")
    other.close()
    assert found == 3


def test_a_full_disk_says_so_and_keeps_nothing(store):
    """All or nothing: a batch that does not fit leaves the store as it was."""
    with store._connections.writing() as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
    store._connections._writer.execute(f"PRAGMA max_page_count={pages + 2}")
    before = (store.head(OPTS), rows(store.snapshot(OPTS)))
    with pytest.raises(StoreError, match="the disk is full; free some space, nothing was written"):
        store.append(
            Batch(interactions=tuple(Interaction("ann", f"item {at}", text="long " * 200) for at in range(200))), OPTS
        )
    assert (store.head(OPTS), rows(store.snapshot(OPTS))) == before


def test_half_a_character_is_refused_whole(store):
    """A lone surrogate cannot be kept: the batch is refused and nothing of it stays."""
    head = store.head(OPTS)
    with pytest.raises(StoreError, match="half a character"):
        store.append(Batch(items=(Item("good"),), interactions=(Interaction("ann", "\ud800"),)), OPTS)
    assert (store.head(OPTS), store.get("item", ["good"], OPTS)) == (head, [None])


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    """A path through a file is an error with the setting's name."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"check store\.path"):
        Sqlite(tmp_path / "file" / "nlprec.db").head(OPTS)


def test_a_closed_store_says_so(path):
    """Using it after closing is an error of ours, not a traceback of SQLite's."""
    store = Sqlite(path)
    head = store.head(OPTS)
    store.close()
    assert isinstance(head, Head)
    with pytest.raises(StoreError, match="closed"):
        store.append(FIRST, StoreOptions())
