"""What the store acknowledged is there after kill -9, and nothing is there by half."""

import collections
import os
import random
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest
from nlprec_plugins.stores.sqlite import Sqlite

from nlprec.kit.options import StoreOptions

pytestmark = pytest.mark.slow

WRITER = Path(__file__).with_name("store_writer.py")
SIZE = 7  #: interactions of a writer's batch
OPTS = StoreOptions(limit=10**6)


def write_until_killed(path, writer, start, moment):
    """
    Let a process append, kill it ``moment`` seconds after its first acknowledgement, and return the last number it
    acknowledged.
    """
    process = subprocess.Popen([sys.executable, str(WRITER), str(path), writer, str(start)], stdout=subprocess.PIPE)
    heard = os.read(process.stdout.fileno(), 4096)
    end = time.monotonic() + moment
    while (left := end - time.monotonic()) > 0:
        if select.select([process.stdout], [], [], left)[0]:
            heard += os.read(process.stdout.fileno(), 65536)
    process.kill()
    heard += process.stdout.read()
    process.wait()
    process.stdout.close()
    return int(heard.splitlines()[-1])


def test_kill_nine_loses_nothing_acknowledged(tmp_path):
    """
    Ten writers are killed at random moments; after each, every acknowledged batch is whole, and no other is there by
    half.
    """
    path, chance = tmp_path / "nlprec.db", random.Random(7)
    start = 0
    for _ in range(10):
        last = write_until_killed(path, "w", start, chance.uniform(0.0, 0.1))
        store = Sqlite(path)
        sizes = collections.Counter(each.user for each in store.since(0, OPTS)[1])
        applied = store.head(OPTS).applied
        title = store.get("item", ["w-item"], OPTS)[0].title
        store.close()
        assert {sizes[f"w-{at}"] for at in range(last + 1)} == {SIZE}
        assert set(sizes.values()) == {SIZE}
        assert {f"w-{at}" for at in range(last + 1)} <= applied == set(sizes)
        start = len(applied)
        assert title == f"version {start - 1}"


def test_several_processes_may_begin_and_write_at_once(tmp_path):
    """Four processes open one new file at the same moment and append to it: each is acknowledged, nothing is lost."""
    path = tmp_path / "nlprec.db"
    command = [sys.executable, str(WRITER), str(path)]
    writers = {
        name: subprocess.Popen([*command, name, "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) for name in "abcd"
    }
    last = {}
    for name, process in writers.items():
        for _ in range(5):
            last[name] = int(process.stdout.readline())
    for name, process in writers.items():
        process.kill()
        out, errors = process.communicate()
        assert errors == b""
        last[name] = max([last[name], *map(int, out.splitlines())])
    store = Sqlite(path)
    sizes = collections.Counter(each.user for each in store.since(0, OPTS)[1])
    store.close()
    assert {sizes[f"{name}-{at}"] for name, until in last.items() for at in range(until + 1)} == {SIZE}
