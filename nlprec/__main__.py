"""``python -m nlprec``: the command line, for whoever has no scripts on the path."""

from nlprec.cli import main

main()
