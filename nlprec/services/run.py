"""``nlprec serve``: a node in this process, without twistd and its plugin discovery."""

import sys
from collections.abc import Sequence
from pathlib import Path

from twisted.logger import globalLogBeginner

from nlprec.errors import ConfigError
from nlprec.loading import load
from nlprec.services.logging import Lines
from nlprec.services.node import build, choose

WRONG_CONFIG = 2  #: exit code
FAILED = 1  #: exit code


def serve(config: Path, options: Sequence[str] = (), node: str | None = None, debug: bool = False) -> int:
    """
    Be a node until a signal comes; return the exit code: 0 after one, 1 for a failed start, 2 for wrong settings.

    The log is JSON lines on stdout, or short lines when that is a terminal.

    Args:
        config: the YAML file.
        options: ``path.to.key=value``, each overriding the file.
        node: which of its nodes to be; None: the only one.
        debug: log everything, tracebacks too.
    """
    config = config.absolute()  # a reload may come when the working directory is another
    try:
        loaded = load(config, options)
        node = choose(loaded.settings, node)
    except ConfigError as error:
        return _complain(error, WRONG_CONFIG)
    from twisted.internet import reactor  # importing it installs it: not before it is needed

    lines = Lines(sys.stdout, loaded.settings.log.level, human=sys.stdout.isatty(), debug=debug)
    try:
        service = build(loaded, node, reactor, lambda: load(config, options), lines)
    except ConfigError as error:
        return _complain(error, FAILED)
    globalLogBeginner.beginLoggingTo([lines], redirectStandardIO=not sys.stdout.isatty())
    service.startService()
    reactor.addSystemEventTrigger("before", "shutdown", service.stopService)
    reactor.run()
    return service.exit_code


def _complain(error: ConfigError, code: int) -> int:
    sys.stderr.write(f"{error.message}\n")
    return code
