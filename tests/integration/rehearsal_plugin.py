"""A plugin for rehearsing trouble: a recommender that is slow to fit, slow to answer, or fails."""

import time

import numpy as np
from attrs import frozen
from zope.interface import implementer

from nlprec import hookimpl
from nlprec.errors import FitError
from nlprec.interfaces import IRecommender, IScorer


@implementer(IScorer)
@frozen(eq=False)
class SlowScores:
    """One score an item, and a wait before it is told."""

    scores: np.ndarray
    answer: float = 0.0  #: seconds

    def score(self, queries, opts):
        time.sleep(self.answer * (queries.n_queries < 10))  # evaluation asks in great batches: only questions wait
        return np.broadcast_to(self.scores, (queries.n_queries, len(self.scores)))

    def state(self):
        return {"scores": self.scores, "answer": np.array([self.answer])}

    @classmethod
    def restore(cls, state):
        return cls(state["scores"], float(state["answer"][0]))


@implementer(IRecommender)
@frozen
class Rehearsal:
    """Counts interactions, in its own time."""

    name = "test.rehearsal"
    revision = 1
    fit_takes: float = 0.0  #: seconds
    answer_takes: float = 0.0  #: seconds
    fails: bool = False

    def fit(self, data, opts):
        if self.fails:
            raise FitError("this recommender was told to fail")
        time.sleep(self.fit_takes)
        return SlowScores(data.n_item_events.astype(np.float32), self.answer_takes)


@hookimpl
def nlprec_components():
    return [Rehearsal]
