"""A whole node in one process: real threads, a real flow, a clock in the test's hands."""

import json
import signal
import socket
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from twisted.internet.protocol import Factory
from twisted.logger import globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase

from nlprec.errors import ConfigError, StoreError
from nlprec.host import PluginHost
from nlprec.kit.events import Batch, Interaction, Item
from nlprec.kit.options import StoreOptions
from nlprec.loading import load_text
from nlprec.services.node import build, choose
from nlprec.services.pipeline import Elsewhere
from nlprec.services.release.live import find_live, read_news, sequence_of
from nlprec.services.release.recent import News
from nlprec.settings import NodeSettings, Settings
from nlprec.stages.serve import Question
from nlprec.testing.reactor import HandReactor

CONFIG = """
version: 1
ingest: {{use: jsonl, path: {folder}/shop.jsonl}}
store: {{use: memory}}
run: {{runner: {{use: inline}}}}
prepare: {{split: {{use: leave_last}}}}
train: {{recommenders: {{close: {{use: item_knn}}, popular: {{use: popular}}}}}}
evaluate: {{metrics: [{{use: hit, n: 3}}], resamples: 100}}
publish: {{release: close}}
serve: {{http: {{listen: "127.0.0.1:0"}}}}
archive: {{path: {folder}/archive}}
nodes: {{all: {{}}, quiet: {{roles: [drive]}}, front: {{roles: [serve]}}}}
"""


class Bench(SynchronousTestCase):
    """A checkerboard shop and a reactor."""

    def setUp(self):
        held = TemporaryDirectory()
        self.addCleanup(held.cleanup)
        self.addCleanup(signal.signal, signal.SIGHUP, signal.getsignal(signal.SIGHUP))
        self.folder = Path(held.name)
        events = [
            {"user": f"u{user}", "item": f"i{item}", "time": 1e9 + item}
            for user in range(8)
            for item in range(8)
            if (user + item) % 2 == 0
        ]
        (self.folder / "shop.jsonl").write_text("\n".join(map(json.dumps, events)))
        self.text = CONFIG.format(folder=self.folder)
        self.reactor, self.logged = HandReactor(), []
        globalLogPublisher.addObserver(self.logged.append)
        self.addCleanup(globalLogPublisher.removeObserver, self.logged.append)

    def build(self, name="all"):
        """Return a node that is not started; its site is a stub."""
        node = build(self.loaded(), name, self.reactor, self.loaded, None, {}, make_site=lambda desk: Factory())
        self.addCleanup(lambda: node.running and self.reactor.result(node.stopService()))
        return node

    def loaded(self):
        """Return what the configuration says now."""
        return load_text(self.text)

    def start(self, name="all", event="run_done"):
        """Return a node that has come to an event."""
        node = self.build(name)
        node.startService()
        self.wait(event)
        return node

    def wait(self, event, times=1):
        """Wait until something was logged so often; return the last."""
        return self.reactor.until(
            lambda: (
                (found := [each for each in self.logged if each.get("nlprec_event") == event])[times - 1 :] and found
            )
        )[-1]

    def events(self):
        """Return the names of what was logged."""
        return [each["nlprec_event"] for each in self.logged if "nlprec_event" in each]


class TestLife(Bench):
    """From the start to the end."""

    def test_it_trains_serves_learns_reloads_and_ends(self):
        """One node's whole life, each part as promised."""
        node = self.start()
        desk = node.desk
        assert (desk.ready(), desk.node) == ("", "all")
        answer = self.reactor.result(desk.rankings.recommend(Question(user="u0", n=3)))
        assert desk.rankings.release().digest == answer.release

        self.reactor.result(desk.intake.append(Batch(interactions=(Interaction("new", "i1", time=2e9),))))
        stranger = self.reactor.result(desk.rankings.recommend(Question(user="new", n=3)))
        assert {1} == {int(each.item[1:]) % 2 for each in stranger.items}

        self.text = self.text.replace("use: item_knn", "use: item_knn, k: 3")
        node.reload()
        self.wait("reloaded")
        self.wait("run_done", 2)
        assert answer.release != desk.rankings.release().digest

        self.reactor.result(node.stopService())
        assert (
            self.reactor.port.closed,
            desk.ready(),
            self.events()[-1],
            node.exit_code,
        ) == (True, "the node is stopping", "node_stopped", 0)

    def test_the_port_is_opened_after_the_last_release_is_loaded(self):
        """A second start has its release before anybody can ask."""
        self.reactor.result(self.start().stopService())
        del self.logged[:]
        self.start()
        events = self.events()
        assert events.index("release_loaded") < events.index("listening")

    def test_a_node_without_serve_opens_no_port(self):
        """It drives, and nobody can connect to it."""
        node = self.start("quiet")
        assert (self.reactor.port, node.desk) == (None, None)

    def test_a_node_without_drive_starts_no_run(self):
        """It serves what is there, and says who drives."""
        node = self.start("front", "node_started")
        assert (
            isinstance(node.desk.pipeline, Elsewhere),
            node.desk.ready(),
        ) == (True, "there is no release yet; the first run makes one")


