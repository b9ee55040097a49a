"""The command line ``nlprec``: thin commands over the same parts a daemon is made of."""

from nlprec.cli.main import main

__all__ = ["main"]
