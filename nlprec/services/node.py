"""
Settings and a node's name in, a service out.

The tree, each child leaning on those above it (by role)::

    pools      threads for files, the store, scoring and the flow
    store      opened once a process
    rankings   the live release, questions                         (serve)
    intake     records on their way to the store                   (serve)
    release    loads the last release, later each new one          (serve)
    pipeline   walks the flow                                      (drive)
    door       HTTP                                                (serve)
    notify     systemd
"""

import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

from twisted.internet.defer import CancelledError, Deferred
from twisted.logger import ILogObserver
from twisted.python.components import Componentized
from twisted.python.failure import Failure

from nlprec.archive import Archive
from nlprec.errors import ConfigError, NlprecError, Problem
from nlprec.flow import Flow
from nlprec.kit.options import StoreOptions
from nlprec.loading import Loaded
from nlprec.logs import (
    CONFIG_WARNING,
    NEWS_FAILED,
    NODE_STARTED,
    NODE_STARTING,
    NODE_STOPPED,
    NODE_STOPPING,
    START_FAILED,
)
from nlprec.registry import did_you_mean
from nlprec.services.desk import Desk
from nlprec.services.door import Door, claim
from nlprec.services.intake import IntakeService
from nlprec.services.logging import Lines, Log, one_line
from nlprec.services.metrics import Metrics
from nlprec.services.notify import Notifier
from nlprec.services.part import Part
from nlprec.services.pipeline import Elsewhere, PipelineService
from nlprec.services.pool import Pool
from nlprec.services.rankings import RankingsService
from nlprec.services.release.live import find_live
from nlprec.services.release.releases import Releases, no_refresh
from nlprec.services.reload import Reloader
from nlprec.services.tree import ChildFailedError, Tree
from nlprec.settings import Settings

log = Log(__name__)
POOLS = {"files": 2, "flow": 1, "writer": 1, "reader": 4, "scoring": 1}  #: name -> threads
SPARE = 15.0  #: seconds a child may take to stop beyond serve.http.drain


def choose(settings: Settings, name: str | None) -> str:
    """
    Return the name of the node to be: the one asked for, or the only one there is.

    Raises:
        ConfigError: there is no such node, or several and none was named.
    """
    known = ", ".join(settings.nodes)
    if name is None and len(settings.nodes) == 1:
        return next(iter(settings.nodes))
    if name is None:
        raise ConfigError(
            problems=(
                Problem("nodes", "several nodes are described and none was named", f"say --node NAME; known: {known}"),
            )
        )
    if name not in settings.nodes:
        raise ConfigError(
            problems=(
                Problem("nodes", f"there is no node '{name}'", f"known: {known}{did_you_mean(name, settings.nodes)}"),
            )
        )
    return name


def build(
    loaded: Loaded,
    node_name: str | None,
    reactor: Any,
    reload: Callable[[], Loaded],
    lines: Lines | None = None,
    environment: Mapping[str, str] = os.environ,
    make_site: Callable[[Desk], Any] | None = None,
) -> "Node":
    """
    Return the service that is a node. Its port is claimed here: one that is taken is said before anything starts.

    Args:
        loaded: what the configuration says.
        node_name: which of its nodes to be; None: the only one.
        reactor: the running one, or one that will run.
        reload: reads the configuration again; blocks, called in a thread after SIGHUP.
        lines: where the log goes; its level follows the settings.
        environment: where systemd says how it is told.
        make_site: makes the web server; None: ours.

    Raises:
        ConfigError: no such node, or its port cannot be had.
    """
    name = choose(loaded.settings, node_name)
    serves = "serve" in loaded.settings.nodes[name].roles
    claimed = claim(loaded.settings.serve.http.listen) if serves else None
    return Node(loaded, name, reactor, reload, claimed, lines, environment, make_site or _make_site)


class _Opened(Part):
    """The store: its first use tells whether it can be had at all, its last closes it."""

    def __init__(self, pool: Pool, store: Any) -> None:
        self._pool = pool
        self._store = store

    def startService(self) -> "Deferred[Any]":
        super().startService()
        return self._pool.run(self._store.head, StoreOptions())

    def stopService(self) -> "Deferred[Any]":
        super().stopService()
        return self._pool.run(self._store.close)


