"""What every store keeps its word on."""

import json
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from zope.interface.verify import verifyObject

from nlprec.interfaces import IStore
from nlprec.kit.events import Batch, Interaction, Item, Receipt, Snapshot, User
from nlprec.kit.options import StoreOptions

OPTS = StoreOptions()
FIRST = Batch(
    users=(User("ann", {"age": 30}, 5.0), User("bob")),
    items=(
        Item("tea", "Green tea", "From the hills.", ("drink", "green"), {"price": 3.5}, 7.0),
        Item("cup", "Cup", hidden=True),
    ),
    interactions=(
        Interaction("ann", "tea", "rating", 4.5, 100.0, "Lovely."),
        Interaction("cid", "cup", "view", time=50.0),
        Interaction("ann", "jug", "view", time=100.0),
    ),
)


def rows(snapshot: Snapshot) -> list[tuple[Any, ...]]:
    """Return the interactions of a snapshot as (user, item, kind, value, time, text), nan as None."""
    plain = [
        [None if value != value else value for value in column.tolist()] for column in (snapshot.value, snapshot.time)
    ]
    users = [snapshot.users[at] for at in snapshot.user.tolist()]
    items = [snapshot.items[at] for at in snapshot.item.tolist()]
    kinds = [snapshot.kinds[at] for at in snapshot.kind.tolist()]
    return list(zip(users, items, kinds, *plain, snapshot.review, strict=True))


def event(at: int, user: str = "ann") -> Interaction:
    """Return one of any number of different interactions."""
    return Interaction(user, "tea", "view", time=float(at))


