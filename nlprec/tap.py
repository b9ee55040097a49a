"""The ``twistd nlprec`` command: its options, and the service they ask for."""

import atexit
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TextIO

from twisted.python import usage

from nlprec.errors import ConfigError

if TYPE_CHECKING:
    from nlprec.services.node import Node


class Options(usage.Options):
    """What may stand after ``twistd nlprec``."""

    optParameters: ClassVar[list[Any]] = [  # noqa: N815  (Twisted's name)
        ["config", "c", "etc/nlprec.yaml", "The YAML file with the settings."],
        ["node", None, None, "Which of its nodes to be; not needed when there is one."],
    ]
    longdesc = "Trains, evaluates and serves as the YAML file says. SIGHUP reads it again, SIGTERM ends it."

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.loaded: Any = None
        self["set"] = []

    def opt_set(self, assignment: str) -> None:
        """Override a setting of the file, as in --set serve.n=20; may be given several times."""
        self["set"].append(assignment)

    def load(self) -> Any:
        """Read the configuration, now or again."""
        from nlprec.loading import (
            load,
        )  # numpy and all plugins come with it: not for whoever only lists twistd's commands

        return load(self["config"], self["set"])

    def postOptions(self) -> None:
        """Check the configuration whole, so that a wrong one is answered before anything starts."""
        self["config"] = Path(self["config"]).absolute()
        try:
            self.loaded = self.load()
        except ConfigError as error:
            raise usage.UsageError(error.message) from error


def makeService(options: Options) -> "Node":
    """
    Return the node as a service.

    Raises:
        SystemExit: it cannot be had; one line says why.
    """
    from twisted.internet import reactor

    from nlprec.services.logging import Lines
    from nlprec.services.node import build

    stream = _log_stream(options.parent)
    lines = Lines(stream, options.loaded.settings.log.level) if stream is not None else None
    try:
        node = build(options.loaded, options["node"], reactor, options.load, lines)
    except ConfigError as error:
        raise SystemExit(error.message) from error
    atexit.register(_leave, node)
    return node


def _log_stream(twistd: Any) -> TextIO | None:
    """Return where our JSON lines go, None when twistd was told to log another way."""
    if twistd is None or twistd.get("logger") or twistd.get("syslog"):
        return None
    name = twistd.get("logfile") or ("-" if twistd.get("nodaemon") else "twistd.log")
    if name == "-":
        return sys.stdout
    from twisted.python.logfile import LogFile

    stream: TextIO = LogFile.fromFullPath(os.path.join(twistd.get("rundir", "."), name))
    return stream


def _leave(node: "Node") -> None:
    """Leave with the node's exit code, last of all: twistd itself says 0 whenever the reactor has stopped."""
    if node.exit_code:
        for stream in (sys.__stdout__, sys.__stderr__):
            if stream is not None:
                stream.flush()
        os._exit(node.exit_code)
