"""What a stage is given to work with: its job, its inputs, its components, and options with everything in them."""

import importlib
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import numpy as np
from attrs import Factory, frozen

from nlprec.archive import Archive
from nlprec.errors import CorruptArtifact
from nlprec.host import PluginHost
from nlprec.kit.artifact import Artifact
from nlprec.kit.options import Options, no_progress
from nlprec.kit.random import generator
from nlprec.reading.building import component

KIT_MODULES = ("nlprec.kit.scorers", "nlprec.kit.texts.encoders")
AnyOptions = TypeVar("AnyOptions", bound=Options)


@frozen
class Made:
    """What a stage made: the kind of artifact (a noun of the flow), its arrays and its plain values."""

    kind: str
    arrays: Mapping[str, np.ndarray] = Factory(dict)
    meta: Mapping[str, Any] = Factory(dict)
    digest: str = ""  #: its own name, when the world moved on and the job's would be wrong


@frozen
class Bench:
    """The workplace of one job. Stages read their inputs and make their components here and know no other way out."""

    archive: Archive
    host: PluginHost
    digest: str
    settings: Mapping[str, Any]
    inputs: Mapping[str, str]
    store: Any = None  #: IStore, for the two stages that touch the world
    threads: int = 1
    memory: int = 0
    deadline: float = 0.0
    progress: Callable[..., None] = no_progress
    notes: list[dict[str, Any]] = Factory(list)

    def load(self, role: str) -> Artifact:
        """Return the artifact in a role, checked."""
        return self.archive.load(self.inputs[role])

    def roles(self, prefix: str) -> dict[str, str]:
        """Return ``{name: digest}`` of the inputs whose role is ``prefix.name``."""
        return {
            role.removeprefix(f"{prefix}."): digest
            for role, digest in self.inputs.items()
            if role.startswith(f"{prefix}.")
        }

    def component(self, kind: str, recipe: Mapping[str, Any]) -> Any:
        """Return the component of a recipe."""
        return component(self.host, kind, {name: value for name, value in recipe.items() if name != "fingerprint"})

    def options(self, kind: type[AnyOptions], *purpose: str, **inputs: Any) -> AnyOptions:
        """Return options of a kind: the job's means, and randomness that depends on the seed and the purpose alone."""
        rng = generator(int(self.settings.get("seed", 0)), *purpose)
        return kind(
            rng=rng,
            threads=self.threads,
            memory=self.memory,
            deadline=self.deadline,
            progress=self.progress,
            note=self.note,
            **inputs,
        )

    def note(self, message: str, **counts: Any) -> None:
        """Keep a remark for the artifact's record and the report."""
        self.notes.append({"message": message, **counts})


def restore(host: PluginHost, kind: str, name: str, where: str, state: Mapping[str, np.ndarray]) -> Any:
    """
    Return the fitted thing (scorer, encoder) of a stored state.

    Only classes of ``nlprec.kit`` and of the module of the component that made it are ever looked up: a manifest cannot
    name anything else.

    Raises:
        CorruptArtifact: the manifest names another class.
    """
    module_name, _, class_name = where.partition(":")
    own = host.registry.get(kind, name).component.__module__
    if module_name not in (own, *KIT_MODULES):
        raise CorruptArtifact(
            f"{kind} '{name}' was stored as {where}, which is neither nlprec.kit's nor the component's own", where=where
        )
    found = getattr(importlib.import_module(module_name), class_name, None)
    if found is None or not hasattr(found, "restore"):
        raise CorruptArtifact(
            f"{kind} '{name}' was stored as {where}, which is not there any more; run again to train it anew",
            where=where,
        )
    return found.restore(state)


def place(fitted: Any) -> str:
    """Return ``module:class`` of a fitted thing, for ``restore``."""
    return f"{type(fitted).__module__}:{type(fitted).__qualname__}"
