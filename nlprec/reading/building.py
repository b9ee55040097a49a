"""Values with places -> attrs instances, every problem gathered: how YAML and jobs become settings and components."""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

import attrs
from attrs import frozen

from nlprec.errors import ConfigError, Problem, UnknownComponent
from nlprec.host import PluginHost
from nlprec.kit.units import Duration, Size, duration, size
from nlprec.reading.tree import MISSING, Located, secret
from nlprec.registry import did_you_mean
from nlprec.settings import PluginSettings, Secret, Use


class Builder:
    """Turns Located values into attrs instances, gathering problems instead of stopping at the first."""

    def __init__(self, file: str, host: PluginHost | None) -> None:
        self.file = file
        self.host = host
        self.problems: list[Problem] = []
        self.warnings: list[str] = []
        self.origins: dict[str, str] = {}  #: dotted path -> where its value came from
        self.lines: dict[str, int] = {}  #: dotted path -> line

    def complain(
        self, path: str, message: str, hint: str = "", where: Located | None = None, code: str = "config"
    ) -> None:
        """Add a problem at a path, with the line of ``where`` or of the nearest ancestor."""
        line = where.line if where is not None and where.line else self.line(path)
        file = "command line" if where is not None and where.origin == "option" else self.file
        self.problems.append(Problem(path, message, hint, file, line, code))

    def line(self, path: str) -> int:
        """Return the line of a path, or of its nearest ancestor that the file has."""
        while path and path not in self.lines:
            path = path.rpartition(".")[0] if "." in path else ""
        return self.lines.get(path, 1)

    def plugins(self, root: Located) -> PluginSettings:
        """Return the ``plugins`` section alone: it must be known before components can be looked up."""
        where = root.value.get("plugins")
        built = self.build(PluginSettings, where, "plugins") if where is not None else None
        return built if isinstance(built, PluginSettings) else PluginSettings()

    def build(self, kind: Any, where: Located, path: str, forget: tuple[str, ...] = ()) -> Any:
        """
        Return an instance of an attrs class; keys in ``forget`` are not its fields.

        A value that is wrong is replaced by its default once it is complained of, so that what leans on the rest is
        still checked; None when there is no default.
        """
        if where.value is None:
            where = Located({}, where.line, where.origin)
        if not isinstance(where.value, dict):
            self.complain(
                path,
                f"expected a mapping, got {_show(where.value)}",
                "write 'key: value' lines below it",
                where,
                "config.type",
            )
            return None
        if where.line:
            self.lines[path] = where.line
        fields = {name: each for name, each in attrs.fields_dict(attrs.resolve_types(kind)).items() if each.init}
        for name, each in where.value.items():
            if name not in fields and name not in forget:
                known = f"known: {', '.join(fields) or 'no keys'}{did_you_mean(name, fields)}"
                self.complain(_join(path, name), "unknown key", known, each, "config.unknown_key")
        values = {name: self._field(each, where, _join(path, name)) for name, each in fields.items()}
        if any(value is attrs.NOTHING and fields[name].default is attrs.NOTHING for name, value in values.items()):
            return None  # complained of already
        try:
            return kind(**{name: value for name, value in values.items() if value is not attrs.NOTHING})
        except (ValueError, TypeError) as error:
            self.complain(path, _reason(error), "", where, "config.value")
            return None

    def _field(self, each: Any, parent: Located, path: str) -> Any:
        where = parent.value.get(each.name)
        if where is not None and where.origin == MISSING:
            return attrs.NOTHING
        if where is None or (where.value is None and not _optional(each.type)):
            return self._missing(each, parent, path)
        self.lines[path] = where.line
        self.origins[path] = where.origin or f"line {where.line}"
        before = len(self.problems)
        value = self._convert(each.type, where, path, each.metadata)
        if len(self.problems) == before and each.validator is not None:
            try:
                each.validator(None, each, value)
            except (ValueError, TypeError) as error:
                self.complain(path, _reason(error), "", where, "config.value")
                return attrs.NOTHING
        return attrs.NOTHING if value is None and not _optional(each.type) else value

    def _missing(self, each: Any, parent: Located, path: str) -> Any:
        self.origins[path] = "default"
        default = each.metadata.get("default")
        if "kind" in each.metadata and default:
            uses = [self.use(each.metadata["kind"], _located(entry), path) for entry in _as_list(default)]
            return tuple(uses) if isinstance(default, tuple) else uses[0]
        if "kind" in each.metadata:
            return attrs.NOTHING
        if attrs.has(each.type) and each.default is not attrs.NOTHING:
            return self.build(each.type, Located({}), path)  # a silent section still has components by default
        if each.default is attrs.NOTHING:
            self.complain(path, "is missing", f"add '{each.name}:'", parent, "config.missing")
        return attrs.NOTHING

    def _convert(self, hint: Any, where: Located, path: str, metadata: Mapping[str, Any]) -> Any:
        if "kind" in metadata:
            return self._uses(metadata["kind"], hint, where, path)
        if get_origin(hint) in (Union, UnionType):
            if where.value is None:
                return None
            return self._convert(next(each for each in get_args(hint) if each is not NoneType), where, path, metadata)
        if attrs.has(hint) and hint is not Secret:
            return self.build(hint, where, path)
        origin = get_origin(hint)
        if origin is tuple:
            return self._sequence(get_args(hint)[0], where, path)
        if origin is not None and issubclass(origin, Mapping):
            return self._mapping(get_args(hint)[1], where, path)
        try:
            return _CONVERTERS[hint](where)
        except KeyError:
            raise TypeError(f"settings field {path} has a type nobody can read from YAML: {hint}") from None
        except ValueError as error:
            self.complain(path, str(error), "", where, "config.type")
            return None

    def _sequence(self, hint: Any, where: Located, path: str) -> Any:
        if not isinstance(where.value, list):
            where = Located([where], where.line, where.origin)
        return tuple(self._convert(hint, each, f"{path}[{at}]", {}) for at, each in enumerate(where.value))

    def _mapping(self, hint: Any, where: Located, path: str) -> Any:
        if not isinstance(where.value, dict):
            self.complain(
                path,
                f"expected a mapping, got {_show(where.value)}",
                "write 'name: value' lines below it",
                where,
                "config.type",
            )
            return {}
        for name, each in where.value.items():
            self.lines[_join(path, name)] = each.line
            self.origins[_join(path, name)] = each.origin or f"line {each.line}"
        return {name: self._convert(hint, each, _join(path, name), {}) for name, each in where.value.items()}

    def _uses(self, kind: str, hint: Any, where: Located, path: str) -> Any:
        if get_origin(hint) is tuple:
            entries = where.value if isinstance(where.value, list) else [where]
            marked = [
                (f"{path}[{at}]" if isinstance(where.value, list) else path, each) for at, each in enumerate(entries)
            ]
            return tuple(use for use in (self.use(kind, each, below) for below, each in marked) if use is not None)
        if get_origin(hint) is not None:
            if not isinstance(where.value, dict):
                self.complain(
                    path,
                    f"expected a mapping of names, got {_show(where.value)}",
                    "write 'name: {use: ...}' below it",
                    where,
                    "config.type",
                )
                return {}
            built = {name: self.use(kind, each, _join(path, name)) for name, each in where.value.items()}
            return {name: use or _stand_in(kind, where.value[name]) for name, use in built.items()}
        return self.use(kind, where, path)

    def use(self, kind: str, where: Located, path: str) -> Use | None:
        """Return the component that ``{use: name, ...}`` (or just ``name``) asks for."""
        if isinstance(where.value, str):
            where = Located({"use": where}, where.line, where.origin)
        chosen = where.value.get("use") if isinstance(where.value, dict) else None
        if chosen is None or not isinstance(chosen.value, str):
            self.complain(
                path,
                f"no {kind} is chosen",
                f"write 'use: NAME'; known: {', '.join(self._registry().names(kind))}",
                where,
                "config.missing",
            )
            return None
        self.lines[path] = where.line
        self.origins[_join(path, "use")] = chosen.origin or (f"line {chosen.line}" if chosen.line else "default")
        name, at, pin = chosen.value.partition("@")
        try:
            entry = self._registry().get(kind, name)
        except UnknownComponent as error:
            broken = "; ".join(str(fate) for fate in self.host.broken) if self.host else ""
            self.complain(
                _join(path, "use"),
                error.message,
                f"plugins that failed to load: {broken}" if broken else "",
                chosen,
                error.code,
            )
            return None
        if at and pin != str(entry.revision):
            hint = f"write use: {name}@{entry.revision} once you have looked at what changed"
            self.complain(
                _join(path, "use"),
                f"revision {pin} is pinned, installed is {entry.revision}",
                hint,
                chosen,
                "config.revision",
            )
        built = self.build(entry.component, where, path, forget=("use",))
        return Use(kind, name, entry.revision, built, bool(at)) if built is not None else None

    def _registry(self) -> Any:
        if self.host is None:
            raise ConfigError("components cannot be used in the plugins section")
        return self.host.registry


