"""What every source keeps its word on."""

from pathlib import Path
from typing import Any

import pytest
from zope.interface.verify import verifyObject

from nlprec.errors import DataError
from nlprec.interfaces import ISource
from nlprec.kit.events import Batch, pack, unpack
from nlprec.kit.io.records import BATCH
from nlprec.kit.options import Options


def records(source: Any) -> list[str]:
    """Return every user, item and interaction of a source, as text (nan is not equal to itself)."""
    return [
        repr(each) for batch in source.read(Options()) for each in (*batch.users, *batch.items, *batch.interactions)
    ]


def dirt(source: Any) -> list[Any]:
    """Return every dirty record of a source."""
    return [each for batch in source.read(Options()) for each in batch.dirt]


class SourceContract:
    """
    Inherit, set ``component``, and say how to make a small source in a folder, how to change it, how to soil it, and
    what a missing one is.
    """

    component: type

    def make(self, folder: Path) -> Any:
        """Write a small clean source with items and interactions into an empty folder; return its component."""
        raise NotImplementedError

    def change(self, folder: Path) -> None:
        """Change one record of what ``make`` wrote."""
        raise NotImplementedError

    def soil(self, folder: Path) -> None:
        """Add one record that cannot be used to what ``make`` wrote."""
        raise NotImplementedError

    def missing(self, folder: Path) -> Any:
        """Return a component whose files are not there."""
        raise NotImplementedError

    def test_it_implements_its_interface(self, tmp_path: Path) -> None:
        """The object provides ISource."""
        assert verifyObject(ISource, self.make(tmp_path))

    def test_it_reads_clean_batches(self, tmp_path: Path) -> None:
        """Batches of bounded size, with items and interactions, without dirt."""
        batches = list(self.make(tmp_path).read(Options()))
        assert all(isinstance(batch, Batch) and 0 < len(batch) <= BATCH for batch in batches)
        assert (any(batch.items for batch in batches), any(batch.interactions for batch in batches)) == (True, True)
        assert [batch.dirt for batch in batches] == [()] * len(batches)

    def test_reading_twice_gives_the_same(self, tmp_path: Path) -> None:
        """The same records in the same order."""
        source = self.make(tmp_path)
        assert records(source) == records(source)

    def test_batches_can_be_archived(self, tmp_path: Path) -> None:
        """Plain values only: packed and unpacked they are what they were."""
        for batch in self.make(tmp_path).read(Options()):
            assert repr(unpack(pack(batch))) == repr(batch)

    def test_ids_and_texts_are_texts(self, tmp_path: Path) -> None:
        """Also where the source has numbers."""
        batches = list(self.make(tmp_path).read(Options()))
        values = [
            value
            for batch in batches
            for each in batch.interactions
            for value in (each.user, each.item, each.kind, each.text)
        ]
        values += [
            value
            for batch in batches
            for each in batch.items
            for value in (each.id, each.title, each.body, *each.categories)
        ]
        assert {type(value) for value in values} == {str}

    def test_the_fingerprint_stays(self, tmp_path: Path) -> None:
        """Unchanged content, unchanged name, also for a new object."""
        source = self.make(tmp_path)
        assert (
            source.fingerprint()
            == type(source)(**{name: getattr(source, name) for name in fields_of(source)}).fingerprint()
        )

    def test_the_fingerprint_changes_with_the_content(self, tmp_path: Path) -> None:
        """One changed record, another name."""
        source = self.make(tmp_path)
        before, held = source.fingerprint(), records(source)
        self.change(tmp_path)
        assert records(source) != held
        assert source.fingerprint() != before

    def test_a_dirty_record_is_dirt(self, tmp_path: Path) -> None:
        """It is told with its place and reason, and costs no other record."""
        source = self.make(tmp_path)
        clean = records(source)
        self.soil(tmp_path)
        found = dirt(source)
        assert (len(found), records(source)) == (1, clean)
        assert (found[0].reason != "", len(found[0].record) <= 200) == (True, True)
        file, _, line = found[0].place.rpartition(":")
        assert (file != "", line.isdigit()) == (True, True)

    def test_a_missing_source_is_told(self, tmp_path: Path) -> None:
        """Reading and naming it fail with DataError, which says where it should have been."""
        source = self.missing(tmp_path)
        for ask in (source.fingerprint, lambda: list(source.read(Options()))):
            with pytest.raises(DataError, match=str(tmp_path)):
                ask()


def fields_of(component: Any) -> list[str]:
    """Return the names of a component's hyperparameters."""
    return [each.name for each in component.__attrs_attrs__ if each.init]
