"""
The child's side of a job process: ``python -m nlprec.kit.io.child`` imports once and forks for each task.

Line protocol, JSON both ways: stdin takes ``{"entry", "setup"}``, then ``{"body"}`` for each task; the file descriptor
named in the first argument gives ``{"ready"}``, ``{"pid"}``, ``{"progress": [fraction, message]}``, then ``{"answer",
...}`` or ``{"error", ...}``, and ``{"exit"}``. Nothing is ever pickled. The forking process itself starts no thread and
does no arithmetic, so that its forks are sound.
"""

import ctypes
import importlib
import json
import os
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

from nlprec.errors import JobCrashed, NlprecError, to_wire

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def die_with_parent(parent: int) -> None:
    """
    Ask the kernel to kill this process when its parent dies, even by SIGKILL (Linux; elsewhere the closed pipe ends
    it).
    """
    try:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    except (OSError, AttributeError):
        return
    if os.getppid() != parent:  # it died before we asked
        os._exit(1)


def say(out: BinaryIO, **words: Any) -> None:
    """Write one line."""
    out.write(json.dumps(words).encode() + b"\n")
    out.flush()


def main() -> None:
    """Read the entry, then fork for each task until stdin closes."""
    die_with_parent(int(sys.argv[2]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's Ctrl-C is for the parent, which then stops its children
    out = os.fdopen(int(sys.argv[1]), "wb")
    first = json.loads(sys.stdin.buffer.readline() or b"{}")
    try:
        module, _, name = first["entry"].partition(":")
        perform = getattr(importlib.import_module(module), name)(first["setup"])
    except Exception as error:  # bulkhead: whatever keeps the process from starting is told to the parent in words
        say(out, error=describe(error))
        return
    say(out, ready=True)
    while line := sys.stdin.buffer.readline():
        run_task(out, perform, json.loads(line)["body"])


def run_task(out: BinaryIO, perform: Callable[..., Any], body: Mapping[str, Any]) -> None:
    """Fork, do the task in the fork, and report how the fork ended."""
    sys.stdout.flush()
    sys.stderr.flush()
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            die_with_parent(parent)
            os.setpgid(0, 0)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)  # the orders on stdin are not for the job
            say(out, pid=os.getpid())
            work(out, perform, body)
            code = 0
        except SystemExit as error:
            code = error.code if isinstance(error.code, int) else 1
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    _, status = os.waitpid(pid, 0)
    out.write(b"\n")  # ends the half line of a killed fork
    say(out, exit=os.waitstatus_to_exitcode(status))


def work(out: BinaryIO, perform: Callable[..., Any], body: Mapping[str, Any]) -> None:
    """Do one task and write its answer or its error."""
    start = time.monotonic()

    def progress(fraction: float, message: str = "") -> None:
        say(out, progress=[float(fraction), message])

    try:
        answer = perform(body, progress)
        json.dumps(answer)  # what is not plain fails here, as the job's own mistake
    except Exception as error:  # bulkhead: a component may raise anything; it crosses as words
        say(out, error=describe(error))
        return
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    say(out, answer=answer, seconds=time.monotonic() - start, peak_memory=peak)


def describe(error: Exception) -> dict[str, Any]:
    """Return an error as plain values; a bug keeps its type, message and place, and its traceback as text."""
    if isinstance(error, NlprecError):
        return to_wire(error)
    text = "".join(traceback.format_exception(error))
    frame = traceback.extract_tb(error.__traceback__)[-1]
    message = f"{type(error).__name__}: {error} (at {frame.filename}:{frame.lineno})"
    return to_wire(JobCrashed(message, traceback=text))


if __name__ == "__main__":
    main()
