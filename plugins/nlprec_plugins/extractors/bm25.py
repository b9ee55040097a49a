"""BM25: tf-idf whose counts saturate and whose long texts do not win by length."""

import numpy as np
from attrs import evolve, field, frozen
from attrs.validators import ge, gt, le, min_len
from zope.interface import implementer

from nlprec import hookimpl
from nlprec.errors import FitError
from nlprec.interfaces import IExtractor
from nlprec.kit.features import Documents
from nlprec.kit.options import FitOptions
from nlprec.kit.strings import Strings
from nlprec.kit.texts.encoders import Recipe, TermEncoder, choose_vocabulary
from nlprec.kit.texts.terms import stop_words


@implementer(IExtractor)
@frozen
class Bm25:
    """
    Okapi BM25 weights with the non-negative idf, L2 rows so that their cosine compares items.

    Source:
        Robertson, Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", FnTIR 3(4), 2009, eq. 3.15.
    """

    name = "bm25"
    fields: tuple[str, ...] = field(
        default=("title", "body"), validator=min_len(1)
    )  #: title, body, categories, attributes, reviews
    language: str = "en"  #: whose stop words are dropped; none: no stop words
    title_weight: int = field(default=2, validator=ge(1))  #: times a title is counted
    ngrams: int = field(default=1, validator=[ge(1), le(4)])  #: longest word sequence
    min_df: int = field(default=2, validator=ge(1))  #: documents a term must stand in
    max_df: float = field(default=0.2, validator=[gt(0.0), le(1.0)])  #: share of documents it may stand in
    max_terms: int = field(default=50_000, validator=ge(0))  #: terms kept; 0: all
    k1: float = field(default=1.2, validator=gt(0.0))  #: how late counts saturate
    b: float = field(default=0.75, validator=[ge(0.0), le(1.0)])  #: how much length is held against a text

    def fit(self, documents: Documents, opts: FitOptions) -> TermEncoder:
        """
        Choose the vocabulary and weigh it.

        Returns:
            IEncoder giving CSR float32 [document, feature], L2 rows.

        Raises:
            FitError: no term is left, or the language is unknown.
        """
        try:
            recipe = Recipe(self.fields, self.title_weight, self.ngrams, stop_words(self.language))
        except ValueError as error:
            raise FitError(str(error)) from error
        bags = recipe.bags(documents)
        vocabulary, frequency = choose_vocabulary(bags, self.min_df, self.max_df, self.max_terms)
        idf = np.log1p((len(bags) - frequency + 0.5) / (frequency + 0.5))
        encoder = TermEncoder(Strings.of(vocabulary), idf.astype(np.float32), recipe, self.k1, self.b)
        return evolve(encoder, average=max(float(encoder.counts(bags).sum()) / max(len(bags), 1), 1e-9))


@hookimpl
def nlprec_components() -> list[type]:
    """Offer the extractor."""
    return [Bm25]