@frozen
class _StandIn:
    """Takes the place of a component that was complained of, so that the names around it can still be checked."""

    features: str = ""
    inputs: Mapping[str, float] = attrs.Factory(dict)


def _stand_in(kind: str, where: Located) -> Use:
    said = where.plain() if isinstance(where.value, dict) else {}
    features, inputs = said.get("features"), said.get("inputs")
    return Use(
        kind,
        "?",
        0,
        _StandIn(features if isinstance(features, str) else "", inputs if isinstance(inputs, dict) else {"": 0.0}),
    )


def component(host: PluginHost, kind: str, recipe: Mapping[str, Any]) -> Any:
    """
    Return the component instance of a recipe (``nlprec.plan.recipe``): plain values, as a job carries them.

    Raises:
        ConfigError: the recipe does not fit the plugins installed here.
    """
    wanted = {name: _located(value) for name, value in recipe.items() if name != "revision"}
    wanted["use"] = Located(f"{recipe['use']}@{recipe['revision']}")
    builder = Builder("job", host)
    use = builder.use(kind, Located(wanted), kind)
    if use is None or builder.problems:
        raise ConfigError(problems=tuple(builder.problems))
    return use.component


def _located(value: Any) -> Located:
    if isinstance(value, Mapping):
        return Located({name: _located(each) for name, each in value.items()})
    if isinstance(value, (list, tuple)):
        return Located([_located(each) for each in value])
    return Located(value)


