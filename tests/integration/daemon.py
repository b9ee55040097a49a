"""A daemon as a real process: started, asked, signalled, read by its log; and a socket in systemd's place."""

import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from attrs import define, field

HERE = Path(__file__).parent
PATIENCE = 60.0  #: seconds a test waits for anything
TICK = 0.02  #: seconds between two looks
DAY = 86_400
ITEMS, USERS, EACH = 30, 40, 8

SETTINGS = """\
version: 1
plugins: {{paths: [{plugin}]}}
ingest: {{use: jsonl, path: {folder}/data.jsonl}}
store: {{use: sqlite, path: {folder}/events.db}}
prepare: {{split: {{use: temporal, test: 3d}}}}
train:
  recommenders:
    popular: {{use: popular}}
    close: {{use: item_knn}}
    rehearsal: {rehearsal}
evaluate: {{metrics: [{{use: ndcg, n: 10}}], resamples: 100}}
publish: {{release: close}}
serve: {{deadline: 10s, http: {{listen: "{listen}", drain: 10s}}}}
run: {{runner: {{use: processes, workers: 1}}}}
archive: {{path: {folder}/archive}}
log: {{level: {level}, access: 0}}
"""


def write_data(folder):
    """Write a tiny shop: two tastes, every user has one."""
    rng = random.Random(1)
    lines = []
    for item in range(ITEMS):
        body = f"{'camp tent fire' if item % 2 else 'novel book page'} word{item}"
        lines.append({"id": f"i{item}", "title": f"Thing {item}", "body": body})
    for user in range(USERS):
        for _ in range(EACH):
            item = rng.randrange(ITEMS // 2) * 2 + user % 2
            lines.append(
                {"user": f"u{user}", "item": f"i{item}", "kind": "view", "time": 1.7e9 + rng.randrange(30 * DAY)}
            )
    (folder / "data.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\n")


def write_settings(folder, rehearsal="{use: test.rehearsal}", listen="127.0.0.1:0", level="info", more=""):
    """Write (or replace) the configuration; return its path."""
    text = SETTINGS.format(
        folder=folder, plugin=HERE / "rehearsal_plugin.py", rehearsal=rehearsal, listen=listen, level=level
    )
    path = folder / "nlprec.yaml"
    path.write_text(text + more)
    return path


@define
class Daemon:
    """One process; use it as a context manager, then nothing is left behind whatever the test finds."""

    folder: Path
    how: str = "twistd"  #: or "serve"
    environment: dict = field(factory=dict)
    options: tuple = ()
    process: subprocess.Popen | None = None
    port: int = 0

    def __enter__(self):
        return self.start()

    def __exit__(self, *exception):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def start(self):
        """Start the process, not waiting for anything."""
        scripts = Path(sys.executable).parent
        config = str(self.folder / "nlprec.yaml")
        if self.how == "twistd":
            command = [str(scripts / "twistd"), "-n", "--pidfile=", "nlprec", "--config", config, *self.options]
        else:
            command = [str(scripts / "nlprec"), "serve", "--config", config, *self.options]
        environment = {**os.environ, "PYTHONUNBUFFERED": "1", **self.environment}
        self.port = 0
        with self.out.open("wb") as out, self.err.open("wb") as err:
            self.process = subprocess.Popen(command, stdout=out, stderr=err, cwd=self.folder, env=environment)
        return self

    @property
    def out(self):
        """Return the file of its stdout."""
        return self.folder / "stdout.log"

    @property
    def err(self):
        """Return the file of its stderr."""
        return self.folder / "stderr.log"

    def log(self):
        """Return every entry of its log so far."""
        lines = self.out.read_text().splitlines(keepends=True)
        return [json.loads(line) for line in lines if line.endswith("\n")]

    def events(self):
        """Return the names of the messages so far."""
        return [entry["event"] for entry in self.log()]

    def wait_event(self, name, times=1):
        """Wait until a message was logged so often; return its last entry."""
        return wait(
            lambda: (found := [each for each in self.log() if each["event"] == name])[times - 1 :] and found[-1],
            f"log message {name}",
            self,
        )

    def wait_listening(self):
        """Wait until the port is open."""
        self.port = int(self.wait_event("listening")["address"].rpartition(":")[2])
        return self

    def wait_ready(self):
        """Wait until questions are answered."""
        self.wait_listening()
        wait(lambda: self.get("/readyz")[0] == 200, "/readyz", self)
        return self

    def ask(self, method, path, body=None):
        """Return (status, body) of a request on a connection of its own; JSON bodies are decoded."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(
                method, path, None if body is None else json.dumps(body), {"Content-Type": "application/json"}
            )
            answer = connection.getresponse()
            data = answer.read()
            return answer.status, json.loads(data) if "json" in (answer.getheader("Content-Type") or "") else data
        finally:
            connection.close()

    def get(self, path):
        """Return (status, body) of a GET."""
        return self.ask("GET", path)

    def recommend(self, user="u1", **more):
        """Return (status, answer) of a question for a user."""
        return self.ask("POST", "/v1/recommend", {"user": user, **more})

    def send(self, *interactions):
        """Return (status, answer) of sending interactions."""
        return self.ask("POST", "/v1/events", list(interactions))

    def signal(self, number):
        """Send a signal."""
        self.process.send_signal(number)
        return self

    def wait_exit(self):
        """Return the exit code, once there is one."""
        return self.process.wait(PATIENCE)

    def stop(self):
        """Ask it to end; return its exit code."""
        return self.signal(signal.SIGTERM).wait_exit()


def wait(true, what, daemon=None):
    """Return the first true answer of a function; fail saying what was waited for."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if found := true():
            return found
        if daemon is not None and daemon.process.poll() is not None:
            raise AssertionError(
                f"the daemon left with {daemon.process.poll()} before {what}:\n"
                f"{daemon.out.read_text()}{daemon.err.read_text()}"
            )
        time.sleep(TICK)
    raise AssertionError(
        f"waited {PATIENCE} s for {what}" + (f":\n{daemon.out.read_text()}{daemon.err.read_text()}" if daemon else "")
    )


class NotifySocket:
    """What systemd would hear. ``words`` are the keys of each datagram's first line, in order, repetitions left out."""

    def __init__(self, folder):
        self.path = str(folder / "notify")
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self.path)
        self._socket.setblocking(False)
        self.heard = []

    def close(self):
        """Let go of the socket."""
        self._socket.close()

    def words(self):
        """Return the first word of everything heard so far, neighbours that are equal once."""
        while True:
            try:
                self.heard.append(self._socket.recv(4096).decode())
            except BlockingIOError:
                break
        firsts = [each.partition("=")[0] for each in self.heard]
        return [word for at, word in enumerate(firsts) if at == 0 or firsts[at - 1] != word]
