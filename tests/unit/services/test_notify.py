"""What systemd is told, datagram by datagram."""

import os
import re
import socket
import tempfile
from pathlib import Path

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from nlprec.services.notify import Notifier


class TestNotifier(SynchronousTestCase):
    """A notifier and a socket that hears it."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.hear(str(Path(folder.name) / "notify"))
        self.clock, self.wrong = Clock(), ""

    def hear(self, path):
        """Listen at a path ("@..." is abstract)."""
        self.path = path
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self.socket.bind(path.replace("@", "\0", 1))
        self.addCleanup(self.socket.close)

    def heard(self):
        """Return every datagram so far."""
        found = []
        while True:
            try:
                found.append(self.socket.recv(4096).decode())
            except BlockingIOError:
                return found

    def notifier(self, **environment):
        """Return a started notifier of process 42."""
        notifier = Notifier(self.clock, {"NOTIFY_SOCKET": self.path, **environment}, lambda: self.wrong, 42)
        notifier.startService()
        return notifier

    def test_the_start_is_ready(self):
        """READY comes with the main process's id."""
        self.notifier()
        assert self.heard() == ["READY=1\nMAINPID=42"]

    def test_the_stop_is_stopping(self):
        """STOPPING is the last word, and the watchdog is fed no more."""
        notifier = self.notifier(WATCHDOG_USEC="2000000")
        notifier.stopService()
        self.clock.advance(10)
        assert self.heard()[-1] == "STOPPING=1"

    def test_an_abstract_socket_is_heard_too(self):
        """A path that begins with @ is in the abstract namespace."""
        self.hear(f"@nlprec-test-{os.getpid()}")
        self.notifier()
        assert len(self.heard()) == 1

    def test_the_watchdog_is_fed_twice_in_its_time(self):
        """At WATCHDOG_USEC / 2, from the reactor."""
        self.notifier(WATCHDOG_USEC="2000000")
        self.clock.pump([1, 1, 1])
        assert self.heard().count("WATCHDOG=1") == 4

    def test_who_is_ill_does_not_feed_it(self):
        """A health check that says what is wrong stops the feeding until it is well again."""
        self.notifier(WATCHDOG_USEC="2000000")
        self.heard()
        self.wrong = "a batch hangs"
        self.clock.advance(1)
        ill = self.heard()
        self.wrong = ""
        self.clock.advance(1)
        assert (ill, self.heard()) == ([], ["WATCHDOG=1"])

    def test_the_watchdog_of_another_process_is_not_ours(self):
        """WATCHDOG_PID names who is meant."""
        self.notifier(WATCHDOG_USEC="2000000", WATCHDOG_PID="1")
        self.clock.advance(5)
        assert self.heard().count("WATCHDOG=1") == 0

    def test_reloading_comes_with_the_monotonic_time(self):
        """As systemd 253 and later ask for."""
        self.notifier().reloading()
        assert re.search(r"^RELOADING=1\nMONOTONIC_USEC=\d+$", self.heard()[-1])

    def test_a_status_is_one_line(self):
        """Line ends in a status would be read as other fields."""
        self.notifier().status("first\nREADY=1")
        assert self.heard()[-1] == "STATUS=first READY=1"

    def test_without_a_socket_nothing_is_sent(self):
        """Outside systemd everything is quiet."""
        Notifier(self.clock, {}).startService()
        assert self.heard() == []

    def test_a_supervisor_that_has_gone_is_no_failure(self):
        """It is logged, and the node goes on."""
        self.notifier(NOTIFY_SOCKET=f"{self.path}-gone").ready()
        assert self.heard() == []
