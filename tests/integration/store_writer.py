"""A process that appends to a store and says which batches were acknowledged, until it is killed."""

import sys
from pathlib import Path

from nlprec_plugins.stores.sqlite import Sqlite

from nlprec.kit.events import Batch, Interaction, Item
from nlprec.kit.options import StoreOptions

SIZE = 7  #: interactions of a batch


def batch(writer, at):
    """
    Return the batch of this number: a changed item, some interactions, and now and then a deletion that hits nothing
    else.
    """
    events = tuple(
        Interaction(f"{writer}-{at}", f"item-{each}", "view", time=float(at), text="word " * 50) for each in range(SIZE)
    )
    return Batch(items=(Item(f"{writer}-item", f"version {at}"),), interactions=events, name=f"{writer}-{at}")


def main():
    """Append batch after batch; print the number of each once ``append`` has returned."""
    path, writer, start = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    store = Sqlite(path)
    at = start
    while True:
        store.append(batch(writer, at), StoreOptions())
        sys.stdout.write(f"{at}\n")
        sys.stdout.flush()
        at += 1


if __name__ == "__main__":
    main()
