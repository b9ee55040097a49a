"""Telling systemd how we are: our own sd_notify client, for Twisted has none. Silent when nobody listens."""

import os
import socket
import time
from collections.abc import Callable, Mapping

from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import LoopingCall

from nlprec.logs import NOTIFY_FAILED
from nlprec.services.logging import teller
from nlprec.services.part import Part


class Notifier(Part):
    """
    Sends READY, STATUS, WATCHDOG, RELOADING and STOPPING to the socket that systemd names.

    The watchdog is fed from the reactor and only while ``healthy()`` holds, so that a hung or broken process stops feeding it.

    Source:
        sd_notify(3), sd_watchdog_enabled(3).
    """

    def __init__(self, clock: IReactorTime, healthy: Callable[[], bool], environment: Mapping[str, str] = os.environ) -> None:
        self._address = environment.get("NOTIFY_SOCKET", "")
        self._healthy = healthy
        self._tell = teller("nlprec.services.notify")
        usec = int(environment.get("WATCHDOG_USEC") or 0)
        mine = environment.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        self._period = usec / 2e6 if mine else 0.0
        self._loop = LoopingCall(self._feed)
        self._loop.clock = clock

    def startService(self) -> None:
        """Start feeding the watchdog."""
        super().startService()
        if self._period and self._address:
            self._loop.start(self._period, now=True)

    def stopService(self) -> None:
        """Stop feeding the watchdog."""
        super().stopService()
        if self._loop.running:
            self._loop.stop()

    def ready(self, status: str) -> None:
        """Say that we serve; also ends a reload."""
        self.send("READY=1", f"MAINPID={os.getpid()}", f"STATUS={status}")

    def reloading(self) -> None:
        """Say that the configuration is being read again."""
        self.send("RELOADING=1", f"MONOTONIC_USEC={time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000}")

    def stopping(self) -> None:
        """Say that we are going down."""
        self.send("STOPPING=1", "STATUS=stopping")

    def status(self, text: str) -> None:
        """Say in words what we are doing."""
        self.send(f"STATUS={text}")

    def send(self, *words: str) -> None:
        """Send one datagram; trouble is logged, never raised."""
        if not self._address:
            return
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as out:
                out.setblocking(False)
                out.sendto("\n".join(words).encode(), address)
        except OSError as error:
            self._tell(NOTIFY_FAILED, reason=str(error))

    def _feed(self) -> None:
        if self._healthy():
            self.send("WATCHDOG=1")
