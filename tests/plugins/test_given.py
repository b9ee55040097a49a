"""A fixed split from a second file."""

import numpy as np
import pytest
from nlprec_plugins.splitters.given import Given

from nlprec.errors import DataError, EmptyDataset
from nlprec.kit.dataset import TEST, TRAIN, UNUSED
from nlprec.kit.events import Interaction
from nlprec.kit.options import Options
from nlprec.testing.contracts._preparers import prepared
from nlprec.testing.contracts._splitters import SplitterContract, judged


class TestGiven(SplitterContract):
    """It keeps the word of every splitter."""

    component = Given

    def make(self, folder):
        """List every fifth interaction; ids of the contract's data have blanks, so commas would not part them."""
        data = judged()
        lines = [f"{data.users.id(data.user[at])}\t{data.items.id(data.item[at])}" for at in range(0, data.n_events, 5)]
        (folder / "test.tsv").write_text("\n".join(lines))
        return Given(folder / "test.tsv")


DATA = prepared(
    [Interaction(word[0], word[1], time=float(at)) for at, word in enumerate(["a1", "a2", "b1", "b2", "a1"])]
)


def split(tmp_path, text, data=DATA, **fields):
    """Return the parts and the note's counts."""
    (tmp_path / "test.txt").write_text(text)
    notes = []
    part = (
        Given(tmp_path / "test.txt", **fields).split(data, Options(note=lambda _, **counts: notes.append(counts))).part
    )
    return part.tolist(), notes


@pytest.mark.parametrize("text", ["a 1\nb 2\n", "a,1\nb,2\n", "a\t1\nb\t2", "a\t1 \n\nb , 2\n"])
def test_pairs_are_held_out(tmp_path, text):
    """Blanks, commas or tabs; every interaction of a listed pair, also its repeats."""
    assert split(tmp_path, text)[0] == [TEST, TRAIN, TRAIN, TEST, TEST]


def test_a_line_may_list_several_items(tmp_path):
    """The form of LightGCN: a user and all held-out items."""
    assert split(tmp_path, "a 1 2\n")[0] == [TEST, TEST, TRAIN, TRAIN, TEST]


def test_with_pairs_the_rest_of_a_line_does_not_count(tmp_path):
    """The form of MovieLens and MCRec: user, item, rating, time."""
    assert split(tmp_path, "a 1 2 881250949\n", pairs=True)[0] == [TEST, TRAIN, TRAIN, TRAIN, TEST]


def test_pairs_that_are_not_in_the_data_are_counted(tmp_path):
    """Unknown users and items, and known ones that never met."""
    data = prepared([Interaction("a", "1"), Interaction("a", "2"), Interaction("b", "1")])
    assert split(tmp_path, "a 1\nb 2\nzoe 1\na 99\n", data)[1] == [{"listed": 4, "unknown": 3, "held_out": 1}]


def test_what_is_not_liked_is_unused(tmp_path):
    """A listed pair of weight 0 judges nothing and is not learnt from."""
    data = DATA.evolve(weight=np.array([1, 1, 0, 1, 1], np.float32))
    assert split(tmp_path, "a 1\nb 1\n", data)[0] == [TEST, TRAIN, UNUSED, TRAIN, TEST]


def test_ids_of_something_else_are_told(tmp_path):
    """When no pair is known, the files do not belong together."""
    with pytest.raises(EmptyDataset, match="are its ids those of the data"):
        split(tmp_path, "x 1\ny 2\n")


def test_a_missing_file_is_told(tmp_path):
    """With its path, when splitting and when its content is named."""
    for ask in (lambda: Given(tmp_path / "no.txt").split(DATA, Options()), Given(tmp_path / "no.txt").fingerprint):
        with pytest.raises(DataError, match=r"no\.txt cannot be read"):
            ask()


def test_the_fingerprint_changes_with_the_content(tmp_path):
    """Another list is another split."""
    (tmp_path / "test.txt").write_text("a 1\n")
    before = Given(tmp_path / "test.txt").fingerprint()
    (tmp_path / "test.txt").write_text("a 2\n")
    assert Given(tmp_path / "test.txt").fingerprint() != before
