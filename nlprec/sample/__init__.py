"""A small invented shop, drawn from a seed: users, items with texts, interactions with reviews, and a little dirt."""

from nlprec.sample.shop import Dirty, Summary, write

__all__ = ["Dirty", "Summary", "write"]