class StoreContract:
    """
    Inherit, set ``component``; a store with a file of its own gives ``settings`` from a folder and sets ``durable``.
    """

    component: type
    durable: ClassVar[bool] = False  #: what was appended is there after closing and opening again

    def settings(self, folder: Path) -> Mapping[str, Any]:
        """Return the component's fields, for a store in this empty folder."""
        return {}

    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[Any]:
        """Return an empty store."""
        store = self.component(**self.settings(tmp_path))
        yield store
        store.close()

    def test_it_implements_its_interface(self, store: Any) -> None:
        """The object provides IStore."""
        assert verifyObject(IStore, store)

    def test_an_empty_store_has_an_empty_snapshot(self, store: Any) -> None:
        """Nothing is no error: no users, no items, no interactions, and nothing since."""
        snapshot = store.snapshot(OPTS)
        assert (snapshot.n_users, snapshot.n_items, snapshot.n_events, store.since(0, OPTS)[1]) == (0, 0, 0, [])

    def test_a_receipt_counts_what_was_added(self, store: Any) -> None:
        """Users, items and interactions that are new, and the head they lead to."""
        receipt = store.append(FIRST, OPTS)
        assert receipt == Receipt(2, 2, 3, 0, store.head(OPTS).sequence)

    def test_a_snapshot_holds_every_interaction_in_order_of_arrival(self, store: Any) -> None:
        """As it was sent; what was not said is nan or empty."""
        store.append(FIRST, OPTS)
        assert rows(store.snapshot(OPTS)) == [
            ("ann", "tea", "rating", 4.5, 100.0, "Lovely."),
            ("cid", "cup", "view", None, 50.0, ""),
            ("ann", "jug", "view", None, 100.0, ""),
        ]

    def test_ids_come_in_order_of_first_appearance(self, store: Any) -> None:
        """Those with records and those that only interactions name."""
        store.append(FIRST, OPTS)
        snapshot = store.snapshot(OPTS)
        assert (list(snapshot.users), list(snapshot.items)) == (["ann", "bob", "cid"], ["tea", "cup", "jug"])

    def test_a_snapshot_holds_texts_and_facts(self, store: Any) -> None:
        """An item that only interactions name has empty ones."""
        store.append(FIRST, OPTS)
        held = store.snapshot(OPTS)
        columns = (held.title, held.body, held.categories, held.item_attributes, held.hidden.tolist())
        assert list(zip(*columns, strict=True)) == [
            ("Green tea", "From the hills.", '["drink","green"]', '{"price":3.5}', False),
            ("Cup", "", "[]", "{}", True),
            ("", "", "[]", "{}", False),
        ]
        assert [json.loads(each) for each in held.user_attributes] == [{"age": 30}, {}, {}]
        assert np.array_equal(held.item_time, [7.0, np.nan, np.nan], equal_nan=True)

    def test_columns_have_their_types(self, store: Any) -> None:
        """A snapshot's arrays have the types it promises, empty or not."""
        wanted = {
            "user": "int32",
            "item": "int32",
            "kind": "int16",
            "value": "float32",
            "time": "float64",
            "item_time": "float64",
            "hidden": "bool",
        }
        empty = {name: str(getattr(store.snapshot(OPTS), name).dtype) for name in wanted}
        store.append(FIRST, OPTS)
        assert (empty, {name: str(getattr(store.snapshot(OPTS), name).dtype) for name in wanted}) == (wanted, wanted)

    def test_sending_twice_is_sending_once(self, store: Any) -> None:
        """Known interactions are counted, not added; the head does not move when nothing changed."""
        store.append(FIRST, OPTS)
        head, held = store.head(OPTS), rows(store.snapshot(OPTS))
        receipt = store.append(FIRST, OPTS)
        assert (receipt, store.head(OPTS), rows(store.snapshot(OPTS))) == (
            Receipt(0, 0, 0, 3, head.sequence),
            head,
            held,
        )

    def test_a_key_decides_what_is_the_same(self, store: Any) -> None:
        """Two interactions with one key are one, two without are told apart by what they say."""
        store.append(
            Batch(
                interactions=(Interaction("a", "x", key="k1"), Interaction("a", "y", key="k1"), Interaction("a", "y"))
            ),
            OPTS,
        )
        assert [(user, item) for user, item, *_ in rows(store.snapshot(OPTS))] == [("a", "x"), ("a", "y")]

    def test_a_named_batch_is_applied_once(self, store: Any) -> None:
        """The head lists its name; under that name nothing is added again, whatever it holds."""
        store.append(Batch(interactions=(event(1),), name="digest.0"), OPTS)
        store.append(Batch(interactions=(event(2),), name="digest.0"), OPTS)
        assert (store.head(OPTS).applied, store.snapshot(OPTS).n_events) == (frozenset({"digest.0"}), 1)

    def test_the_head_moves_with_every_change(self, store: Any) -> None:
        """Sequence grows and the name differs: after records, interactions, changes and deletions."""
        changes = [
            Batch(items=(Item("tea"),)),
            Batch(interactions=(event(1),)),
            Batch(items=(Item("tea", "Tea"),)),
            Batch(name="n"),
            Batch(deleted_items=("tea",)),
        ]
        heads = [store.head(OPTS)]
        for change in changes:
            store.append(change, OPTS)
            heads.append(store.head(OPTS))
        numbers = [head.sequence for head in heads]
        assert (numbers, len({head.name for head in heads})) == (sorted(set(numbers)), len(heads))

    def test_a_snapshot_knows_its_head(self, store: Any) -> None:
        """Its sequence is that of the head."""
        store.append(FIRST, OPTS)
        assert store.snapshot(OPTS).sequence == store.head(OPTS).sequence

    def test_records_are_replaced_whole(self, store: Any) -> None:
        """The last record of an id is the one that is kept; its place does not change."""
        store.append(FIRST, OPTS)
        receipt = store.append(Batch(items=(Item("tea", "Black tea"), Item("cup", "Cup", hidden=True))), OPTS)
        assert (receipt.items, list(store.snapshot(OPTS).title)) == (1, ["Black tea", "Cup", ""])

    def test_get_returns_records_in_the_order_asked(self, store: Any) -> None:
        """None for an id without a record, also when interactions name it; equal to what was sent."""
        store.append(FIRST, OPTS)
        assert store.get("item", ["cup", "none", "jug", "tea"], OPTS)[1:3] == [None, None]
        assert repr(store.get("item", ["cup", "tea"], OPTS)) == repr([FIRST.items[1], FIRST.items[0]])
        assert repr(store.get("user", ["cid", "bob", "ann", "bob"], OPTS)) == repr(
            [None, FIRST.users[1], FIRST.users[0], FIRST.users[1]]
        )

    def test_get_takes_many_ids(self, store: Any) -> None:
        """Thousands at once are fine."""
        store.append(FIRST, OPTS)
        assert [found is not None for found in store.get("item", [*map(str, range(3000)), "tea"], OPTS)] == [
            False
        ] * 3000 + [True]

    def test_a_record_may_come_after_its_interactions(self, store: Any) -> None:
        """An id that interactions named first gets its texts later, also empty ones."""
        store.append(FIRST, OPTS)
        receipt = store.append(Batch(items=(Item("jug"),)), OPTS)
        assert (receipt.items, repr(store.get("item", ["jug"], OPTS))) == (1, repr([Item("jug")]))

    def test_since_returns_what_came_later(self, store: Any) -> None:
        """Oldest first, at most the limit; going on from the returned number misses nothing and repeats nothing."""
        store.append(Batch(interactions=tuple(map(event, range(3)))), OPTS)
        middle = store.head(OPTS).sequence
        store.append(Batch(interactions=tuple(map(event, range(3, 8)))), OPTS)
        found: list[float] = []
        sequence = middle
        while True:
            sequence, some = store.since(sequence, StoreOptions(limit=2))
            found.extend(each.time for each in some)
            if not some:
                break
        assert (found, sequence) == ([3.0, 4.0, 5.0, 6.0, 7.0], store.head(OPTS).sequence)

    def test_since_returns_what_was_sent(self, store: Any) -> None:
        """Every field; an interaction that is sent again as it came is known."""
        store.append(FIRST, OPTS)
        found = store.since(0, OPTS)[1]
        fields = [repr((each.user, each.item, each.kind, each.value, each.time, each.text)) for each in found]
        assert fields == [
            repr((each.user, each.item, each.kind, each.value, each.time, each.text)) for each in FIRST.interactions
        ]
        assert store.append(Batch(interactions=tuple(found)), OPTS).known == 3

    def test_a_deleted_user_leaves_nothing(self, store: Any) -> None:
        """The record and all interactions go; others stay."""
        store.append(FIRST, OPTS)
        store.append(Batch(deleted_users=("ann", "nobody")), OPTS)
        snapshot = store.snapshot(OPTS)
        assert ([user for user, *_ in rows(snapshot)], list(snapshot.users), store.get("user", ["ann"], OPTS)) == (
            ["cid"],
            ["bob", "cid"],
            [None],
        )
        assert "ann" not in [each.user for each in store.since(0, OPTS)[1]]

    def test_a_deleted_item_leaves_nothing(self, store: Any) -> None:
        """The record and all interactions go; others stay."""
        store.append(FIRST, OPTS)
        store.append(Batch(deleted_items=("tea",)), OPTS)
        snapshot = store.snapshot(OPTS)
        assert ([item for _, item, *_ in rows(snapshot)], list(snapshot.items), store.get("item", ["tea"], OPTS)) == (
            ["cup", "jug"],
            ["cup", "jug"],
            [None],
        )

    def test_deleting_what_is_not_there_changes_nothing(self, store: Any) -> None:
        """No error, and the head stays."""
        store.append(FIRST, OPTS)
        head = store.head(OPTS)
        store.append(Batch(deleted_users=("nobody",), deleted_items=("nothing",)), OPTS)
        assert store.head(OPTS) == head

    def test_what_was_deleted_can_come_again(self, store: Any) -> None:
        """A user who returns starts anew."""
        store.append(FIRST, OPTS)
        store.append(Batch(deleted_users=("ann",)), OPTS)
        store.append(Batch(interactions=FIRST.interactions[:1]), OPTS)
        assert [(user, item) for user, item, *_ in rows(store.snapshot(OPTS))][-1] == ("ann", "tea")

    def test_text_of_any_script_survives(self, store: Any) -> None:
        """Ids, kinds and texts with emoji, quotes, line breaks and NUL come back as they were."""
        strange = ["東京", "naïve", '🎬 o\'clock "quoted"', "two\nlines", "a\x00b", "'; DROP TABLE event; --"]
        store.append(
            Batch(interactions=tuple(Interaction(each, each[::-1], "kind " + each, text=each) for each in strange)),
            OPTS,
        )
        found = [(user, item, kind, text) for user, item, kind, _, _, text in rows(store.snapshot(OPTS))]
        assert found == [(each, each[::-1], "kind " + each, each) for each in strange]

    def test_several_threads_may_append_and_read(self, store: Any) -> None:
        """Nothing is lost, nothing is there twice, and no reader sees half a batch."""
        halves: list[int] = []
        errors: list[BaseException] = []

        def work(name: str) -> None:
            try:
                for at in range(10):
                    store.append(Batch(interactions=(event(2 * at, name), event(2 * at + 1, name))), OPTS)
                    halves.append(store.snapshot(OPTS).n_events % 2)
            except Exception as error:  # a thread's failure is the test's
                errors.append(error)

        threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (errors, set(halves), len(set(rows(store.snapshot(OPTS))))) == ([], {0}, 80)

    def test_a_durable_store_is_the_same_after_opening_again(self, tmp_path: Path) -> None:
        """Head, snapshot and records survive closing."""
        if not self.durable:
            pytest.skip("this store does not promise to be durable")
        store = self.component(**self.settings(tmp_path))
        store.append(FIRST, OPTS)
        store.append(Batch(name="digest"), OPTS)
        head, held = store.head(OPTS), rows(store.snapshot(OPTS))
        store.close()
        again = self.component(**self.settings(tmp_path))
        found = (again.head(OPTS), rows(again.snapshot(OPTS)), again.get("item", ["tea"], OPTS))
        again.close()
        assert found == (head, held, [FIRST.items[0]])

    def test_two_stores_have_different_names(self, store: Any, tmp_path: Path) -> None:
        """A head names its store too: another store with the same contents has another name."""
        other_folder = tmp_path / "other"
        other_folder.mkdir()
        other = self.component(**self.settings(other_folder))
        for each in (store, other):
            each.append(FIRST, OPTS)
        names = {store.head(OPTS).name, other.head(OPTS).name}
        other.close()
        assert len(names) == 2
