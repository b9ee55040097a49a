"""Items: described twice, without text, or not described at all."""

import collections
from collections.abc import Iterator

from attrs import define, field

from nlprec.cli.checks.finding import Finding, words
from nlprec.kit.events import Batch


@define
class RepeatedItems:
    """Items described more than once."""

    _described: collections.Counter[str] = field(factory=collections.Counter)

    def see(self, batch: Batch) -> None:
        """Count descriptions."""
        self._described.update(item.id for item in batch.items)

    def findings(self) -> Iterator[Finding]:
        """Tell how many, and the first."""
        twice = [name for name, count in self._described.items() if count > 1]
        yield Finding("items described more than once", len(twice), "".join(twice[:1]), "the last description counts")


@define
class ItemsWithoutText:
    """Items that have neither a title nor a body."""

    _found: list[str] = field(factory=list)

    def see(self, batch: Batch) -> None:
        """Look at the texts."""
        self._found.extend(item.id for item in batch.items if not item.title and not item.body)

    def findings(self) -> Iterator[Finding]:
        """Tell how many, and the first."""
        yield Finding(
            "items without any text", len(self._found), "".join(self._found[:1]), "content knows nothing of them"
        )


@define
class UnknownItems:
    """Interactions with items nobody described, where items are described at all."""

    _described: set[str] = field(factory=set)
    _met: collections.Counter[str] = field(factory=collections.Counter)
    _first: dict[str, str] = field(factory=dict)

    def see(self, batch: Batch) -> None:
        """Note which items are described and which are met; descriptions may come later."""
        self._described.update(item.id for item in batch.items)
        for event in batch.interactions:
            self._met[event.item] += 1
            if event.item not in self._first:
                self._first[event.item] = words(event)

    def findings(self) -> Iterator[Finding]:
        """Tell how many interactions, and the first."""
        strange = [name for name in self._met if name not in self._described] if self._described else []
        first = self._first[strange[0]] if strange else ""
        count = sum(self._met[name] for name in strange)
        yield Finding(
            "interactions with items that are not described", count, first, "they are recommended without title"
        )