class Node(Part):
    """
    One process of the cluster. Its tree is built when the reactor runs, after twistd changed directory and user.

    A failed start is told in one line, stops the reactor and leaves ``exit_code`` 1.
    """

    def __init__(
        self,
        loaded: Loaded,
        name: str,
        reactor: Any,
        reload: Callable[[], Loaded],
        claimed: socket.socket | None,
        lines: Lines | None,
        environment: Mapping[str, str],
        make_site: Callable[[Desk], Any],
    ) -> None:
        self.exit_code = 0
        self.node = name
        self.desk: Desk | None = None
        self._loaded = loaded
        self._reactor = reactor
        self._claimed = claimed
        self._lines = lines
        self._environment = environment
        self._make_site = make_site
        self._roles = loaded.settings.nodes[name].roles
        self._tree: Tree | None = None
        self._up = False
        self._begun = 0.0
        self.metrics = Metrics()
        self._reloader = Reloader(reload, self)
        self.reload = self._reloader.ask

    def setServiceParent(self, parent: Any) -> None:
        """Join an application; what it logs is written our way when we were given ``lines``."""
        if self._lines is not None and isinstance(parent, Componentized):
            parent.setComponent(ILogObserver, self._lines)
        super().setServiceParent(parent)  # type: ignore[no-untyped-call]

    def settings(self) -> Settings:
        """Return the settings of now."""
        return self._loaded.settings

    def startService(self) -> None:
        """Start as soon as the reactor runs; from here on SIGHUP means reload."""
        super().startService()
        signal.signal(signal.SIGHUP, lambda *_: self._reactor.callFromThread(self.reload))
        self._reactor.callWhenRunning(self._begin)

    def stopService(self) -> "Deferred[None]":
        """Fire when everything has ended in order."""
        super().stopService()
        if self._claimed is not None:
            self._claimed.close()
        return Deferred.fromCoroutine(self._stop())

    def _begin(self) -> None:
        Deferred.fromCoroutine(self._start()).addErrback(self._failed)

    async def _start(self) -> None:
        self._begun = time.monotonic()
        log.say(NODE_STARTING, node=self.node, roles=", ".join(self._roles), settings=self.settings().digest())
        self._welcome(self._loaded)
        self._tree = self._assemble()
        await self._tree.startService()
        self._up = True
        self._loaded.host.fire("nlprec_node_started", node=self.node)
        log.say(NODE_STARTED, node=self.node, seconds=time.monotonic() - self._begun)
        self._reloader.open()

    async def _stop(self) -> None:
        log.say(NODE_STOPPING, node=self.node, in_flight=self.desk.busy if self.desk is not None else 0)
        self._reloader.close()
        if self._up:
            self._loaded.host.fire("nlprec_node_stopping", node=self.node)
        if self._tree is not None:
            await self._tree.stopService()
        log.say(NODE_STOPPED, node=self.node)

    def _failed(self, failure: Failure) -> None:
        """Say in one line why the node cannot start, and leave."""
        if failure.check(CancelledError) or not self.running:
            return  # stopped while it was starting: that is no failure
        error = failure.value
        child, reason = (
            (error.child, error.reason) if isinstance(error, ChildFailedError) else ("node", one_line(error))
        )
        cause = error.__cause__ if isinstance(error, ChildFailedError) else error
        if not isinstance(cause, NlprecError):
            log.bug(f"the start of {child}", failure)
        log.say(START_FAILED, child=child, reason=reason)
        if sys.__stderr__ is not None:
            sys.__stderr__.write(f"nlprec: cannot start: {child}: {reason}\n")
        self.exit_code = 1
        self._reactor.stop()

    def adopt(self, loaded: Loaded) -> "Deferred[None]":
        """Go over to other settings, which can be adopted; fire when questions are answered by them."""
        self._loaded = loaded
        self._welcome(loaded)
        if self.desk is not None:
            self.desk.host = loaded.host
        if isinstance(self._pipeline, PipelineService):
            self._pipeline.rewind()
            self._pipeline.request("reload")
        return self._refresh(force=True)

    def _welcome(self, loaded: Loaded) -> None:
        loaded.host.on_news_failed = _news_failed
        for warning in loaded.warnings:
            log.say(CONFIG_WARNING, warning=warning)
        if self._lines is not None:
            self._lines.level = loaded.settings.log.level

    def _assemble(self) -> Tree:
        settings = self.settings()
        tree = Tree(self._reactor, stop_limit=settings.serve.http.drain + SPARE)
        self.archive = Archive(settings.archive.path.absolute())
        self._store = settings.store.component
        pools = {name: Pool(self._reactor, name, size) for name, size in POOLS.items()}
        for name, pool in pools.items():
            tree.add(name, pool)
        self.files = pools["files"]
        tree.add("store", _Opened(self.files, self._store))
        rankings = RankingsService(
            self._reactor, pools["scoring"], self.settings, lambda: self._loaded.host, self.metrics
        )
        intake = IntakeService(
            self._reactor, self._store, pools["writer"], pools["reader"], self.metrics, rankings.learn
        )
        self._refresh: Callable[..., Deferred[None]] = no_refresh
        if "serve" in self._roles:
            releases = Releases(self.files, self._find, self._pointer, rankings, self.metrics)
            self._refresh = releases.refresh
            for name, service in (("rankings", rankings), ("intake", intake), ("release", releases)):
                tree.add(name, service)
        self._pipeline: PipelineService | Elsewhere = Elsewhere()
        if "drive" in self._roles:
            self._pipeline = PipelineService(
                self._reactor, pools["flow"], self.settings, self._flow, self._refresh, self.metrics
            )
            tree.add("pipeline", self._pipeline)
        if self._claimed is not None:
            self.desk = self._make_desk(rankings, intake)
            tree.add("door", Door(self._reactor, self._claimed, self._make_site, self.desk))
        self.notifier = Notifier(self._reactor, self._environment, rankings.stuck)
        tree.add("notify", self.notifier)
        return tree

    def _make_desk(self, rankings: RankingsService, intake: IntakeService) -> Desk:
        return Desk(
            settings=self.settings,
            host=self._loaded.host,
            archive=self.archive,
            rankings=rankings,
            intake=intake,
            pipeline=self._pipeline,
            metrics=self.metrics,
            ready=lambda: rankings.ready() if self.running else "the node is stopping",
            node=self.node,
            log=log.say,
        )

    def _find(self, fresh: bool) -> Any:
        return find_live(self.archive, self._loaded.host, self.settings(), self._store, fresh)

    def _pointer(self) -> str:
        return next((str(each["digest"]) for each in self.archive.releases()), "")

    def _flow(self, settings: Settings, listener: Any, cancelled: Any) -> Flow:
        return Flow(
            settings, self._loaded.host, self.archive, self._store, settings.run.runner.component, listener, cancelled
        )


def _make_site(desk: Desk) -> Any:
    from nlprec.services.web.site import make_site  # a node that does not serve needs no web server

    return make_site(desk)


def _news_failed(hook: str, plugin: str, error: Exception) -> None:
    log.say(NEWS_FAILED, plugin=plugin, hook=hook, reason=one_line(error))
