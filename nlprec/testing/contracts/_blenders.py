"""What every blender promises: contributions that add up, and no input's vote lost."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from zope.interface.verify import verifyObject

from nlprec.interfaces import IBlender
from nlprec.kit.options import ScoreOptions
from nlprec.kit.ranking import top, total
from nlprec.registry import verify
from nlprec.testing.data import arrays_of, same

OPTS = ScoreOptions()
NAN = np.nan


def example() -> dict[str, np.ndarray]:
    """
    Return scores of two inputs for four queries of five items.

    0: both put item 0 first. 1: only "a" knows items 0..2, only "b" items 3 and 4. 2: "b" says nothing. 3: nobody does.
    """
    a = [[5, 4, 3, 2, 1], [3, 2, 1, NAN, NAN], [1, 5, 2, NAN, 3], [NAN] * 5]
    b = [[0.9, 0.1, 0.5, NAN, 0.2], [NAN, NAN, NAN, 9, 8], [NAN] * 5, [NAN] * 5]
    return {"a": np.array(a, np.float32), "b": np.array(b, np.float32)}


class BlenderContract:
    """Inherit it and name the component: ``class TestRrf(BlenderContract): component = Rrf``."""

    component: Any
    options: ClassVar[Mapping[str, Any]] = {}  #: fields beside ``inputs``
    inputs: ClassVar[Mapping[str, float]] = {"a": 1.0, "b": 0.5}

    def make(self, inputs: Mapping[str, float] | None = None) -> Any:
        """Return a new component over these inputs."""
        return self.component(inputs=dict(self.inputs if inputs is None else inputs), **self.options)

    def blend(self, scores: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Return the contributions to a blend."""
        return dict(self.make().blend(scores, OPTS))

    def test_the_component_fits_its_interface(self) -> None:
        """The registry takes it, and an instance is what it says."""
        verify(type(self.make()), "blender")
        assert verifyObject(IBlender, self.make())

    def test_inputs_are_what_it_was_given(self) -> None:
        """``inputs`` maps recommenders to weights."""
        assert dict(self.make().inputs) == dict(self.inputs)

    def test_every_input_contributes(self) -> None:
        """There is float32 [query, item] for each input, never infinite."""
        parts = self.blend(example())
        assert {(name, array.dtype.str, array.shape) for name, array in parts.items()} == {
            (name, "<f4", (4, 5)) for name in self.inputs
        }
        assert not any(np.isinf(array).any() for array in parts.values())

    def test_no_vote_is_lost(self) -> None:
        """An item that any input knows has a blended score, one that none knows has none."""
        scores = example()
        known = ~np.isnan(scores["a"]) | ~np.isnan(scores["b"])
        assert (~np.isnan(total(self.blend(scores)))).tolist() == known.tolist()

    def test_an_input_contributes_only_to_what_it_knows(self) -> None:
        """Where an input says nothing its contribution is nan."""
        scores = example()
        assert all(np.isnan(part)[np.isnan(scores[name])].all() for name, part in self.blend(scores).items())

    def test_what_all_put_first_is_first(self) -> None:
        """The item that both inputs put first is first."""
        assert top(total(self.blend(example())), 1)[0][0].tolist() == [0]

    def test_one_voice_decides_alone(self) -> None:
        """Where only one input speaks, its order is the order."""
        assert top(total(self.blend(example())), 5)[0][2].tolist() == [1, 4, 2, 0, -1]

    def test_the_company_of_a_query_changes_nothing(self) -> None:
        """Alone or in another order a query gets the same contributions."""
        scores = example()
        whole = self.blend(scores)
        order = np.array([2, 0, 3, 1])
        turned = self.blend({name: array[order] for name, array in scores.items()})
        alone = self.blend({name: array[1:2] for name, array in scores.items()})
        assert all(np.array_equal(whole[name][order], turned[name], equal_nan=True) for name in whole)
        assert all(np.array_equal(whole[name][1:2], alone[name], equal_nan=True) for name in whole)

    def test_other_scores_are_not_looked_at(self) -> None:
        """Scores of a model that is no input change nothing."""
        scores = example()
        more = self.blend({**scores, "c": np.ones((4, 5), np.float32)})
        assert all(np.array_equal(part, more[name], equal_nan=True) for name, part in self.blend(scores).items())

    def test_blending_alters_nothing(self) -> None:
        """The scores are as they were; read-only ones will do."""
        scores = example()
        for array in scores.values():
            array.setflags(write=False)
        before = [part for array in scores.values() for part in arrays_of(array)]
        self.blend(scores)
        assert same(before, list(scores.values()))

    def test_no_queries_no_rows(self) -> None:
        """An empty set of queries is answered with no rows."""
        parts = self.blend({name: array[:0] for name, array in example().items()})
        assert [part.shape for part in parts.values()] == [(0, 5)] * len(self.inputs)

    def test_equal_scores_are_no_trouble(self) -> None:
        """An input that finds all items alike gives every item the same."""
        alike = self.blend({name: np.full((1, 5), 0.1, np.float32) for name in self.inputs})
        assert all(np.unique(part).size == 1 for part in alike.values())

    def test_weights_count(self) -> None:
        """Inputs of opposite opinion are decided by the larger weight."""
        scores = {"a": np.array([[1, 2, 3]], np.float32), "b": np.array([[3, 2, 1]], np.float32)}
        first = [
            top(total(dict(self.make({"a": a, "b": b}).blend(scores, OPTS))), 1)[0][0, 0].item()
            for a, b in ((2.0, 1.0), (1.0, 2.0))
        ]
        assert first == [2, 0]