class TestFailedStart(Bench):
    """A start that fails is one line and exit code 1."""

    def test_the_part_is_named(self):
        """An archive that cannot be written stops the reactor, and the log says why."""
        (self.folder / "archive").write_text("a file, where a folder should be")
        node = self.start(event="start_failed")
        assert (node.exit_code, self.reactor.stopped) == (1, True)

    def test_a_node_that_stops_while_starting_has_not_failed(self):
        """A signal during the start is no failure."""
        node = self.build()
        node.startService()
        self.reactor.until(lambda: "node_starting" in self.events())
        self.reactor.result(node.stopService())
        assert (node.exit_code, "start_failed" in self.events()) == (0, False)


class TestChoose(SynchronousTestCase):
    """Which node a process is."""

    def refused(self, settings, name):
        """Return the one problem of a choice that fails."""
        with pytest.raises(ConfigError) as caught:
            choose(settings, name)
        return caught.value.problems[0]

    def test_the_only_one_needs_no_name(self):
        """One node is the one meant."""
        assert choose(Settings(), None) == "solo"

    def test_one_of_several_must_be_named(self):
        """The problem lists them."""
        several = Settings(nodes={"brain": NodeSettings(), "front": NodeSettings()})
        problem = self.refused(several, None)
        assert problem.hint == "say --node NAME; known: brain, front"

    def test_an_unknown_one_is_a_problem(self):
        """With a suggestion when it looks like a slip."""
        problem = self.refused(Settings(nodes={"brain": NodeSettings()}), "brian")
        assert problem.message == "there is no node 'brian'"

    def test_a_taken_port_is_said_before_anything_starts(self):
        """Building the node is enough to know."""
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            text = CONFIG.format(folder="unused").replace("127.0.0.1:0", f"127.0.0.1:{other.getsockname()[1]}")
            with pytest.raises(ConfigError):
                build(load_text(text), "all", HandReactor(), None)


class TestLive(Bench):
    """Which release a node may answer from, and what it holds beyond."""

    def setUp(self):
        super().setUp()
        node = self.start()
        self.store, self.archive, self.release = node._store, node.archive, node.desk.rankings.release()
        self.settings, self.host = node.settings(), node._loaded.host
        self.reactor.result(node.stopService())

    def find(self, fresh=True):
        """Look for the live release."""
        return find_live(self.archive, self.host, self.settings, self.store, fresh)

    def damage(self):
        """Alter a byte of the live release's model."""
        model = self.release.meta["models"]["close"]
        file = next((self.archive.root / "objects" / model[:2] / model).glob("*.npy"))
        file.write_bytes(file.read_bytes()[:-1] + b"!")
        return model

    def test_what_is_whole_is_found(self):
        """Nothing is refused, and nothing has happened since."""
        found = self.find()
        assert (self.release.digest, (), (), ()) == (
            found.release.digest,
            found.refused,
            found.problems,
            found.news.interactions,
        )

    def test_what_happened_since_is_found(self):
        """Interactions, hidden and deleted items, deleted users."""
        change = Batch(
            items=(Item("i0", hidden=True),),
            interactions=(Interaction("u1", "i1", "buy", time=3e9),),
            deleted_items=("i2",),
            deleted_users=("u3",),
        )
        self.store.append(change, StoreOptions())
        news = self.find().news
        assert (1, {"i0", "i2"}, {"u3"}) == (len(news.interactions), set(news.hidden), set(news.forgotten))

    def test_a_running_node_looks_for_no_deletions(self):
        """It has heard of them itself."""
        self.store.append(Batch(deleted_users=("u3",)), StoreOptions())
        assert frozenset() == self.find(fresh=False).news.forgotten

    def test_a_damaged_release_is_withdrawn(self):
        """It is refused with its damaged part, so that the next run makes both again."""
        model = self.damage()
        found = self.find()
        assert (None, self.release.digest, [], False, False) == (
            found.release,
            found.refused[0][0],
            self.archive.releases(),
            self.archive.has(model),
            self.archive.has(self.release.digest),
        )

    def test_a_release_of_a_plugin_that_is_gone_is_passed_over(self):
        """Nothing is damaged, so nothing is withdrawn."""
        found = find_live(self.archive, PluginHost(), self.settings, self.store, True)
        assert (found.release, len(found.problems), len(self.archive.releases())) == (None, 1, 1)

    def test_a_damaged_pointer_is_a_problem(self):
        """It is told, and the node waits for a person."""
        (self.archive.root / "current.json").write_text("{")
        assert "current.json is damaged" in self.find().problems[0]

    def test_a_store_that_cannot_be_read_costs_the_news_only(self):
        """The release answers all the same."""
        found = find_live(self.archive, self.host, self.settings, ShutStore(), True)
        assert (self.release.digest, News(), 1) == (found.release.digest, found.news, len(found.problems))

    def test_a_snapshot_that_has_gone_is_no_reason_to_start_over(self):
        """Without it nobody knows what is new: nothing is."""
        snapshot = self.archive.manifest(self.release.meta["dataset"]).inputs[0]
        self.archive.refuse(snapshot)
        assert (
            sequence_of(self.archive, self.release),
            read_news(self.archive, self.release, self.store, True).interactions,
        ) == (None, ())


class ShutStore:
    """A store that cannot be read."""

    def head(self, opts):
        raise StoreError("the database is locked")
