"""
The settings of a cluster as frozen values: the only place with defaults, in the order of the flow.

A component's own settings are its attrs fields; here they are held as ``Use``. ``nlprec.loading`` makes all of this
from YAML.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
from attrs import Factory, field, frozen
from attrs.validators import deep_iterable, ge, gt, in_, le, matches_re

from nlprec.kit.artifact import digest
from nlprec.kit.units import Duration, Size, show_duration, show_size

ROLES = ("drive", "work", "serve")
GATES = ("no_worse", "better")
SCOPES = ("read", "write", "admin")


@frozen
class Secret:
    """A value from the environment: never printed, never logged, never part of a digest."""

    value: str = field(repr=False)
    reference: str = ""  #: how YAML names it: ``${NAME}``

    def __str__(self) -> str:
        return self.reference


@frozen
class Use:
    """A component chosen by name, with its numbers, built and checked."""

    kind: str
    name: str
    revision: int
    component: Any  #: the attrs instance; implements the interface of ``kind``
    pinned: bool = False  #: ``use: name@revision`` was written

    def plain(self) -> dict[str, Any]:
        """Return ``{"use": name, field: value, ...}`` with every default, as YAML would say it."""
        name = f"{self.name}@{self.revision}" if self.pinned else self.name
        return {"use": name, **plain(self.component)}

    def identity(self) -> list[Any]:
        """Return what of it belongs in a digest: name, revision and numbers."""
        return [self.name, self.revision, plain(self.component)]


def component(kind: str, default: str | None = None) -> Any:
    """Declare a settings field that holds one component of ``kind``; ``default`` is used when YAML is silent."""
    return field(default=None, metadata={"kind": kind, "default": default})


def components(kind: str, defaults: tuple[Mapping[str, Any], ...] = ()) -> Any:
    """Declare a settings field that holds a tuple of components of ``kind``."""
    return field(default=(), metadata={"kind": kind, "default": defaults})


def named_components(kind: str) -> Any:
    """Declare a settings field that holds a mapping name -> component of ``kind``."""
    return field(factory=dict, metadata={"kind": kind})


@frozen
class PluginSettings:
    """Which plugins are loaded beside the installed ones."""

    paths: tuple[Path, ...] = ()  #: single files, or folders of them
    disabled: tuple[str, ...] = ()  #: plugin names that are not loaded
    strict: bool = False  #: every broken plugin is fatal, used or not


@frozen
class ArchiveSettings:
    """Where artifacts live."""

    path: Path = Path("var/archive")  #: a folder of this node alone
    keep: int = field(default=3, validator=ge(1))  #: releases kept, the live one included


@frozen
class RunSettings:
    """How the flow is walked."""

    runner: Use = component("runner", "processes")  #: what carries jobs out
    every: Duration | None = None  #: retrain this often; none: only at the start and on demand
    at_start: bool = True  #: walk the flow when the daemon starts
    limit: Duration = field(default=Duration(3600.0), validator=gt(Duration(0.0)))  #: wall time one job may take
    memory: Size = Size(0)  #: bytes one job may plan to take; 0B: three quarters of what the machine has free


@frozen
class PrepareSettings:
    """From snapshot to dataset and split."""

    steps: tuple[Use, ...] = components("preparer", ({"use": "weigh"},))  #: in this order
    split: Use = component("splitter", "temporal")  #: what is held out to judge by


@frozen
class TrainSettings:
    """Which models are trained, and how they are blended."""

    recommenders: Mapping[str, Use] = named_components("recommender")  #: models by name
    blenders: Mapping[str, Use] = named_components("blender")  #: several models into one, by name


@frozen
class EvaluateSettings:
    """How models are judged: full ranking of everything not seen in training."""

    metrics: tuple[Use, ...] = components(
        "metric", ({"use": "ndcg"}, {"use": "recall"}, {"use": "coverage"})
    )  #: columns of the report
    relevant: float = field(default=0.0, validator=ge(0))  #: held-out weight above which an item counts as relevant
    resamples: int = field(default=2000, validator=ge(100))  #: of the bootstrap
    level: float = field(default=0.95, validator=[gt(0.5), le(0.999)])  #: of the intervals
    features: str = ""  #: features that say how alike items are, for diversity; empty: the first of extract


@frozen
class PublishSettings:
    """Which model becomes the release, and when it may."""

    release: str = ""  #: a recommender or blender
    gate: Mapping[str, str] = field(
        factory=dict, validator=attrs.validators.deep_mapping(value_validator=in_(GATES))
    )  #: metric -> rule


@frozen
class KeySettings:
    """One API key."""

    name: str = field(validator=matches_re(r"[\w.-]+"))  #: for logs
    secret: Secret = field(default=Secret(""), repr=False)  #: at least 16 characters, from the environment
    scopes: tuple[str, ...] = field(
        default=("read", "write"), validator=deep_iterable(in_(SCOPES))
    )  #: read, write, admin


@frozen
class HttpSettings:
    """The HTTP API."""

    listen: str = field(
        default="127.0.0.1:8080", validator=matches_re(r"(\[[0-9a-fA-F:]+\]|[\w.-]+):\d{1,5}")
    )  #: address:port
    keys: tuple[KeySettings, ...] = ()  #: needed anywhere but on loopback
    body: Size = Size(8 * 1024**2)  #: largest request body
    drain: Duration = Duration(20.0)  #: how long running requests may take after SIGTERM


@frozen
class ServeSettings:
    """How questions are answered."""

    n: int = field(default=10, validator=ge(1))  #: list length when the caller names none
    n_max: int = field(default=200, validator=ge(1))  #: longest list
    filters: tuple[Use, ...] = components(
        "filter", ({"use": "seen"}, {"use": "hidden"})
    )  #: what may be shown; all must agree
    deadline: Duration = field(
        default=Duration(2.0), validator=gt(Duration(0.0))
    )  #: a question waits at most this long
    fallback: str = ""  #: recommender for users without history; empty: the first that is not personal, else counts
    similar: str = ""  #: recommender or blender for similar items; empty: the release
    http: HttpSettings = Factory(HttpSettings)


@frozen
class NodeSettings:
    """One process of the cluster."""

    roles: tuple[str, ...] = field(default=ROLES, validator=deep_iterable(in_(ROLES)))  #: drive, work, serve


@frozen
class LogSettings:
    """What is logged."""

    level: str = field(default="info", validator=in_(("debug", "info", "warn", "error")))  #: the least that is logged
    access: float = field(
        default=0.05, validator=[ge(0), le(1)]
    )  #: share of answered requests that are logged; failures always are


@frozen
class Settings:
    """Everything one YAML file says."""

    version: int = field(default=1, validator=in_((1,)))  #: of this format
    seed: int = field(default=7, validator=ge(0))  #: every random number comes from it
    ingest: tuple[Use, ...] = components("source")  #: none: records come through the API only
    store: Use = component("store", "sqlite")  #: keeps every record for good
    prepare: PrepareSettings = Factory(PrepareSettings)
    extract: Mapping[str, Use] = named_components("extractor")  #: features made of texts, by name
    train: TrainSettings = Factory(TrainSettings)
    evaluate: EvaluateSettings = Factory(EvaluateSettings)
    publish: PublishSettings = Factory(PublishSettings)
    serve: ServeSettings = Factory(ServeSettings)
    run: RunSettings = Factory(RunSettings)
    archive: ArchiveSettings = Factory(ArchiveSettings)
    plugins: PluginSettings = Factory(PluginSettings)
    log: LogSettings = Factory(LogSettings)
    nodes: Mapping[str, NodeSettings] = field(factory=lambda: {"solo": NodeSettings()})

    @property
    def models(self) -> Mapping[str, Use]:
        """Return recommenders and blenders by name, in the order of the file."""
        return {**self.train.recommenders, **self.train.blenders}

    def digest(self) -> str:
        """Return the name of these settings: equal settings, equal digest, on every machine."""
        return digest("settings", plain(self))


def plain(value: Any) -> Any:
    """Return settings as YAML would say them: mappings, lists and scalars, units spelled out, secrets as references."""
    if isinstance(value, Use):
        return value.plain()
    if isinstance(value, Secret):
        return value.reference
    if attrs.has(type(value)):
        hints = attrs.fields_dict(attrs.resolve_types(type(value)))
        return {name: _plain_field(getattr(value, name), hint.type) for name, hint in hints.items() if hint.init}
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, (tuple, list)):
        return [plain(each) for each in value]
    return str(value) if isinstance(value, os.PathLike) else value


def _plain_field(value: Any, hint: Any) -> Any:
    spellings = {str(Duration): show_duration, str(Size): show_size}
    for kind in (hint, *getattr(hint, "__args__", ())):
        if str(kind) in spellings and value is not None:
            return spellings[str(kind)](value)
    return plain(value)
