"""SIGHUP: the new settings are looked at whole, and adopted, refused or answered with "restart needed". Never half."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from twisted.internet.defer import CancelledError, Deferred
from twisted.python.failure import Failure

from nlprec.errors import ConfigError, RestartNeeded
from nlprec.loading import Loaded
from nlprec.logs import RELOAD_REFUSED, RELOADED, RESTART_NEEDED
from nlprec.services.logging import Log, one_line
from nlprec.settings import Settings, plain

log = Log(__name__)
FIXED = ("store", "archive.path", "serve.http.listen", "nodes")  #: what a running node cannot change


def changes(old: Settings, new: Settings) -> tuple[str, ...]:
    """Return the dotted paths whose values differ."""
    before, after = dict(_leaves(plain(old))), dict(_leaves(plain(new)))
    return tuple(sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path)))


def check_adoptable(old: Settings, new: Settings) -> None:
    """
    Do nothing when a running node can go over from one to the other.

    Raises:
        RestartNeeded: naming every path that stands in the way.
    """
    paths = [
        path
        for path in changes(old, new)
        if any(path == each or path.startswith((f"{each}.", f"{each}[")) for each in FIXED)
    ]
    if paths:
        raise RestartNeeded(f"restart needed: {', '.join(paths)}", paths=", ".join(paths))


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and value:
        for name, each in value.items():
            yield from _leaves(each, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list) and value:
        for at, each in enumerate(value):
            yield from _leaves(each, f"{path}[{at}]")
    else:
        yield path, value


class Reloader:
    """Reloads one after the other; asked while it works, it works once more, so the last word always counts."""

    def __init__(self, load: Callable[[], Loaded], node: Any) -> None:
        self._load = load
        self._node = node  #: ``settings``, ``files``, ``notifier``, ``metrics``, ``adopt``
        self._open = False
        self._asked = False
        self._working: Deferred[None] | None = None

    def ask(self) -> None:
        """Reload, now or as soon as the node is up."""
        self._asked = True
        self._wake()

    def open(self) -> None:
        """The node is up: what was asked before is done now."""
        self._open = True
        self._wake()

    def close(self) -> None:
        """The node stops: nothing is reloaded any more."""
        self._open = False
        if self._working is not None:
            self._working.cancel()

    def _wake(self) -> None:
        if self._asked and self._open and self._working is None:
            self._asked = False
            self._working = Deferred.fromCoroutine(self._reload())
            self._working.addErrback(self._broke).addBoth(self._done)

    async def _reload(self) -> None:
        self._node.notifier.reloading()
        try:
            loaded = await self._node.files.run(self._load)
            before = self._node.settings()
            check_adoptable(before, loaded.settings)
        except ConfigError as error:
            for problem in error.problems or (error,):
                log.say(RELOAD_REFUSED, problem=str(problem))
            self._node.metrics.reload("refused")
        except RestartNeeded as error:
            log.say(RESTART_NEEDED, paths=error.facts["paths"])
            self._node.metrics.reload("restart_needed")
        else:
            await self._node.adopt(loaded)
            changed = ", ".join(changes(before, loaded.settings)) or "nothing"
            log.say(RELOADED, changed=changed, settings=loaded.settings.digest())
            self._node.metrics.reload("adopted")

    def _broke(self, failure: Failure) -> None:
        if not failure.check(CancelledError):
            log.say(RELOAD_REFUSED, problem=one_line(failure.value))
            log.bug("reload", failure)

    def _done(self, _: Any) -> None:
        self._working = None
        if self._open:
            self._node.notifier.ready()
        self._wake()
