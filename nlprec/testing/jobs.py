"""Jobs for rehearsing runners: ``open_jobs`` is an entry whose jobs answer, fail, crash and hang as their body says."""

import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

from nlprec.errors import StoreError

ENTRY = "nlprec.testing.jobs:open_jobs"
TICK = 0.005  #: seconds between two signs of life of a job that hangs


def open_jobs(setup: Mapping[str, Any]) -> Callable[[Mapping[str, Any], Callable[..., None]], Any]:
    """Return ``perform``: it looks up ``body["do"]`` and hands over the body, the progress callable and the setup."""

    def perform(body: Mapping[str, Any], progress: Callable[..., None]) -> Any:
        return JOBS[body["do"]](body, progress, setup)

    return perform


def broken_entry(setup: Mapping[str, Any]) -> Any:
    """Fail to open."""
    raise StoreError("the workshop is closed; come back tomorrow", day="tomorrow")


def _echo(body: Mapping[str, Any], progress: Callable[..., None], setup: Mapping[str, Any]) -> dict[str, Any]:
    return {"said": body.get("say"), "setup": dict(setup)}


def _report(body: Mapping[str, Any], progress: Callable[..., None], setup: Mapping[str, Any]) -> dict[str, Any]:
    progress(0.5, "half way")
    progress(1.0)
    return {}


def _fail(body: Mapping[str, Any], progress: Callable[..., None], setup: Mapping[str, Any]) -> None:
    raise StoreError("the disk is full; free some space", path="/var", rows=3)


def _bug(body: Mapping[str, Any], progress: Callable[..., None], setup: Mapping[str, Any]) -> None:
    raise KeyError("missing thing")


def _hang(body: Mapping[str, Any], progress: Callable[..., None], setup: Mapping[str, Any]) -> None:
    while True:
        progress(0.0, str(os.getpid()))
        time.sleep(TICK)


def _die(body: Mapping[str, Any], progress: Callable[..., None], setup: Mapping[str, Any]) -> None:
    print("these are", "my last words", file=sys.stderr)  # noqa: T201  (a library that prints)
    os.kill(os.getpid(), signal.SIGSEGV)


def _exit(body: Mapping[str, Any], progress: Callable[..., None], setup: Mapping[str, Any]) -> None:
    sys.exit(3)


def _print(body: Mapping[str, Any], progress: Callable[..., None], setup: Mapping[str, Any]) -> dict[str, Any]:
    print('{"answer": "from a library that prints"}')  # noqa: T201
    os.write(1, b"and from one that is written in C\n")
    return {"said": "the answer"}


def _tear(body: Mapping[str, Any], progress: Callable[..., None], setup: Mapping[str, Any]) -> None:
    os.write(int(sys.argv[1]), b'{"progress": [0.5, "half a li')  # what SIGKILL leaves of a line
    os.kill(os.getpid(), signal.SIGKILL)


def _family(body: Mapping[str, Any], progress: Callable[..., None], setup: Mapping[str, Any]) -> dict[str, Any]:
    return {"pid": os.getpid(), "parent": os.getppid(), "orders": os.read(0, 100).decode()}


def _orphan(body: Mapping[str, Any], progress: Callable[..., None], setup: Mapping[str, Any]) -> None:
    os.kill(os.getppid(), signal.SIGKILL)
    _hang(body, progress, setup)


def _allocate(body: Mapping[str, Any], progress: Callable[..., None], setup: Mapping[str, Any]) -> dict[str, Any]:
    return {"size": len(bytearray(os.urandom(1)) * body["size"])}


def _strange(body: Mapping[str, Any], progress: Callable[..., None], setup: Mapping[str, Any]) -> dict[str, Any]:
    return {"value": {1, 2}}


JOBS: Mapping[str, Callable[..., Any]] = {
    "echo": _echo,
    "report": _report,
    "fail": _fail,
    "bug": _bug,
    "hang": _hang,
    "die": _die,
    "exit": _exit,
    "print": _print,
    "tear": _tear,
    "family": _family,
    "orphan": _orphan,
    "allocate": _allocate,
    "strange": _strange,
}
