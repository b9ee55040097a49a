"""What systemd is told: sd_notify in pure Python. Without NOTIFY_SOCKET nothing is sent."""

import os
import socket
import time
from collections.abc import Callable, Mapping
from typing import Any

from twisted.internet.task import LoopingCall

from nlprec.logs import NOTIFY_FAILED, UNHEALTHY
from nlprec.services.logging import Log
from nlprec.services.part import Part

log = Log(__name__)


def _always_well() -> str:
    return ""


class Notifier(Part):
    """
    The node's voice to its supervisor: last in the tree, so READY comes when all else is up, STOPPING before it stops.

    The watchdog is fed from the reactor: one that hangs does not feed it, nor one whose ``healthy`` says what is wrong.
    """

    def __init__(
        self,
        reactor: Any,
        environment: Mapping[str, str],
        healthy: Callable[[], str] = _always_well,
        pid: int | None = None,
    ) -> None:
        self._pid = os.getpid() if pid is None else pid
        self._address = environment.get("NOTIFY_SOCKET", "")
        self._healthy = healthy
        ours = environment.get("WATCHDOG_PID", str(self._pid)) == str(self._pid)
        self._interval = int(environment.get("WATCHDOG_USEC", "0")) / 2e6 if ours and self._address else 0.0
        self._feeding = LoopingCall(self._feed)
        self._feeding.clock = reactor

    def startService(self) -> None:
        """Say READY and begin to feed the watchdog."""
        super().startService()
        self.ready()
        if self._interval:
            self._feeding.start(self._interval)

    def stopService(self) -> None:
        """Say STOPPING; the watchdog is fed no more, systemd's own time limit for stopping holds from here."""
        super().stopService()
        if self._feeding.running:
            self._feeding.stop()
        self.send("STOPPING=1")

    def ready(self) -> None:
        """Say that the node is up, after a start or a reload."""
        self.send("READY=1", f"MAINPID={self._pid}")

    def reloading(self) -> None:
        """Say that new settings are being looked at."""
        self.send("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def status(self, text: str) -> None:
        """Say in one line what the node is doing."""
        self.send(f"STATUS={' '.join(text.split())}")

    def send(self, *lines: str) -> None:
        """Send one datagram; a supervisor that does not listen is logged, never waited for."""
        if not self._address:
            return
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as channel:
                channel.sendto("\n".join(lines).encode(), address)
        except OSError as error:
            log.say(NOTIFY_FAILED, reason=str(error))

    def _feed(self) -> None:
        wrong = self._healthy()
        if wrong:
            log.say(UNHEALTHY, reason=wrong)
        else:
            self.send("WATCHDOG=1")
