"""train -> Model: fit one recommender on one window."""

from typing import Any

import numpy as np
from zope.interface.exceptions import Invalid
from zope.interface.verify import verifyObject

from nlprec.bench import Bench, Made, place
from nlprec.errors import FitError
from nlprec.interfaces import IScorer
from nlprec.kit.dataset import Dataset
from nlprec.kit.features import Features
from nlprec.kit.options import FitOptions, ScoreOptions
from nlprec.kit.ranking import Queries
from nlprec.kit.windows import load_window

PROBES = 8  #: users scored once, to refuse a model that cannot


def run(bench: Bench) -> Made:
    """
    Fit, check what came back, and keep its state.

    Returns:
        the scorer's state; meta says which class reads it.

    Raises:
        FitError: what ``fit`` returned is no scorer, holds infinities, or scores a wrong shape.
    """
    recipe = bench.settings["recommender"]
    data = load_window(bench.load("dataset"), bench.settings["window"])
    features = Features.restore(dict(bench.load("features").arrays)) if "features" in bench.inputs else None
    opts = bench.options(FitOptions, "train", recipe["use"], features=features)
    scorer = bench.component("recommender", recipe).fit(data, opts)
    try:
        verifyObject(IScorer, scorer)
    except Invalid as error:
        raise FitError(
            f"recommender '{recipe['use']}' returned no IScorer: {' '.join(str(error).split())}",
            component=recipe["use"],
        ) from error
    state = dict(scorer.state())
    for name, array in state.items():
        if array.dtype.kind == "f" and np.isinf(array).any():
            raise FitError(
                f"recommender '{recipe['use']}': {name} is not finite; use more regularisation", component=recipe["use"]
            )
    _probe(bench, scorer, data, recipe["use"])
    return Made("model", state, {"scorer": place(scorer), "recommender": recipe["use"]})


def _probe(bench: Bench, scorer: Any, data: Dataset, name: str) -> None:
    users = np.unique(data.user)[:PROBES]
    queries = Queries.of_users(data, users)
    scores = scorer.score(queries, bench.options(ScoreOptions, "probe", name))
    if scores.shape != (len(users), queries.n_items):
        raise FitError(
            f"recommender '{name}' scores {scores.shape} where {(len(users), queries.n_items)} was asked",
            component=name,
        )
    if np.isinf(scores).any():
        raise FitError(f"recommender '{name}' gives infinite scores; use more regularisation", component=name)
    if len(users) and np.isnan(scores).all():
        raise FitError(
            f"recommender '{name}' gives no score to any of {len(users)} known users; it would recommend nothing",
            component=name,
        )
