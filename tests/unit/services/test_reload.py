"""SIGHUP: adopted whole, refused whole, or answered with what stands in the way."""

from pathlib import Path

import pytest
from attrs import evolve
from twisted.internet.defer import succeed
from twisted.logger import globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase

from nlprec.errors import ConfigError, Problem, RestartNeeded
from nlprec.host import PluginHost
from nlprec.loading import Loaded
from nlprec.services.metrics import Metrics
from nlprec.services.reload import Reloader, changes, check_adoptable
from nlprec.settings import ArchiveSettings, HttpSettings, NodeSettings, ServeSettings, Settings
from nlprec.testing.fakes_services import HandPool

OLD = Settings()


class Supervisor:
    """A notifier that only remembers."""

    def __init__(self):
        self.words = []

    def reloading(self):
        self.words.append("RELOADING")

    def ready(self):
        self.words.append("READY")


class Node:
    """What a reloader needs of a node."""

    def __init__(self):
        self.now, self.files, self.notifier, self.metrics, self.adopted = OLD, HandPool(), Supervisor(), Metrics(), []

    def settings(self):
        return self.now

    def adopt(self, loaded):
        self.now = loaded.settings
        self.adopted.append(loaded.settings)
        return succeed(None)


class TestReloader(SynchronousTestCase):
    """One reloader, and files that say what the test wants."""

    def setUp(self):
        self.node, self.said, self.logged = Node(), OLD, []
        self.reloader = Reloader(self.load, self.node)
        globalLogPublisher.addObserver(self.logged.append)
        self.addCleanup(globalLogPublisher.removeObserver, self.logged.append)
        self.reloader.open()

    def load(self):
        if isinstance(self.said, Exception):
            raise self.said
        return Loaded(self.said, PluginHost(), {})

    def events(self):
        """Return the names of what was logged."""
        return [each["nlprec_event"] for each in self.logged if "nlprec_event" in each]

    def reload(self):
        """Ask for a reload, and let it be done."""
        self.reloader.ask()
        self.node.files.work_off()

    def test_good_settings_are_adopted(self):
        """The node goes over, and the log says what changed."""
        self.said = evolve(OLD, seed=8)
        self.reload()
        assert ([self.said], "seed") == (self.node.adopted, self.logged[-1]["changed"])

    def test_a_broken_file_changes_nothing(self):
        """Every problem is logged."""
        self.said = ConfigError(problems=(Problem("sed", "unknown key"), Problem("serve.n", "expected a number")))
        self.reload()
        assert (self.node.adopted, self.events()) == ([], ["reload_refused"] * 2)

    def test_what_needs_a_restart_is_not_adopted(self):
        """Not even the part that could be."""
        self.said = evolve(OLD, seed=8, archive=ArchiveSettings(Path("elsewhere")))
        self.reload()
        assert (self.node.adopted, self.logged[-1]["paths"]) == ([], "archive.path")

    def test_a_bug_while_loading_changes_nothing(self):
        """It is logged, and the next reload works."""
        self.said = ZeroDivisionError("oops")
        self.reload()
        self.flushLoggedErrors(ZeroDivisionError)
        self.said = evolve(OLD, seed=8)
        self.reload()
        assert [self.said] == self.node.adopted

    def test_systemd_hears_both_ends(self):
        """RELOADING and READY surround it, whatever came of it."""
        self.said = ConfigError("broken")
        self.reload()
        assert self.node.notifier.words == ["RELOADING", "READY"]

    def test_asking_meanwhile_reloads_once_more(self):
        """The last word counts, however often it was said."""
        self.reloader.ask()
        self.reloader.ask()
        self.reloader.ask()
        self.node.files.work_off()
        assert len(self.node.adopted) == 2

    def test_asking_before_the_node_is_up_waits(self):
        """It is done as soon as it is."""
        early = Reloader(self.load, self.node)
        early.ask()
        before = len(self.node.files.waiting)
        early.open()
        self.node.files.work_off()
        assert (before, len(self.node.adopted)) == (0, 1)

    def test_a_node_that_stops_reloads_no_more(self):
        """What was loading is given up, and systemd is not told that it is ready."""
        self.reloader.ask()
        self.reloader.close()
        self.node.files.work_off()
        self.reload()
        assert (self.node.adopted, self.node.notifier.words) == ([], ["RELOADING"])

    def test_outcomes_are_counted(self):
        """The metrics tell adopted from refused."""
        self.reload()
        self.said = ConfigError("broken")
        self.reload()
        text = self.node.metrics.render().decode()
        assert ('outcome="adopted"} 1.0' in text, 'outcome="refused"} 1.0' in text) == (True, True)


class TestChanges(SynchronousTestCase):
    """Which settings differ, and which of them can be adopted."""

    def test_nothing_differs_from_itself(self):
        """Equal settings have no changes."""
        assert changes(OLD, Settings()) == ()

    def test_changes_are_named_by_path(self):
        """Each value has its dotted path."""
        assert changes(OLD, evolve(OLD, seed=8, serve=ServeSettings(http=HttpSettings("127.0.0.1:1")))) == (
            "seed",
            "serve.http.listen",
        )

    def blocked(self, new):
        """Return the paths that stand in the way of going over."""
        with pytest.raises(RestartNeeded) as caught:
            check_adoptable(OLD, new)
        return caught.value.facts["paths"]

    def test_another_port_needs_a_restart(self):
        """A port is opened once."""
        assert self.blocked(evolve(OLD, serve=ServeSettings(http=HttpSettings("127.0.0.1:1")))) == "serve.http.listen"

    def test_other_roles_need_a_restart(self):
        """A node is what it was started as."""
        assert "nodes.solo.roles" in self.blocked(evolve(OLD, nodes={"solo": NodeSettings(("drive",))}))

    def test_stages_can_be_adopted(self):
        """What belongs to stages and answers is a new run and a swap."""
        check_adoptable(OLD, evolve(OLD, seed=8, serve=ServeSettings(n=20)))
