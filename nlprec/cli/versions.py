"""Which distributions are installed."""

from importlib.metadata import PackageNotFoundError, version

PACKAGES = (
    "nlprec",
    "nlprec-plugins",
    "Twisted",
    "numpy",
    "scipy",
    "scikit-learn",
    "spacy",
    "implicit",
    "pluggy",
    "zope.interface",
    "attrs",
    "msgspec",
    "click",
    "rich",
)  #: those whose version matters in a bug report


def installed(name: str) -> str:
    """Return the version of a distribution, or that it is not there."""
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
