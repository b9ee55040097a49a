"""What every extractor promises: a finite row for every document, the same one whatever stands beside it."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import pytest
from scipy import sparse
from zope.interface.verify import verifyObject

from nlprec.errors import FitError
from nlprec.interfaces import IEncoder, IExtractor
from nlprec.kit.features import Documents, Features
from nlprec.kit.options import FitOptions, ScoreOptions
from nlprec.registry import verify
from nlprec.testing.data import same, stored

OPTS = ScoreOptions()
TITLES = ("Sea kayak", "River kayak", "Mountain tent", "Winter tent", "Sea chart", "Mountain chart", "", "Kayak paddle")
BODIES = (
    "A long kayak for the open sea and for windy days.",
    "A short kayak for fast rivers.",
    "A light tent for the high mountain.",
    "A warm tent for winter on the mountain.",
    "A chart of the open sea.",
    "A chart of mountain paths.",
    "",
    "A paddle for every kayak, at sea or on rivers.",
)
HOSTILE = (
    "",
    " \t\r\n\u2028",
    "\x00\x01\ufeff\u200b",
    "\ud800 half a letter \udfff",
    "<p>open &lt;b&gt; &amp; <br/> sea</p><script>x</script>",
    "<" * 5000 + "sea",
    "sea " * 60_000,
    "a" * 200_000,
    "море и горы 海 ทะเล 🌊🏔️ ﬁne ＳＥＡ",
    "don't don’t '' -- 12.5 %s {0} \\",
    "kayak\u0301\u0301\u0301" * 50,
)


def documents(titles: tuple[str, ...] = TITLES, bodies: tuple[str, ...] = BODIES) -> Documents:
    """Return documents with the fields that item documents have."""
    empty = [""] * len(titles)
    columns = {"title": list(titles), "body": list(bodies)}
    return Documents({**columns, "categories": empty, "attributes": empty, "reviews": empty})


def dense(features: Features) -> np.ndarray:
    """Return the matrix of features as float32 [document, feature]."""
    matrix = features.matrix
    return matrix if isinstance(matrix, np.ndarray) else np.asarray(matrix.toarray())


class ExtractorContract:
    """Inherit it and name the component: ``class TestTfidf(ExtractorContract): component = Tfidf``."""

    component: Any
    options: ClassVar[Mapping[str, Any]] = {"min_df": 1, "max_df": 1.0}  #: fields for the small texts here
    tolerance: ClassVar[float] = 1e-5

    def make(self) -> Any:
        """Return a new component."""
        return self.component(**self.options)

    def fit(self, texts: Documents, **more: Any) -> Any:
        """Return an encoder fitted to documents."""
        return self.make().fit(texts, FitOptions(rng=np.random.default_rng(7), **more))

    @pytest.fixture(scope="class")
    @classmethod
    def encoder(cls) -> Any:
        """Return an encoder fitted to the small texts."""
        return cls().fit(documents())

    def test_the_component_fits_its_interface(self) -> None:
        """The registry takes it, and an instance is what it says."""
        verify(type(self.make()), "extractor")
        assert verifyObject(IExtractor, self.make())

    def test_fit_returns_an_encoder(self, encoder: Any) -> None:
        """What ``fit`` returns implements IEncoder."""
        assert verifyObject(IEncoder, encoder)

    def test_there_is_a_row_for_each_document(self, encoder: Any) -> None:
        """Features are finite float32 [document, feature], and each feature has a name."""
        features = encoder.encode(documents(), OPTS)
        found = dense(features)
        assert (found.shape, len(features.names)) == ((len(TITLES), features.n_features), features.n_features)
        assert found.dtype == np.float32
        assert np.isfinite(found).all()

    def test_sparse_rows_are_in_order(self, encoder: Any) -> None:
        """CSR indices are int32, sorted and without repeats."""
        matrix = encoder.encode(documents(), OPTS).matrix
        if sparse.issparse(matrix):
            again = sparse.csr_matrix(matrix, copy=True)
            again.sum_duplicates()
            assert np.array_equal(again.indices, matrix.indices)
            assert matrix.indices.dtype == np.int32

    def test_an_empty_document_has_a_zero_row(self, encoder: Any) -> None:
        """Without text nothing is known: a row of zeros."""
        assert not dense(encoder.encode(documents(("", " "), ("", "\n")), OPTS)).any()

    def test_alike_texts_have_alike_rows(self, encoder: Any) -> None:
        """A sea kayak is more like a river kayak than like a winter tent."""
        found = dense(encoder.encode(documents(), OPTS))
        assert found[0] @ found[1] > found[0] @ found[3]

    def test_the_company_of_a_document_changes_nothing(self, encoder: Any) -> None:
        """Alone or in another order a document gets the same row."""
        whole = dense(encoder.encode(documents(), OPTS))
        turned = dense(encoder.encode(documents(TITLES[::-1], BODIES[::-1]), OPTS))
        alone = dense(encoder.encode(documents(TITLES[2:3], BODIES[2:3]), OPTS))
        assert np.abs(whole[::-1] - turned).max() <= self.tolerance
        assert np.abs(whole[2:3] - alone).max() <= self.tolerance

    def test_no_documents_no_rows(self, encoder: Any) -> None:
        """An empty set of documents is answered with no rows and all features."""
        features = encoder.encode(documents((), ()), OPTS)
        assert (features.n_documents, features.n_features) == (0, len(features.names))

    def test_hostile_texts_are_only_texts(self, encoder: Any) -> None:
        """Control characters, half characters, broken markup, huge words and foreign scripts give finite rows."""
        found = dense(encoder.encode(documents(HOSTILE, HOSTILE[::-1]), OPTS))
        assert bool(np.isfinite(found).all())

    def test_hostile_texts_can_be_learnt_from(self) -> None:
        """A vocabulary learnt from such texts survives its own storage."""
        encoder = self.fit(documents(TITLES + HOSTILE, BODIES + HOSTILE))
        again = type(encoder).restore(stored(encoder.state()))
        rows = documents(HOSTILE, HOSTILE)
        assert np.array_equal(dense(encoder.encode(rows, OPTS)), dense(again.encode(rows, OPTS)))

    def test_the_same_documents_give_the_same_state(self, encoder: Any) -> None:
        """A second fit is equal to the last bit."""
        assert same(list(encoder.state().values()), list(self.fit(documents()).state().values()))

    def test_a_stored_state_encodes_the_same(self, encoder: Any) -> None:
        """Through a file and back, without pickle and read-only, an encoder gives the same rows and names."""
        again = type(encoder).restore(stored(encoder.state()))
        before, after = encoder.encode(documents(), OPTS), again.encode(documents(), OPTS)
        assert np.array_equal(dense(before), dense(after))
        assert list(before.names) == list(after.names)

    def test_means_change_no_number(self, encoder: Any) -> None:
        """More threads, a memory limit, a far deadline and a listener move sums by rounding at most."""
        other = self.fit(documents(), threads=2, memory=1 << 30, deadline=1e18, progress=lambda part, message="": None)
        found, same_again = (dense(each.encode(documents(), OPTS)) for each in (encoder, other))
        assert np.abs(found - same_again).max() <= self.tolerance

    def test_nothing_to_learn_is_told(self) -> None:
        """No documents, and documents without a word, are refused in words."""
        for titles in ((), ("", "")):
            with pytest.raises(FitError):
                self.fit(documents(titles, titles))

    def test_fitting_alters_nothing(self) -> None:
        """The documents are as they were."""
        texts = documents()
        before = {name: list(column) for name, column in texts.columns.items()}
        self.fit(texts)
        assert before == {name: list(column) for name, column in texts.columns.items()}
