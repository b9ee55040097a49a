"""Keeps the live release the one that the archive points to."""

import math
import time
from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred, DeferredLock

from nlprec.logs import RELEASE_LOADED, RELEASE_NOT_LOADED, RELEASE_REFUSED
from nlprec.services.logging import Log
from nlprec.services.metrics import Metrics
from nlprec.services.part import Part
from nlprec.services.pool import Pool
from nlprec.services.rankings import RankingsService
from nlprec.services.release.live import Live

log = Log(__name__)
Find = Callable[[bool], Live]  #: ``find_live`` with everything but ``fresh`` filled in; blocks


class Releases(Part):
    """Looks at the archive at the start, after runs and reloads; what cannot be loaded never replaces what can."""

    def __init__(
        self, pool: Pool, find: Find, pointer: Callable[[], str], rankings: RankingsService, metrics: Metrics
    ) -> None:
        self._pool = pool
        self._find = find
        self._pointer = pointer  #: the digest the archive points to; blocks
        self._rankings = rankings
        self._lock = DeferredLock()
        self._published = math.nan
        metrics.watch_release(lambda: time.time() - self._published)

    def startService(self) -> "Deferred[None]":
        """Fire when the last release is live, or when there is none that can be."""
        super().startService()
        return self.refresh(fresh=True, force=True)

    def refresh(self, fresh: bool = False, force: bool = False) -> "Deferred[None]":
        """
        Fire when the live release is the one that the archive points to.

        Args:
            fresh: whether the process has just started.
            force: load it even if it is live already: how it answers may have changed.
        """
        return self._lock.run(lambda: Deferred.fromCoroutine(self._refresh(fresh, force)))

    async def _refresh(self, fresh: bool, force: bool) -> None:
        live = self._rankings.release()
        if not force and live is not None and await self._pool.run(self._pointer) == live.digest:
            return
        self._adopt(await self._pool.run(self._find, fresh))

    def _adopt(self, found: Live) -> None:
        for digest, reason in found.refused:
            log.say(RELEASE_REFUSED, release=digest, reason=reason)
        for reason in found.problems:
            log.say(RELEASE_NOT_LOADED, reason=reason)
        if found.release is not None:
            self._rankings.swap(found.release, found.news)
            self._published = found.published
            log.say(RELEASE_LOADED, release=found.release.digest, seconds=found.seconds)


def no_refresh(**_: Any) -> "Deferred[None]":
    """Do nothing: a node that does not serve holds no release."""
    done: Deferred[None] = Deferred()
    done.callback(None)
    return done