def _text(where: Located) -> str:
    if not isinstance(where.value, str):
        raise ValueError(f"expected text, got {_show(where.value)}; quote it")
    return where.value


def _integer(where: Located) -> int:
    if isinstance(where.value, bool) or not isinstance(where.value, int):
        raise ValueError(f"expected a whole number, got {_show(where.value)}")
    return where.value


def _number(where: Located) -> float:
    if isinstance(where.value, bool) or not isinstance(where.value, (int, float)):
        raise ValueError(f"expected a number, got {_show(where.value)}")
    return float(where.value)


def _yes_no(where: Located) -> bool:
    if not isinstance(where.value, bool):
        raise ValueError(f"expected true or false, got {_show(where.value)}")
    return where.value


def _anything(where: Located) -> Any:
    return where.plain()


_CONVERTERS: dict[Any, Callable[[Located], Any]] = {
    str: _text,
    int: _integer,
    float: _number,
    bool: _yes_no,
    Path: lambda where: Path(_text(where)),
    Duration: lambda where: duration(where.value),
    Size: lambda where: size(where.value),
    Secret: secret,
    Any: _anything,
}


def _optional(hint: Any) -> bool:
    return get_origin(hint) in (Union, UnionType) and NoneType in get_args(hint)


def _as_list(default: Any) -> list[Any]:
    return list(default) if isinstance(default, tuple) else [default]


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _show(value: Any) -> str:
    if isinstance(value, dict):
        return "a mapping"
    return "a list" if isinstance(value, list) else repr(value)


def _reason(error: Exception) -> str:
    return str(error.args[0]) if error.args else str(error)
