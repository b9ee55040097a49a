"""Rrf: only ranks count."""

import numpy as np
import pytest
from nlprec_plugins.blenders.rrf import Rrf

from nlprec.testing.contracts import BlenderContract
from nlprec.testing.contracts._blenders import NAN, OPTS, example


class TestRrf(BlenderContract):
    """It keeps the word of every blender."""

    component = Rrf


def test_hand_worked():
    """With damping 60 the ranks 1, 3, 2, none, 4 of weight .5 give .5/61, .5/63, .5/62, nothing, .5/64."""
    scores = example()
    scores["b"][0] = [0.9, 0.1, 0.5, NAN, 0.05]
    part = Rrf(inputs={"a": 1.0, "b": 0.5}).blend(scores, OPTS)["b"][0]
    assert part.tolist() == pytest.approx([0.5 / 61, 0.5 / 63, 0.5 / 62, NAN, 0.5 / 64], nan_ok=True)


def test_scale_does_not_count():
    """Scores times a thousand blend alike."""
    scores = example()
    larger = {"a": scores["a"] * 1000, "b": scores["b"]}
    blender = Rrf(inputs={"a": 1.0, "b": 0.5})
    assert np.array_equal(blender.blend(scores, OPTS)["a"], blender.blend(larger, OPTS)["a"], equal_nan=True)


def test_equal_scores_get_equal_parts():
    """Items that an input cannot tell apart share the mean of their ranks; their index does not count."""
    part = Rrf(inputs={"a": 1.0}, damping=1.0).blend({"a": np.array([[0, 2, 0, 0]], np.float32)}, OPTS)["a"]
    assert part[0].tolist() == pytest.approx([1 / 4, 1 / 2, 1 / 4, 1 / 4])


def test_the_reference_example():
    """
    Three inputs rank four documents; the fused order is d1, d2, d4, d3.

    1/61 + 1/62 + 1/61 for d1, 1/62 + 1/61 + 1/63 for d2, 1/63 + 1/64 for d3, 1/63 + 1/62 for d4, as eq. 1 of Cormack
    et al. 2009 has it with k = 60.
    """
    a, b, c = [4, 3, 2, NAN], [3, 4, 1, 2], [4, 2, NAN, 3]
    scores = {name: np.array([row], np.float32) for name, row in zip("abc", (a, b, c), strict=True)}
    parts = Rrf(inputs={"a": 1.0, "b": 1.0, "c": 1.0}).blend(scores, OPTS)
    expected = [1 / 61 + 1 / 62 + 1 / 61, 1 / 62 + 1 / 61 + 1 / 63, 1 / 63 + 1 / 64, 1 / 63 + 1 / 62]
    assert np.nansum([part[0] for part in parts.values()], axis=0).tolist() == pytest.approx(expected)
