"""
Recommenders that go wrong on purpose, so that an operator can rehearse failures from YAML.

Put the path of this file into ``plugins.paths`` and name one: ``{use: testing.failing, how: crash}``.
"""

import os
import signal
import sys
import time

import numpy as np
from attrs import field, frozen
from attrs.validators import ge, in_, le
from zope.interface import implementer

from nlprec import hookimpl
from nlprec.errors import FitError
from nlprec.interfaces import IRecommender
from nlprec.kit.dataset import Dataset
from nlprec.kit.options import FitOptions
from nlprec.kit.scorers import ItemScores

WAYS = ("error", "bug", "crash", "exit", "memory")
TICK = 0.05  #: seconds between two looks at the clock


@implementer(IRecommender)
@frozen
class Slow:
    """Takes its time, then recommends what is popular."""

    name = "testing.slow"
    seconds: float = field(default=60.0, validator=ge(0))  #: how long a fit takes
    deaf: bool = False  #: true: never looks at the time limit, so that only the runner can stop it

    def fit(self, data: Dataset, opts: FitOptions) -> ItemScores:
        """
        Wait, report progress, and count.

        Raises:
            JobTimedOut: the time limit was reached, and it is not deaf.
        """
        start = time.monotonic()
        while (spent := time.monotonic() - start) < self.seconds:
            if not self.deaf:
                opts.check_deadline()
            opts.progress(spent / self.seconds, "taking its time")
            time.sleep(min(TICK, self.seconds - spent))
        return counted(data)


@implementer(IRecommender)
@frozen
class Failing:
    """
    Never fits. How it fails is a choice:

    ``error`` raises FitError · ``bug`` raises ZeroDivisionError · ``crash`` kills its own process by a signal ·
    ``exit`` leaves its process with code 3 · ``memory`` raises MemoryError. Under ``run.runner: {use: inline}`` a crash
    takes the node with it, as a real one would.
    """

    name = "testing.failing"
    how: str = field(default="error", validator=in_(WAYS))  #: see above

    def fit(self, data: Dataset, opts: FitOptions) -> ItemScores:
        """
        Fail.

        Raises:
            FitError: when ``how`` is "error".
        """
        if self.how == "crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        if self.how == "exit":
            sys.exit(3)
        if self.how == "bug":
            raise ZeroDivisionError("a bug, made for rehearsal")
        if self.how == "memory":
            raise MemoryError("no memory, made for rehearsal")
        raise FitError("this recommender fails on purpose; take testing.failing out of train.recommenders")


@implementer(IRecommender)
@frozen
class Nan:
    """Recommends what is popular, but has nothing to say about a share of the items."""

    name = "testing.nan"
    share: float = field(default=1.0, validator=[ge(0.0), le(1.0)])  #: of the items, the first ones

    def fit(self, data: Dataset, opts: FitOptions) -> ItemScores:
        """Count, then forget."""
        scores = counted(data).scores.copy()
        scores[: int(np.ceil(self.share * data.n_items))] = np.nan
        return ItemScores(scores)


def counted(data: Dataset) -> ItemScores:
    """Return the summed weight of each item."""
    return ItemScores(np.bincount(data.item, data.weight, minlength=data.n_items))


@hookimpl
def nlprec_components() -> list[type]:
    """Offer the rehearsals."""
    return [Slow, Failing, Nan]
