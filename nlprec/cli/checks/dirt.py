"""Records that could not be used."""

from collections.abc import Iterator

from attrs import define, field

from nlprec.cli.checks.finding import Finding
from nlprec.kit.events import Batch


@define
class DirtyRecords:
    """Dirt by reason, each with its first place and record."""

    _first: dict[str, str] = field(factory=dict)
    _count: dict[str, int] = field(factory=dict)

    def see(self, batch: Batch) -> None:
        """Count the batch's dirt."""
        for dirt in batch.dirt:
            self._first.setdefault(dirt.reason, f"{dirt.place}: {dirt.record}")
            self._count[dirt.reason] = self._count.get(dirt.reason, 0) + 1

    def findings(self) -> Iterator[Finding]:
        """Tell each reason, the commonest first."""
        for reason, count in sorted(self._count.items(), key=lambda pair: -pair[1]):
            yield Finding(f"unusable records: {reason}", count, self._first[reason], "left out")
