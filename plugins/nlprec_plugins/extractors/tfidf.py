"""Tf-idf: a term counts more the more often it stands in a text and the fewer texts it stands in."""

import numpy as np
from attrs import field, frozen
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
class Tfidf:
    """
    Sublinear term frequency times smoothed inverse document frequency, L2 rows: what scikit-learn's TfidfVectorizer
    computes.

    Source:
        Salton, Buckley, "Term-weighting approaches in automatic text retrieval", Information Processing & Management
        24(5), 1988.
    """

    name = "tfidf"
    fields: tuple[str, ...] = field(
        default=("title", "body"), validator=min_len(1)
    )  #: title, body, categories, attributes, reviews
    language: str = "en"  #: whose stop words are dropped; none: no stop words
    title_weight: int = field(default=2, validator=ge(1))  #: times a title is counted
    ngrams: int = field(default=1, validator=[ge(1), le(4)])  #: longest word sequence
    min_df: int = field(default=2, validator=ge(1))  #: documents a term must stand in
    max_df: float = field(default=0.2, validator=[gt(0.0), le(1.0)])  #: share of documents it may stand in
    max_terms: int = field(default=50_000, validator=ge(0))  #: terms kept; 0: all

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
        idf = np.log((1 + len(bags)) / (1 + frequency)) + 1
        return TermEncoder(Strings.of(vocabulary), idf.astype(np.float32), recipe)


@hookimpl
def nlprec_components() -> list[type]:
    """Offer the extractor."""
    return [Tfidf]
