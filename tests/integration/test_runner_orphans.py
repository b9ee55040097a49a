"""No job outlives the process that asked for it, whatever ends that process."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

PATIENCE = 30.0  #: seconds
PARENT = """
import threading
from nlprec.kit.options import RunnerOptions, Task
from nlprec.testing.jobs import ENTRY
from nlprec_plugins.runners.processes import Processes
runner = Processes(workers=2)
runner.start(RunnerOptions(ENTRY))
print(runner.run(Task("family", {"do": "family"})).result(30)["parent"], flush=True)
said = set()
def say(_, pid):
    if pid not in said:
        said.add(pid)
        print(pid, flush=True)
for _ in range(2):
    runner.run(Task("hang", {"do": "hang"}, progress=say))
threading.Event().wait()
"""


def alive(pid):
    """Return whether a process runs (a zombie does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_jobs_die_with_their_parent(end):
    """The forking processes and their jobs are gone soon after the parent, and none of them complains."""
    process = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    pids = [int(process.stdout.readline()) for _ in range(3)]
    assert all(alive(pid) for pid in pids)
    process.send_signal(end)
    _, errors = process.communicate(timeout=PATIENCE)
    deadline = time.monotonic() + PATIENCE
    while any(alive(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not any(alive(pid) for pid in pids)
    assert b"nlprec.kit.io.child" not in errors
