"""The rehearsals: recommenders that go wrong on purpose, by YAML name."""

import time
from pathlib import Path

import numpy as np
import pytest

import nlprec.testing
from nlprec.errors import FitError, JobTimedOut
from nlprec.host import PluginHost
from nlprec.kit.options import FitOptions
from nlprec.testing.contracts._preparers import mixed
from nlprec.testing.fakes import Failing, Nan, Slow

FILE = Path(nlprec.testing.__path__[0]) / "fakes.py"


def test_they_enter_by_the_public_door():
    """The file can be named in ``plugins.paths``."""
    host = PluginHost()
    host.load_paths([FILE])
    assert host.registry.names("recommender") == ["testing.failing", "testing.nan", "testing.slow"]


def test_slow_reports_and_then_fits():
    """A fit of no length at all is a count."""
    data = mixed()
    scores = Slow(seconds=0.0).fit(data, FitOptions()).scores
    assert scores.tolist() == np.bincount(data.item, data.weight, minlength=data.n_items).tolist()


def test_slow_keeps_to_the_time_limit():
    """It raises when its deadline has passed; a deaf one goes on."""
    late = FitOptions(deadline=time.monotonic() - 1)
    with pytest.raises(JobTimedOut):
        Slow(seconds=0.01).fit(mixed(), late)
    assert Slow(seconds=0.01, deaf=True).fit(mixed(), late) is not None


@pytest.mark.parametrize(
    ("how", "error"), [("error", FitError), ("bug", ZeroDivisionError), ("exit", SystemExit), ("memory", MemoryError)]
)
def test_failing_fails_as_told(how, error):
    """Each way has its own exception."""
    with pytest.raises(error):
        Failing(how=how).fit(mixed(), FitOptions())


def test_an_unknown_way_to_fail_is_refused():
    """A word that is none of them is a mistake of the settings."""
    with pytest.raises(ValueError, match="how"):
        Failing(how="quietly")


def test_nan_has_nothing_to_say():
    """About all items, or about a share of them."""
    whole, half = Nan().fit(mixed(), FitOptions()).scores, Nan(share=0.5).fit(mixed(), FitOptions()).scores
    assert (np.isnan(whole).all(), int(np.isnan(half).sum())) == (True, int(np.ceil(mixed().n_items / 2)))
