"""An invented shop, drawn from a seed: data to try nlprec with that reads like a shop and can be learnt from."""

from nlprec.sample.files import Summary, write

__all__ = ["Summary", "write"]
