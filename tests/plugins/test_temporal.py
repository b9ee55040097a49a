"""A cut in time: what came before is learnt from, what came after judges."""

import numpy as np
import pytest
from nlprec_plugins.splitters.temporal import Temporal

from nlprec.errors import EmptyDataset
from nlprec.kit.dataset import TEST, TRAIN, UNUSED
from nlprec.kit.events import Interaction
from nlprec.kit.options import Options
from nlprec.kit.units import Duration
from nlprec.testing.contracts._preparers import prepared
from nlprec.testing.contracts._splitters import SplitterContract

DAY = 86_400.0


class TestTemporal(SplitterContract):
    """It keeps the word of every splitter."""

    component = Temporal


class TestTemporalPerUser(SplitterContract):
    """So does the cut of each user's own."""

    def make(self, folder):
        """Return the variant."""
        return Temporal(per_user=True)


def days(*times, weight=None):
    """Return a dataset of one user's interactions on these days (none: no time)."""
    events = [
        Interaction("a", str(at), time=float("nan") if day is None else day * DAY) for at, day in enumerate(times)
    ]
    data = prepared(events)
    return data if weight is None else data.evolve(weight=np.array(weight, np.float32))


def split(data, **fields):
    """Return the parts and the cut in days."""
    found = Temporal(**fields).split(data, Options())
    return found.part.tolist(), found.cut / DAY


def test_a_length_of_time():
    """The last two days from the last interaction; the cut itself is held out."""
    assert split(days(0, 5, 7.9, 8, 10), test=Duration(2 * DAY)) == ([TRAIN, TRAIN, TRAIN, TEST, TEST], 8.0)


def test_a_share():
    """The last fifth of ten interactions: two."""
    assert split(days(*range(10))) == ([TRAIN] * 8 + [TEST] * 2, 8.0)


def test_what_happened_at_one_moment_stays_together():
    """A cut never runs through a moment: what is as late as the cut is held out with it."""
    assert split(days(0, 1, 2, 3, 3, 3), share=0.2)[0] == [TRAIN, TRAIN, TRAIN, TEST, TEST, TEST]


def test_what_has_no_time_is_learnt_from():
    """It cannot be later than the cut."""
    assert split(days(None, 0, 1), share=0.5)[0] == [TRAIN, TRAIN, TEST]


def test_what_is_not_liked_judges_nothing():
    """After the cut it is left unused, before it is learnt from."""
    assert split(days(0, 1, 2, 3, weight=[0, 1, 0, 1]), share=0.5) == ([TRAIN, TRAIN, UNUSED, TEST], 2.0)


def test_every_user_has_a_cut_of_their_own():
    """With ``per_user`` the last third of each, in time order, and no global cut."""
    events = [
        Interaction(user, str(at), time=start + at)
        for user, start in (("early", 0.0), ("late", 100.0))
        for at in range(3)
    ]
    found = Temporal(share=1 / 3, per_user=True).split(prepared(events), Options())
    assert (found.part.tolist(), np.isnan(found.cut)) == ([TRAIN, TRAIN, TEST] * 2, True)


def test_no_times_at_all_are_told():
    """With the splitter to use instead."""
    with pytest.raises(EmptyDataset, match=r"use split: \{use: leave_last\}"):
        split(days(None, None))


@pytest.mark.parametrize(
    ("fields", "match"),
    [({"test": Duration(30 * DAY)}, "nothing would be learnt from"), ({"share": 0.5}, "nothing would be held out")],
)
def test_an_empty_part_is_told(fields, match):
    """With the setting to change."""
    with pytest.raises(EmptyDataset, match=rf"{match} .* change prepare\.split\.test or share"):
        split(days(0, 1, 2, 3, weight=[1, 1, 0, 0]), **fields)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_share_of_nothing_or_all_is_refused(share):
    """There must be two parts."""
    with pytest.raises(ValueError, match="share"):
        Temporal(share=share)
