"""What every preparer keeps its word on."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from zope.interface.verify import verifyObject

from nlprec.interfaces import IPreparer
from nlprec.kit.dataset import Dataset
from nlprec.kit.events import Interaction
from nlprec.kit.io.columns import build_snapshot
from nlprec.kit.options import Options
from nlprec.stages.prepare import from_snapshot


def prepared(events: Sequence[Interaction]) -> Dataset:
    """Return the dataset that the prepare stage starts from: in time order, every weight 1."""
    return from_snapshot(build_snapshot([], [], events, 0))


def mixed() -> Dataset:
    """
    Return a dataset with three kinds, values and none, times and none, repeats, and a user who is alone with an item.
    """
    rng = np.random.default_rng(5)
    events = [
        Interaction(f"user {user}", f"item {item}", kind, value, time)
        for user, item, kind, value, time in zip(
            rng.integers(0, 12, 150).tolist(),
            rng.integers(0, 9, 150).tolist(),
            rng.choice(["view", "rating", "dislike"], 150, p=[0.5, 0.45, 0.05]).tolist(),
            rng.choice([1.0, 3.5, 5.0, np.nan], 150).tolist(),
            np.where(rng.random(150) < 0.1, np.nan, rng.integers(0, 50, 150) * 86_400.0).tolist(),
            strict=True,
        )
    ]
    return prepared([*events, Interaction("alone", "rare", "view", time=9.0)])


def rows(data: Dataset) -> list[tuple[int, ...]]:
    """Return the interactions without their weights, as text where nan may be."""
    return list(
        zip(*(map(repr, getattr(data, name).tolist()) for name in Dataset.EVENTS if name != "weight"), strict=True)
    )


class PreparerContract:
    """Inherit, set ``component``, maybe ``settings``."""

    component: type
    settings: ClassVar[Mapping[str, Any]] = {}  #: fields of the component

    def prepare(self, data: Dataset, note: Any = None) -> Dataset:
        """Return what the component makes of a dataset."""
        opts = Options(note=note) if note is not None else Options()
        result: Dataset = self.component(**self.settings).prepare(data, opts)
        return result

    def test_it_implements_its_interface(self) -> None:
        """The object provides IPreparer."""
        assert verifyObject(IPreparer, self.component(**self.settings))

    def test_what_it_is_given_stays_as_it_was(self) -> None:
        """The dataset it returns is another one."""
        data, same = mixed(), mixed()
        self.prepare(data)
        assert (rows(data), data.weight.tolist()) == (rows(same), same.weight.tolist())

    def test_columns_keep_their_types_and_lengths(self) -> None:
        """Every column has one value for each interaction, of the promised type."""
        data = self.prepare(mixed())
        types = {name: str(getattr(data, name).dtype) for name in Dataset.EVENTS}
        assert types == {
            "user": "int32",
            "item": "int32",
            "weight": "float32",
            "value": "float32",
            "time": "float64",
            "kind": "int16",
        }
        assert {len(getattr(data, name)) for name in (*Dataset.EVENTS, "review")} == {data.n_events}

    def test_weights_are_finite_and_never_negative(self) -> None:
        """What is not liked weighs nothing; a preference is never below it."""
        weight = self.prepare(mixed()).weight
        assert bool((np.isfinite(weight) & (weight >= 0)).all())

    def test_interactions_keep_their_order(self) -> None:
        """What is left is a part of what came in, in the same order."""
        left = iter(rows(mixed()))
        assert all(row in left for row in rows(self.prepare(mixed())))

    def test_users_and_items_keep_their_indices(self) -> None:
        """Vocabularies and the catalogue stay whole: what has no interaction left may still have texts."""
        data, before = self.prepare(mixed()), mixed()
        assert (list(data.users.ids), list(data.items.ids)) == (list(before.users.ids), list(before.items.ids))
        assert len(data.catalogue.title) == data.n_items

    def test_doing_it_again_gives_the_same(self) -> None:
        """No chance, no memory."""
        first, second = self.prepare(mixed()), self.prepare(mixed())
        assert (rows(first), first.weight.tolist()) == (rows(second), second.weight.tolist())

    def test_nothing_stays_nothing(self) -> None:
        """A dataset without interactions is no error here: the stage says which step left nothing."""
        data = mixed()
        assert self.prepare(data.keep(np.zeros(data.n_events, bool))).n_events == 0

    def test_it_notes_what_it_did(self) -> None:
        """The data report learns what was dropped or changed, with counts."""
        notes: list[tuple[str, dict[str, Any]]] = []
        self.prepare(mixed(), lambda message, **counts: notes.append((message, counts)))
        assert notes
        assert all(message and counts for message, counts in notes)
