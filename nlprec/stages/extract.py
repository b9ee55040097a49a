"""extract -> Features: learn a text recipe from the items known in the window, apply it to every item."""

import numpy as np

from nlprec.bench import Bench, Made, place
from nlprec.errors import FitError
from nlprec.kit.dataset import Dataset
from nlprec.kit.features import item_documents
from nlprec.kit.options import FitOptions
from nlprec.kit.windows import load_window


def run(bench: Bench) -> Made:
    """
    Fit the extractor on items that were there when the window ended, and encode all items.

    Returns:
        the Features' arrays, and the encoder's state under ``encoder.``.

    Raises:
        FitError: a feature is not a finite number.
    """
    recipe = bench.settings["extractor"]
    data = load_window(bench.load("dataset"), bench.settings["window"])
    documents = item_documents(data)
    opts = bench.options(FitOptions, "extract", recipe["use"])
    encoder = bench.component("extractor", recipe).fit(documents.take(known_items(data)), opts)
    features = encoder.encode(documents, opts)
    values = features.matrix if isinstance(features.matrix, np.ndarray) else features.matrix.data
    if not np.isfinite(values).all():
        raise FitError(f"extractor '{recipe['use']}' gave a number that is not finite", component=recipe["use"])
    state = {f"encoder.{name}": array for name, array in encoder.state().items()}
    meta = {"encoder": place(encoder), "extractor": recipe["use"], "n_features": features.n_features}
    return Made("features", {**features.arrays(), **state}, meta)


def known_items(data: Dataset) -> np.ndarray:
    """Return bool [item]: available by the end of the window, or without a date."""
    available = data.catalogue.time
    return np.asarray(np.isnan(available) | (available <= data.now) | np.isnan(data.now))
