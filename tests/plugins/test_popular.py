"""Popular: summed weights that fade with time."""

import numpy as np
import pytest
from nlprec_plugins.recommenders.popular import Popular

from nlprec.kit.options import FitOptions
from nlprec.kit.units import Duration
from nlprec.testing.contracts import RecommenderContract
from nlprec.testing.data import DAY, START, dataset_of, tiny_dataset

OPTS = FitOptions()


class TestPopular(RecommenderContract):
    """It keeps the word of every recommender."""

    component = Popular
    personal = False


def test_without_decay_weights_are_summed():
    """Tea 1 + 1, coffee .5 + 1, cup 1 + 1, pot .2; nobody liked the others."""
    scores = Popular(half_life=Duration(0.0)).fit(tiny_dataset(), OPTS).scores
    assert scores.tolist() == pytest.approx([2.0, 1.5, 2.0, 0.2, np.nan, np.nan], nan_ok=True)


def test_a_half_life_halves():
    """With a half-life of 2 days, interactions 0, 2 and 4 days old count 1, 1/2 and 1/4."""
    rows = [("u", "a", 1.0, START), ("v", "a", 1.0, START + 2 * DAY), ("v", "b", 0.8, START + 4 * DAY)]
    scores = Popular(half_life=Duration(2 * DAY)).fit(dataset_of(rows), OPTS).scores
    assert scores.tolist() == pytest.approx([0.25 + 0.5, 0.8])


def test_what_has_no_time_counts_as_the_oldest():
    """An interaction without a time is as old as the oldest dated one."""
    rows = [("u", "a", 1.0, np.nan), ("v", "b", 1.0, START), ("v", "c", 1.0, START + DAY)]
    scores = Popular(half_life=Duration(DAY)).fit(dataset_of(rows), OPTS).scores
    assert scores.tolist() == pytest.approx([0.5, 0.5, 1.0])


def test_a_window_without_an_end_ends_with_its_last_interaction():
    """When ``now`` is unknown, age is counted from the latest interaction."""
    rows = [("u", "a", 1.0, START), ("v", "b", 1.0, START + DAY)]
    scores = Popular(half_life=Duration(DAY)).fit(dataset_of(rows, now=float("nan")), OPTS).scores
    assert scores.tolist() == pytest.approx([0.5, 1.0])


def test_very_old_is_still_better_than_never():
    """However small its weight has become, an item that was liked keeps a score."""
    rows = [("u", "old", 1.0, START), ("v", "new", 1.0, START + 20_000 * DAY)]
    scores = Popular(half_life=Duration(DAY)).fit(dataset_of(rows), OPTS).scores
    assert not np.isnan(scores).any()
