"""What ``check --data`` finds, check by check."""

import math

import pytest
from attrs import frozen

from nlprec.cli.checks import every_check, examine
from nlprec.cli.checks.counts import Counts
from nlprec.cli.checks.dirt import DirtyRecords
from nlprec.cli.checks.events import RepeatedEvents, odd_ratings, undated, wrong_times
from nlprec.cli.checks.items import ItemsWithoutText, RepeatedItems, UnknownItems
from nlprec.kit.events import Batch, Dirt, Interaction, Item, User

NOW = 1_700_000_000.0


def event(user="u", item="i", kind="view", **more):
    """Return an interaction."""
    return Interaction(user, item, kind, **{"time": NOW, **more})


def found(check, *batches):
    """Return (count, first) of each thing a check found."""
    for batch in batches:
        check.see(batch)
    return [(each.count, each.first) for each in check.findings()]


CASES = {
    "repeated items": (RepeatedItems, Batch(items=(Item("a"), Item("b"), Item("a"))), (1, "a")),
    "no text": (ItemsWithoutText, Batch(items=(Item("a"), Item("b", title="B"), Item("c", body="C"))), (1, "a")),
    "repeated events": (RepeatedEvents, Batch(interactions=(event(), event(), event(kind="buy"))), (1, "u view i")),
    "undated": (undated, Batch(interactions=(event(), event(kind="buy", time=math.nan))), (1, "u buy i")),
    "early": (lambda: wrong_times(NOW), Batch(interactions=(event(), event("v", time=1970.0))), (1, "v view i")),
    "late": (lambda: wrong_times(NOW), Batch(interactions=(event("v", time=NOW + 90_000),)), (1, "v view i")),
    "scale": (odd_ratings, Batch(interactions=(event(kind="rating", value=8.0), event(value=90.0))), (1, "u rating i")),
    "low": (odd_ratings, Batch(interactions=(event(kind="review", value=-1.0),)), (1, "u review i")),
}


@pytest.mark.parametrize("case", CASES)
def test_odd_records_are_counted_and_the_first_is_named(case):
    """Each check counts what is odd, and nothing else."""
    check, batch, expected = CASES[case]
    assert [expected] == found(check(), batch)


def test_undescribed_items():
    """A description may come after the interaction; items nobody describes are told."""
    events, items = Batch(interactions=(event(item="a"), event(item="b"), event("v", "b"))), Batch(items=(Item("a"),))
    assert found(UnknownItems(), events, items) == [(2, "u view b")]


def test_no_descriptions_at_all():
    """Where no item is described, none is missed."""
    assert found(UnknownItems(), Batch(interactions=(event(),))) == [(0, "")]


def test_dirt_by_reason():
    """Dirt comes by reason, the commonest first, each with its first place and record."""
    batch = Batch(dirt=(Dirt("x:1", "no user"), Dirt("x:2", "not JSON", "{"), Dirt("x:9", "not JSON", "[")))
    assert found(DirtyRecords(), batch) == [(2, "x:2: {"), (1, "x:1: ")]


def test_counts():
    """Ids are counted once, whether described or met; kinds and the span of time are told."""
    counts = Counts()
    counts.see(
        Batch(users=(User("u"),), items=(Item("a"),), interactions=(event(item="b", text="good"), event("v", "a")))
    )
    expected = {
        "counts": {"users": 2, "items": 2, "interactions": 2, "reviews": 1},
        "kinds": {"view": 2},
        "times": ["2023-11-14", "2023-11-14"],
    }
    assert expected == counts.plain()


def test_no_times():
    """Without a dated interaction there is no span."""
    assert Counts().plain()["times"] == []


def test_every_check_has_something_to_say():
    """A batch with every fault is found by every check."""
    faults = (event(item="x", time=math.nan), event(item="x", time=math.nan), event(time=5.0, kind="rating", value=9.0))
    batch = Batch(items=(Item("i"), Item("i")), interactions=faults, dirt=(Dirt("x:1", "not JSON"),))
    assert [type(check).__name__ for check in every_check() if not sum(count for count, _ in found(check, batch))] == []


@frozen
class OneBatch:
    """A source of one batch."""

    batch: Batch

    def read(self, opts):
        """Yield the batch."""
        yield self.batch


def test_clean_data_has_no_findings():
    """Nothing odd, nothing told."""
    batch = Batch(items=(Item("i", title="I"),), interactions=(event(),))
    assert examine("one", OneBatch(batch))["findings"] == []
