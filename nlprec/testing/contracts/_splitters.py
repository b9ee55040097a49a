"""What every splitter keeps its word on."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from zope.interface.verify import verifyObject

from nlprec.errors import EmptyDataset
from nlprec.interfaces import ISplitter
from nlprec.kit.dataset import TEST, TRAIN, UNUSED, Dataset, Split
from nlprec.kit.options import Options
from nlprec.testing.contracts._preparers import mixed, rows


def judged() -> Dataset:
    """Return the mixed dataset with some interactions that are not liked."""
    data = mixed()
    return data.evolve(weight=np.where(np.arange(data.n_events) % 4 == 1, 0, data.weight).astype(np.float32))


class SplitterContract:
    """Inherit, set ``component``, or say how to ``make`` it when it needs files."""

    component: type

    def make(self, folder: Path) -> Any:
        """Return the component; it may write files into an empty folder."""
        return self.component()

    @pytest.fixture
    def splitter(self, tmp_path: Path) -> Any:
        """Return the component."""
        return self.make(tmp_path)

    def test_it_implements_its_interface(self, splitter: Any) -> None:
        """The object provides ISplitter."""
        assert verifyObject(ISplitter, splitter)

    def test_every_interaction_has_a_part(self, splitter: Any) -> None:
        """An int8 for each, one of three; something is learnt from and something judges."""
        split = splitter.split(judged(), Options())
        assert (isinstance(split, Split), str(split.part.dtype), len(split.part)) == (True, "int8", judged().n_events)
        assert {TRAIN, TEST} <= set(split.part.tolist()) <= {TRAIN, TEST, UNUSED}

    def test_only_what_is_liked_judges(self, splitter: Any) -> None:
        """An interaction of weight 0 is nothing a ranking should find."""
        data = judged()
        assert bool((data.weight[splitter.split(data, Options()).part == TEST] > 0).all())

    def test_nothing_is_learnt_from_after_the_cut(self, splitter: Any) -> None:
        """When there is a cut, it stands between what is learnt from and what judges."""
        data = judged()
        split = splitter.split(data, Options())
        if np.isnan(split.cut):
            return
        assert not (data.time[split.part == TRAIN] >= split.cut).any()
        assert bool((data.time[split.part == TEST] >= split.cut).all())

    def test_what_it_is_given_stays_as_it_was(self, splitter: Any) -> None:
        """The dataset is not altered."""
        data, same = judged(), judged()
        splitter.split(data, Options())
        assert (rows(data), data.weight.tolist()) == (rows(same), same.weight.tolist())

    def test_splitting_again_gives_the_same(self, splitter: Any) -> None:
        """No chance, no memory."""
        first, second = (splitter.split(judged(), Options()) for _ in range(2))
        assert (first.part.tolist(), repr(first.cut)) == (second.part.tolist(), repr(second.cut))

    @pytest.mark.parametrize("left", [0, 1])
    def test_too_little_is_told(self, splitter: Any, left: int) -> None:
        """Without an interaction for each part there is an error that says so, never an empty part."""
        data = judged()
        with pytest.raises(EmptyDataset):
            splitter.split(data.keep(np.arange(left)), Options())

    def test_nothing_liked_is_told(self, splitter: Any) -> None:
        """When no interaction is liked, nothing can judge."""
        data = judged()
        with pytest.raises(EmptyDataset):
            splitter.split(data.evolve(weight=np.zeros(data.n_events, np.float32)), Options())
