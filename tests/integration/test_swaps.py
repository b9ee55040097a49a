"""Under a real load releases are swapped and settings reloaded between two requests; kills in training lose nothing."""

import os
import random
import signal
import time

import pytest
from nlprec_plugins.stores.sqlite import Sqlite

from nlprec.archive import Archive
from nlprec.kit.options import StoreOptions
from tests.integration.daemon import Daemon, write_data, write_settings
from tests.integration.load import Load

pytestmark = pytest.mark.slow

ROUNDS = int(os.environ.get("NLPREC_ROUNDS", "3"))  #: 20 is what the acceptance list asks for
USERS = [f"u{number}" for number in range(40)] + ["stranger"]


@pytest.fixture
def folder(tmp_path):
    """Return a folder with data and a configuration."""
    write_data(tmp_path)
    write_settings(tmp_path)
    return tmp_path


def test_swaps_and_reloads_under_load_fail_no_request(folder):
    """Every SIGHUP adopts other settings and brings another release; 64 keep-alive connections see only 200."""
    with Daemon(folder) as daemon:
        daemon.wait_ready()
        with Load(daemon.port, USERS) as load:
            for number in range(ROUNDS):
                write_settings(folder, more=f"seed: {number + 100}\n")
                daemon.signal(signal.SIGHUP)
                daemon.wait_event("run_done", number + 2)
            load.stop()
        code = daemon.stop()
    assert (load.broken, set(load.statuses), code in (0, -signal.SIGTERM)) == ([], {200}, True)
    assert len(load.releases) == ROUNDS + 1


def test_kills_at_random_moments_of_training_lose_nothing(folder):
    """
    Every acknowledged event is in the store, every artifact is whole, and each restart serves the last release at once.
    """
    draw = random.Random(3)
    with Daemon(folder) as daemon:
        daemon.wait_ready()
        release = daemon.recommend("u1")[1]["release"]
        daemon.stop()
    acknowledged = 0
    for number in range(ROUNDS):
        write_settings(folder, rehearsal="{use: test.rehearsal, fit_takes: 0.2}", more=f"seed: {number + 100}\n")
        with Daemon(folder) as daemon:
            daemon.wait_listening()
            live = Archive(folder / "archive").releases()
            assert daemon.recommend("u1")[1]["release"] in {each["digest"] for each in live} | {release}
            end = time.monotonic() + draw.uniform(0.05, 2.5)
            while time.monotonic() < end:
                event = {
                    "user": f"k{number}",
                    "item": f"i{draw.randrange(30)}",
                    "kind": "view",
                    "time": 1.7e9 + acknowledged,
                }
                status, answer = daemon.send(event)
                assert (status, answer["accepted"]) == (200, 1)
                acknowledged += 1
            daemon.signal(signal.SIGKILL).wait_exit()
    store = Sqlite(folder / "events.db")
    try:
        kept = sum(event.user.startswith("k") for event in store.since(0, StoreOptions(limit=1_000_000))[1])
    finally:
        store.close()
    assert (kept, Archive(folder / "archive").verify()) == (acknowledged, [])
