"""The memory store: the same meaning as the durable ones, gone with the process."""

from nlprec_plugins.stores.memory import Memory

from nlprec.testing.contracts._stores import StoreContract


class TestMemory(StoreContract):
    """It keeps the word of every store."""

    component = Memory


def test_it_is_not_shared():
    """Other processes cannot see it, so the flow must not send jobs away that need it."""
    assert Memory.shared is False
