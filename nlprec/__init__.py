"""nlprec: a distributed recommender that reads text. A plugin author needs two names from here."""

from importlib.metadata import PackageNotFoundError, version

from pluggy import HookimplMarker

try:
    __version__ = version("nlprec")
except PackageNotFoundError:  # a checkout that was never installed
    __version__ = "0+unknown"

hookimpl = HookimplMarker("nlprec")

__all__ = ["__version__", "hookimpl"]
