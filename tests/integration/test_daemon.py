"""The daemon as systemd and people meet it: real processes, real signals, real sockets."""

import signal
import socket
import threading
from pathlib import Path

import pytest

from nlprec.archive import Archive
from tests.integration.daemon import Daemon, NotifySocket, wait, write_data, write_settings

STARTED = "twistd", "serve"


@pytest.fixture
def folder(tmp_path):
    """Return a folder with data and a configuration."""
    write_data(tmp_path)
    write_settings(tmp_path)
    return tmp_path


@pytest.fixture
def notify(tmp_path):
    """Return a socket that hears what systemd would."""
    heard = NotifySocket(tmp_path)
    yield heard
    heard.close()


def in_thread(function, *arguments, **more):
    """Call a function in a thread; return the thread and the list its answer will be in."""
    answers = []
    thread = threading.Thread(target=lambda: answers.append(function(*arguments, **more)))
    thread.start()
    return thread, answers


def children_of(pid):
    """Return the pids of a process's children."""
    tasks = Path(f"/proc/{pid}/task")
    return sorted({child for task in tasks.iterdir() for child in (task / "children").read_text().split()})


@pytest.mark.parametrize("how", STARTED)
def test_from_nothing_to_answers_to_a_clean_end(folder, how):
    """The first run makes a release, questions are answered from it, and SIGTERM ends it as systemd expects."""
    with Daemon(folder, how) as daemon:
        daemon.wait_ready()
        status, answer = daemon.recommend("u1")
        code = daemon.stop()
    assert (status, len(answer["items"]), code in (0, -signal.SIGTERM), daemon.events()[-1]) == (
        200,
        10,
        True,
        "node_stopped",
    )


def test_a_restart_serves_the_last_release_at_once(folder):
    """The second start answers from the release of the first before any run has ended."""
    with Daemon(folder) as daemon:
        daemon.wait_ready()
        first = daemon.recommend("u1")[1]["release"]
        daemon.stop()
    with Daemon(folder, options=("--set", "run.at_start=false")) as daemon:
        daemon.wait_listening()
        assert daemon.recommend("u1")[1]["release"] == first


def test_a_new_event_counts_at_once_and_survives_a_restart(folder):
    """A stranger's first event is answered by the very next question, and after a kill -9 still is."""
    with Daemon(folder) as daemon:
        daemon.wait_ready()
        daemon.send({"user": "new", "item": "i1", "kind": "view"})
        at_once = [each["item"] for each in daemon.recommend("new", n=3)[1]["items"]]
        daemon.signal(signal.SIGKILL).wait_exit()
    with Daemon(folder, options=("--set", "run.at_start=false")) as daemon:
        daemon.wait_listening()
        later = [each["item"] for each in daemon.recommend("new", n=3)[1]["items"]]
    assert (at_once, all(int(item[1:]) % 2 for item in at_once)) == (later, True)


def test_hangup_adopts_good_settings(folder):
    """A changed setting is adopted by a new run and a new release, without a new process."""
    with Daemon(folder) as daemon:
        daemon.wait_ready()
        old = daemon.recommend("u1")[1]["release"]
        write_settings(folder, rehearsal="{use: popular, half_life: 3d}", level="debug")
        daemon.signal(signal.SIGHUP)
        changed = daemon.wait_event("reloaded")["changed"]
        daemon.wait_event("run_done", 2)
        assert (daemon.recommend("u1")[1]["release"] != old, "log.level" in changed) == (True, True)


def test_hangup_with_a_broken_file_changes_nothing(folder):
    """Every mistake is logged, and the daemon goes on as before."""
    with Daemon(folder) as daemon:
        daemon.wait_ready()
        write_settings(folder, more="tarin: {}\nseed: many\n")
        daemon.signal(signal.SIGHUP)
        daemon.wait_event("reload_refused", 2)
        assert daemon.recommend("u1")[0] == 200


def test_hangup_that_needs_a_restart_says_so(folder):
    """Another port or store is not adopted, and the log says which settings stand in the way."""
    with Daemon(folder) as daemon:
        daemon.wait_ready()
        path = write_settings(folder, listen="127.0.0.1:1")
        path.write_text(path.read_text().replace("events.db", "other.db"))
        daemon.signal(signal.SIGHUP)
        assert daemon.wait_event("restart_needed")["paths"] == "serve.http.listen, store.path"


def test_hangup_during_the_start_is_not_the_end(folder):
    """A reload asked for too early is done as soon as the node is up."""
    with Daemon(folder) as daemon:
        daemon.wait_event("node_starting")
        daemon.signal(signal.SIGHUP)
        daemon.wait_event("reloaded")


@pytest.mark.parametrize("how", STARTED)
def test_running_requests_are_answered_before_the_end(folder, how):
    """SIGTERM in the middle of a slow answer: it arrives whole, and the process ends well."""
    write_settings(folder, rehearsal="{use: test.rehearsal, answer_takes: 1.0}")
    with Daemon(folder, how) as daemon:
        daemon.wait_ready()
        thread, answers = in_thread(daemon.recommend, "u1", model="rehearsal")
        wait(lambda: b"nlprec_question_batch_size_count 1.0" in daemon.get("/metrics")[1], "the question", daemon)
        code = daemon.stop()
        thread.join()
    assert (answers[0][0], len(answers[0][1]["items"]), code in (0, -signal.SIGTERM)) == (200, 10, True)


