"""Which component has which name: (kind, name) -> class, verified when it enters."""

import difflib
import inspect
import re
from collections.abc import Iterable, Iterator
from typing import Any

import attrs
from attrs import frozen
from zope.interface import implementedBy
from zope.interface.exceptions import Invalid
from zope.interface.interface import InterfaceClass, Method
from zope.interface.verify import verifyClass

from nlprec import interfaces
from nlprec.errors import PluginError, UnknownComponent

KINDS: dict[str, InterfaceClass] = {
    "source": interfaces.ISource,
    "store": interfaces.IStore,
    "preparer": interfaces.IPreparer,
    "splitter": interfaces.ISplitter,
    "extractor": interfaces.IExtractor,
    "recommender": interfaces.IRecommender,
    "blender": interfaces.IBlender,
    "filter": interfaces.IFilter,
    "metric": interfaces.IMetric,
    "runner": interfaces.IRunner,
}
_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*\Z")


@frozen
class Entry:
    """A component the registry knows."""

    kind: str
    name: str
    component: Any  #: the attrs class
    plugin: str  #: name of the plugin that offered it

    @property
    def revision(self) -> int:
        """Return the component's revision: bumped when the same input would give other numbers."""
        return int(getattr(self.component, "revision", 1))


class Registry:
    """The components that may be named in YAML. An object of its host, never a module global."""

    def __init__(self) -> None:
        self._entries: dict[tuple[str, str], Entry] = {}

    def __iter__(self) -> Iterator[Entry]:
        return iter(sorted(self._entries.values(), key=lambda entry: (list(KINDS).index(entry.kind), entry.name)))

    def add(self, component: Any, plugin: str) -> Entry:
        """
        File a component class under the one interface it implements.

        Raises:
            PluginError: it is not a component, its methods do not fit, or its name is taken; facts ``stage`` and
            ``hint``.
        """
        kind = kind_of(component)
        verify(component, kind)
        entry = Entry(kind, component.name, component, plugin)
        other = self._entries.get((kind, entry.name))
        if other is not None:
            message = f"{kind} '{entry.name}' is offered by '{plugin}' and already by '{other.plugin}'"
            raise PluginError(
                message,
                stage="duplicate",
                hint=f"rename one, or put '{plugin}' or '{other.plugin}' into plugins.disabled",
            )
        self._entries[kind, entry.name] = entry
        return entry

    def forget(self, plugin: str) -> None:
        """Remove everything a plugin offered."""
        self._entries = {key: entry for key, entry in self._entries.items() if entry.plugin != plugin}

    def names(self, kind: str) -> list[str]:
        """Return the known names of a kind, sorted."""
        return sorted(name for each, name in self._entries if each == kind)

    def get(self, kind: str, name: str) -> Entry:
        """
        Return the entry of a name.

        Raises:
            UnknownComponent: with the known names and the nearest.
        """
        entry = self._entries.get((kind, name))
        if entry is None:
            known = self.names(kind)
            raise UnknownComponent(
                f"no {kind} '{name}'; known: {', '.join(known) or 'none'}{did_you_mean(name, known)}",
                kind=kind,
                name=name,
            )
        return entry


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ``; did you mean 'x'?`` for the nearest known name, or nothing."""
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"; did you mean '{near[0]}'?" if near else ""


def kind_of(component: Any) -> str:
    """
    Return the kind whose interface a class implements.

    Raises:
        PluginError: it is not a class, or implements none or several component interfaces.
    """
    if not inspect.isclass(component):
        raise PluginError(
            f"{component!r} is not a class", stage="offer", hint="return classes from nlprec_components, not instances"
        )
    declared: Any = implementedBy(component)
    kinds = [kind for kind, interface in KINDS.items() if interface in set(declared.flattened())]
    if len(kinds) != 1:
        which = ", ".join(f"I{kind.capitalize()}" for kind in kinds) or "no component interface"
        raise PluginError(
            f"{component.__name__} implements {which}",
            stage="interface",
            hint="put exactly one @implementer(I...) outermost",
        )
    return kinds[0]


def verify(component: Any, kind: str) -> None:
    """
    Check a class against its interface: methods, signatures, name, attributes, attrs.

    Raises:
        PluginError: facts ``stage`` = "interface" | "signature" | "name" and ``hint``.
    """
    title = component.__name__
    name = getattr(component, "name", None)
    if not attrs.has(component):
        raise PluginError(
            f"{title} is not an attrs class", stage="interface", hint="add @frozen (attrs) below @implementer"
        )
    interface = KINDS[kind]
    try:
        verifyClass(interface, component)
    except Invalid as error:
        wrong = getattr(error, "exceptions", (error,))  # MultipleInvalid gathers several
        raise PluginError(
            f"{title}: " + "; ".join(_say(each) for each in wrong), stage="signature", hint=_shape(interface)
        ) from error
    for each, description in interface.namesAndDescriptions(all=True):
        if isinstance(description, Method):
            _check_signature(component, each)
        elif not hasattr(component, each) and each not in attrs.fields_dict(component):
            raise PluginError(
                f"{title} has no attribute '{each}'",
                stage="interface",
                hint=f"{each}: {description.__doc__ or 'see the interface'}",
            )
    if not isinstance(name, str) or not _NAME.match(name):
        raise PluginError(
            f"{title}.name is {name!r}",
            stage="name",
            hint="use snake_case, with 'vendor.' before it if you are not nlprec",
        )


def _check_signature(component: Any, name: str) -> None:
    """Refuse what verifyClass lets pass: coroutines, and required keyword-only parameters nobody will give."""
    method = getattr(component, name)
    if inspect.iscoroutinefunction(method) or inspect.isasyncgenfunction(method):
        raise PluginError(
            f"{component.__name__}.{name} is async",
            stage="signature",
            hint="components are synchronous; nlprec runs them in child processes",
        )
    for parameter in inspect.signature(method).parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and parameter.default is parameter.empty:
            message = f"{component.__name__}.{name} demands keyword '{parameter.name}'"
            raise PluginError(message, stage="signature", hint="give it a default, or make it a field of the component")


def _say(error: Invalid) -> str:
    """Return what zope found wrong, without the addresses of the class and the interface."""
    text = " ".join(str(error).split())
    _, because, reason = text.rpartition(" because ")
    return reason if because else text.partition(": ")[2] or text


def _shape(interface: InterfaceClass) -> str:
    methods = [f"{name}{each.getSignatureString()}" for name, each in _methods(interface)]
    return f"{interface.__name__} asks for {', '.join(methods)}"


def _methods(interface: InterfaceClass) -> list[tuple[str, Any]]:
    return [(name, each) for name, each in interface.namesAndDescriptions(all=True) if isinstance(each, Method)]
