"""The base of every service here: Twisted's own, with types, and free to answer with Deferreds."""

from typing import Any

from twisted.application.service import Service


class Part(Service):
    """
    A part of a node. ``running`` is true from its start to its stop.

    Starting and stopping may answer with a Deferred: ``nlprec.services.tree.Tree`` waits for it.
    """

    def startService(self) -> Any:
        """Mark as running."""
        super().startService()  # type: ignore[no-untyped-call]

    def stopService(self) -> Any:
        """Mark as not running."""
        super().stopService()  # type: ignore[no-untyped-call]