def test_systemd_hears_everything_in_order(folder, notify):
    """READY, WATCHDOG, RELOADING, READY and STOPPING reach the notify socket in this order."""
    with Daemon(folder, environment={"NOTIFY_SOCKET": notify.path, "WATCHDOG_USEC": "200000"}) as daemon:
        daemon.wait_ready()
        wait(lambda: "WATCHDOG" in notify.words(), "the watchdog", daemon)
        daemon.signal(signal.SIGHUP)
        wait(lambda: notify.words().count("READY") == 2, "the second READY", daemon)
        daemon.stop()
    words = [word for word in notify.words() if word != "WATCHDOG"]
    assert (words, notify.words()[1]) == (["READY", "RELOADING", "READY", "STOPPING"], "WATCHDOG")


@pytest.mark.slow
def test_the_datagrams_carry_what_systemd_needs(folder, notify):
    """READY names the main process, RELOADING the monotonic time."""
    with Daemon(folder, environment={"NOTIFY_SOCKET": notify.path}) as daemon:
        daemon.wait_ready()
        daemon.signal(signal.SIGHUP)
        wait(lambda: notify.words().count("READY") == 2, "the second READY", daemon)
        pid = daemon.process.pid
    assert (notify.heard[0], notify.heard[1].split("=")[:2][1].split("\n")[1]) == (
        f"READY=1\nMAINPID={pid}",
        "MONOTONIC_USEC",
    )


@pytest.mark.parametrize("how", STARTED)
def test_a_port_in_use_is_one_line_and_exit_code_1(folder, how):
    """No traceback, no half-started daemon: one line that names the port."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        listen = f"127.0.0.1:{other.getsockname()[1]}"
        write_settings(folder, listen=listen)
        with Daemon(folder, how) as daemon:
            code = daemon.wait_exit()
    said = daemon.err.read_text().splitlines()
    assert (code, len(said), listen in said[0], daemon.out.read_text()) == (1, 1, True, "")


@pytest.mark.parametrize(("how", "code"), [("twistd", 1), ("serve", 2)])
def test_a_broken_file_is_answered_whole(folder, how, code):
    """All mistakes at once, each with its line, and nothing starts."""
    write_settings(folder, more="tarin: {}\nseed: many\n")
    with Daemon(folder, how) as daemon:
        assert daemon.wait_exit() == code
    said = daemon.out.read_text() + daemon.err.read_text()
    assert ("tarin" in said, "seed" in said, "Traceback" in said) == (True, True, False)


@pytest.mark.parametrize("how", STARTED)
def test_a_store_that_cannot_be_opened_is_one_line_and_exit_code_1(folder, how):
    """A failed start names the part and the reason, and leaves with 1."""
    (folder / "events.db").write_bytes(b"this is not a database, it is a letter to one " * 100)
    with Daemon(folder, how) as daemon:
        code = daemon.wait_exit()
    said = daemon.err.read_text()
    assert (code, said.startswith("nlprec: cannot start: store: [store]"), said.count("\n")) == (1, True, 1)


def test_a_failing_training_keeps_the_release(folder):
    """A run that fails changes nothing: the old release answers, and the log says why."""
    with Daemon(folder) as daemon:
        daemon.wait_ready()
        old = daemon.recommend("u1")[1]["release"]
        write_settings(folder, rehearsal="{use: test.rehearsal, fails: true}")
        daemon.signal(signal.SIGHUP)
        reason = daemon.wait_event("run_failed")["reason"]
        assert (daemon.recommend("u1")[1]["release"], "told to fail" in reason) == (old, True)


@pytest.mark.slow
def test_kill_9_in_training_loses_nothing(folder):
    """After a kill in the middle of training the next start serves the last release, and every artifact is whole."""
    with Daemon(folder) as daemon:
        daemon.wait_ready()
        old = daemon.recommend("u1")[1]["release"]
        write_settings(folder, rehearsal="{use: test.rehearsal, fit_takes: 30}")
        daemon.signal(signal.SIGHUP)
        daemon.wait_event("run_started", 2)
        daemon.signal(signal.SIGKILL).wait_exit()
    write_settings(folder)
    with Daemon(folder, options=("--set", "run.at_start=false")) as daemon:
        daemon.wait_listening()
        assert (daemon.recommend("u1")[1]["release"], Archive(folder / "archive").verify()) == (old, [])


def test_a_term_in_training_leaves_no_process_behind(folder):
    """A run that is cancelled by the end of the node takes its processes with it."""
    write_settings(folder, rehearsal="{use: test.rehearsal, fit_takes: 60}")
    with Daemon(folder) as daemon:
        daemon.wait_listening()
        children = wait(lambda: children_of(daemon.process.pid), "a process that trains", daemon)
        code = daemon.stop()
    assert (code in (0, -signal.SIGTERM), [pid for pid in children if Path(f"/proc/{pid}").exists()]) == (True, [])


@pytest.mark.slow
def test_a_damaged_release_gives_way_to_the_one_before(folder):
    """A release whose bytes were altered is withdrawn, the one before it answers, and the log says so."""
    with Daemon(folder) as daemon:
        daemon.wait_ready()
        first = daemon.recommend("u1")[1]["release"]
        daemon.send({"user": "u1", "item": "i5", "kind": "view", "time": 1.8e9})
        daemon.signal(signal.SIGHUP)
        daemon.wait_event("run_done", 2)
        second = daemon.recommend("u1")[1]["release"]
        daemon.stop()
    archive = Archive(folder / "archive")
    model = archive.load(second).meta["models"]["close"]
    damaged = next((folder / "archive" / "objects" / model[:2] / model).glob("*.npy"))
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"!")
    with Daemon(folder, options=("--set", "run.at_start=false")) as daemon:
        daemon.wait_listening()
        refused = daemon.wait_event("release_refused")["release"]
        assert (daemon.recommend("u1")[1]["release"], refused, first != second) == (first, second, True)
