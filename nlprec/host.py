"""
The PluginHost: owns one pluggy manager and one registry; loads plugins one by one, so that a broken one never takes
others down.
"""

import importlib
import importlib.util
import pkgutil
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import Distribution, EntryPoint, distributions
from pathlib import Path
from types import ModuleType
from typing import Any

import pluggy
from attrs import evolve, frozen

from nlprec.errors import NlprecError, PluginError
from nlprec.hookspecs import EVERY_SPEC
from nlprec.registry import Registry, did_you_mean

GROUP = "nlprec"  #: the entry-point group


@frozen
class Fate:
    """What became of one plugin."""

    name: str
    source: str  #: "entry point" or the file
    distribution: str = ""
    version: str = ""
    status: str = "loaded"  #: loaded, disabled or broken
    stage: str = ""  #: where it broke: import, hooks, offer, interface, signature, name, duplicate
    error: str = ""  #: one line
    hint: str = ""
    components: tuple[str, ...] = ()  #: "kind name" of each

    def __str__(self) -> str:
        origin = f"{self.distribution} {self.version}".strip() or self.source
        return f"plugin '{self.name}' ({origin}): {self.stage}: {self.error}" + (f"; {self.hint}" if self.hint else "")


class PluginHost:
    """Everything plugins bring. One per process, passed to whoever needs it."""

    def __init__(
        self, disabled: Iterable[str] = (), on_news_failed: Callable[[str, str, Exception], None] | None = None
    ) -> None:
        self.registry = Registry()
        self.fates: list[Fate] = []
        self._disabled = frozenset(disabled)
        self.on_news_failed = on_news_failed
        self._manager = pluggy.PluginManager("nlprec")
        for spec in EVERY_SPEC:
            self._manager.add_hookspecs(spec)

    @property
    def broken(self) -> list[Fate]:
        """Return the plugins that failed to load."""
        return [fate for fate in self.fates if fate.status == "broken"]

    def load_entry_points(self) -> None:
        """
        Load every entry point of the group: a module is one plugin, a package is walked and each file in it is one.
        """
        for distribution, point in _entry_points():
            fate = Fate(point.name, "entry point", distribution.metadata["Name"], distribution.version)
            module = self._import(fate, lambda point=point: importlib.import_module(point.module))  # type: ignore[misc]
            if module is None:
                continue
            if not hasattr(module, "__path__") or hasattr(module, "nlprec_components"):
                self._register(fate, module)
            if hasattr(module, "__path__"):
                self._walk(fate, module)

    def load_paths(self, paths: Iterable[Path]) -> None:
        """Load single files, or every ``*.py`` of a folder, as plugins named by their stem."""
        for path in paths:
            files = sorted(path.glob("*.py")) if path.is_dir() else [path]
            for file in files:
                fate = Fate(file.stem, str(file))
                module = self._import(fate, lambda file=file: _import_file(file))  # type: ignore[misc]
                if module is not None:
                    self._register(fate, module)

    def _walk(self, fate: Fate, package: ModuleType) -> None:
        for info in sorted(pkgutil.walk_packages(package.__path__, package.__name__ + "."), key=lambda info: info.name):
            if info.ispkg:
                continue
            each = evolve(fate, name=info.name)
            module = self._import(each, lambda name=info.name: importlib.import_module(name))  # type: ignore[misc]
            if module is not None:
                self._register(each, module)

    def _import(self, fate: Fate, load: Callable[[], ModuleType]) -> ModuleType | None:
        if self._disabled & {fate.name, fate.name.rpartition(".")[2]}:
            self.fates.append(evolve(fate, status="disabled"))
            return None
        try:
            return load()
        except Exception as error:  # bulkhead: somebody else's module may do anything when imported
            self._broke(fate, "import", _one_line(error), _import_hint(error))
            return None
        except SystemExit as error:
            self._broke(fate, "import", f"SystemExit: {error}", "a plugin must not leave the process when imported")
            return None

    def _register(self, fate: Fate, module: ModuleType) -> None:
        if self._manager.has_plugin(fate.name):
            self._broke(
                fate,
                "duplicate",
                f"a plugin named '{fate.name}' is loaded already",
                "rename the file or the entry point",
            )
            return
        try:
            self._manager.register(module, fate.name)
            self._check_hooks(module)
        except PluginError as error:
            self._undo(fate, module, error)
        except (pluggy.PluginValidationError, ValueError) as error:
            self._undo(
                fate,
                module,
                PluginError(_one_line(error), stage="hooks", hint="see the hook's arguments in nlprec/hookspecs.py"),
            )
        else:
            self._take_offers(fate, module)

    def _check_hooks(self, module: ModuleType) -> None:
        known = [name for spec in EVERY_SPEC for name in vars(spec) if name.startswith("nlprec_")]
        for caller in self._manager.get_hookcallers(module) or []:
            if not caller.has_spec():
                raise PluginError(
                    f"there is no hook '{caller.name}'{did_you_mean(caller.name, known)}",
                    stage="hooks",
                    hint=f"hooks: {', '.join(known)}",
                )

    def _take_offers(self, fate: Fate, module: ModuleType) -> None:
        offer = getattr(module, "nlprec_components", None)
        try:
            offered = list(offer() or ()) if offer is not None else []
            entries = [self.registry.add(component, fate.name) for component in offered]
        except PluginError as error:
            self._undo(fate, module, error)
        except Exception as error:  # bulkhead: an offer is somebody else's code
            self._undo(
                fate,
                module,
                PluginError(_one_line(error), stage="offer", hint="nlprec_components must return a list of classes"),
            )
        else:
            self.fates.append(evolve(fate, components=tuple(f"{entry.kind} {entry.name}" for entry in entries)))

    def _undo(self, fate: Fate, module: ModuleType, error: PluginError) -> None:
        if self._manager.is_registered(module):
            self._manager.unregister(module)
        self.registry.forget(fate.name)
        self._broke(fate, str(error.facts.get("stage", "register")), error.message, str(error.facts.get("hint", "")))

    def _broke(self, fate: Fate, stage: str, error: str, hint: str) -> None:
        self.fates.append(evolve(fate, status="broken", stage=stage, error=error, hint=hint))

    def fire(self, hook: str, **facts: Any) -> None:
        """Tell every listener the news; one that fails is reported and does no harm."""
        for implementation in getattr(self._manager.hook, hook).get_hookimpls():
            try:
                implementation.function(*(facts[name] for name in implementation.argnames))
            except Exception as error:  # bulkhead: a listener is somebody else's code
                if self.on_news_failed is not None:
                    self.on_news_failed(hook, implementation.plugin_name, error)

    def may_publish(self, report: Any, champion: Any) -> bool | None:
        """Return the first plugin's decision about a candidate, None when no plugin decides."""
        answer: bool | None = self._manager.hook.nlprec_may_publish(report=report, champion=champion)
        return answer

    def add_commands(self, cli: Any) -> None:
        """Let plugins add commands to the command line; one that fails is reported as broken."""
        for implementation in self._manager.hook.nlprec_commands.get_hookimpls():
            try:
                implementation.function(cli)
            except Exception as error:  # bulkhead: a plugin must not take the command line down
                self._broke(
                    Fate(implementation.plugin_name, "hook"), "commands", _one_line(error), "its commands are missing"
                )

    def trace(self, write: Callable[[str], None]) -> None:
        """Write a line before and after each hook call from now on."""

        def before(name: str, implementations: Any, arguments: Any) -> None:
            write(f"{name}({', '.join(sorted(arguments))}) -> {len(implementations)} listening")

        def after(outcome: Any, name: str, implementations: Any, arguments: Any) -> None:
            write(f"{name} done")

        self._manager.add_hookcall_monitoring(before, after)


