"""Documents of items, and features through the archive."""

import numpy as np
import pytest
from scipy import sparse

from nlprec.errors import FitError
from nlprec.kit.features import Documents, Features, item_documents
from nlprec.kit.strings import Strings
from nlprec.testing.data import dataset_of, stored


def shop():
    """Return two items with every kind of text."""
    return dataset_of(
        [("u", "a"), ("v", "a"), ("u", "b")],
        reviews=["lovely", "", "too small"],
        titles={"a": "Tent", "b": "Mat"},
        bodies={"a": "Keeps rain off."},
        categories={"a": '["camping", "tents"]'},
        attributes={"a": '{"colour": "red", "sizes": [1, 2], "brand": "Håg"}'},
    )


def test_item_documents():
    """A row an item; lists and objects are read as words, reviews are those of the item's own interactions."""
    columns = item_documents(shop()).columns
    assert {name: list(column) for name, column in columns.items()} == {
        "title": ["Tent", "Mat"],
        "body": ["Keeps rain off.", ""],
        "categories": ["camping\ntents", ""],
        "attributes": ["red\n1\n2\nHåg", ""],
        "reviews": ["lovely", "too small"],
    }


def test_reviews_outside_the_window_do_not_leak():
    """Interactions that were left out bring no review."""
    data = shop()
    assert list(item_documents(data.keep(data.item == 0)).columns["reviews"]) == ["lovely", ""]


def test_texts_join_fields():
    """Fields in the given order, by line breaks, without empty ones."""
    documents = Documents({"title": ["a", ""], "body": ["b", "c"]})
    assert documents.texts(["body", "title", "title"]) == ["b\na\na", "c"]


def test_take():
    """Rows by index or by mask."""
    documents = Documents({"title": ["a", "b", "c"]})
    assert documents.take(np.array([2, 0])).texts(["title"]) == ["c", "a"]
    assert documents.take(np.array([False, True, False])).texts(["title"]) == ["b"]


def test_an_unknown_field_is_told():
    """With those that there are."""
    with pytest.raises(FitError, match="no field 'x'; there are: title"):
        Documents({"title": []}).texts(["x"])


def test_no_columns_no_documents():
    """Documents without a column are none."""
    assert Documents({}).n_documents == 0


@pytest.mark.parametrize(
    "matrix", [sparse.eye_array(3, 4, format="csr", dtype=np.float32), np.ones((3, 4), np.float32)]
)
def test_features_come_back_from_the_archive(matrix):
    """Sparse stays sparse, dense stays dense, names go along."""
    features = Features(matrix if isinstance(matrix, np.ndarray) else sparse.csr_matrix(matrix), Strings.of("wxyz"))
    again = Features.restore(stored(features.arrays()))
    assert (type(again.matrix), again.n_documents, again.n_features) == (type(features.matrix), 3, 4)
    assert np.array_equal(np.asarray(features.matrix.sum(axis=0)), np.asarray(again.matrix.sum(axis=0)))
    assert list(again.names) == list("wxyz")
