"""Weighted: deviations from the query's mean, in units of its spread."""

import numpy as np
import pytest
from nlprec_plugins.blenders.weighted import Weighted

from nlprec.kit.ranking import total
from nlprec.testing.contracts import BlenderContract
from nlprec.testing.contracts._blenders import NAN, OPTS


class TestWeighted(BlenderContract):
    """It keeps the word of every blender."""

    component = Weighted


def blended(inputs, **scores):
    """Return the final scores of one query."""
    arrays = {name: np.array([row], np.float32) for name, row in scores.items()}
    return total(Weighted(inputs=inputs).blend(arrays, OPTS))[0].tolist()


def test_hand_worked():
    """Scores 1, 2, 3 are -sqrt 1.5, 0, sqrt 1.5 deviations from their mean; twice that with weight 2."""
    side = 2 * 1.5**0.5
    assert blended({"a": 2.0}, a=[1, 2, 3, NAN]) == pytest.approx([-side, 0, side, NAN], nan_ok=True)


def test_not_knowing_is_the_mean():
    """An item that only "a" knows stands where one stands that "b" finds neither better nor worse than others."""
    found = blended({"a": 1.0, "b": 1.0}, a=[1, 2, 3, 3], b=[1, 5, 3, NAN])
    assert found[3] == pytest.approx(found[2])


def test_an_item_below_the_mean_of_its_only_source_loses_to_one_above():
    """An item known to one source alone is judged by that source: below its mean it loses, above it wins."""
    low, high = blended({"a": 1.0, "b": 1.0}, a=[NAN, NAN, 1, 2, 3], b=[1, 9, 5, 5, 5])[:2]
    assert low < 0 < high


def test_scale_and_origin_do_not_count():
    """Scores times a thousand plus seven blend alike."""
    assert blended({"a": 1.0}, a=[1007, 2007, 3007]) == pytest.approx(blended({"a": 1.0}, a=[1, 2, 3]), abs=1e-4)


def test_hardly_different_is_not_different():
    """Scores that differ by rounding alone are not blown up to whole deviations."""
    assert blended({"a": 1.0}, a=[1e6, 1e6 + 0.06, 1e6]) == pytest.approx([0, 0, 0])