def load_host(
    paths: Iterable[Path] = (),
    disabled: Iterable[str] = (),
    on_news_failed: Callable[[str, str, Exception], None] | None = None,
) -> PluginHost:
    """Return a host with every installed plugin and the given files."""
    host = PluginHost(disabled, on_news_failed)
    host.load_entry_points()
    host.load_paths(paths)
    return host


def _entry_points() -> Iterator[tuple[Distribution, EntryPoint]]:
    """
    Yield the group's entry points, once each, nlprec's own distributions first: an outsider never takes a shipped name.
    """
    seen: dict[tuple[str, str], tuple[Distribution, EntryPoint]] = {}
    for distribution in distributions():
        for point in distribution.entry_points:
            if point.group == GROUP:
                seen.setdefault((distribution.metadata["Name"] or "?", point.name), (distribution, point))
    yield from (seen[key] for key in sorted(seen, key=lambda key: (not key[0].lower().startswith("nlprec"), key)))


def _import_file(file: Path) -> ModuleType:
    if not file.is_file():
        raise FileNotFoundError(f"no such file: {file}")
    name = f"nlprec_local.{file.stem}"
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise ImportError(f"{file} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _one_line(error: BaseException) -> str:
    if isinstance(error, NlprecError):
        return str(error)
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if "importlib" not in frame.filename and frame.filename != __file__
    ]
    place = f" (at {frames[-1].filename}:{frames[-1].lineno})" if frames and not isinstance(error, SyntaxError) else ""
    return f"{type(error).__name__}: {' '.join(str(error).split())}{place}"


def _import_hint(error: Exception) -> str:
    if isinstance(error, ModuleNotFoundError):
        return f"install what provides '{error.name}', or list the plugin in plugins.disabled"
    if isinstance(error, SyntaxError):
        return "mend the file, or list the plugin in plugins.disabled"
    return "it failed while being imported: ask its author, or list it in plugins.disabled"
