"""The part of a dataset that a component may learn from; what was held out never reaches one that fits."""

import numpy as np

from nlprec.kit.artifact import Artifact
from nlprec.kit.dataset import TEST, TRAIN, Dataset


def load_window(artifact: Artifact, name: str) -> Dataset:
    """
    Return the dataset of a prepare artifact as seen from a window.

    Args:
        artifact: what ``prepare`` made.
        name: "train" (what the splitter left for training, ending at the cut) or "full" (everything).
    """
    data = Dataset.restore(dict(artifact.arrays), artifact.meta)
    if name == "full":
        return data
    cut = float(artifact.meta["cut"])
    return data.keep(artifact.arrays["part"] == TRAIN).evolve(now=data.now if np.isnan(cut) else cut)


def load_test(artifact: Artifact) -> Dataset:
    """Return the interactions that were held out to judge by."""
    data = Dataset.restore(dict(artifact.arrays), artifact.meta)
    return data.keep(artifact.arrays["part"] == TEST)
