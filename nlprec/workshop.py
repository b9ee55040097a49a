"""Where a job is done: one process's archive, plugins and store. ``open_workshop`` is the entry of every runner's process."""

import importlib
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from attrs import frozen
from threadpoolctl import threadpool_limits

from nlprec.archive import Archive
from nlprec.bench import Bench
from nlprec.host import PluginHost, load_host
from nlprec.kit.artifact import Manifest
from nlprec.building import component

ENTRY = "nlprec.workshop:open_workshop"  #: what a runner is told to call in each of its processes
STAGES = ("ingest", "store", "prepare", "extract", "train", "evaluate", "publish")


@frozen
class Workshop:
    """Everything a job needs beside itself."""

    archive: Archive
    host: PluginHost
    store: Any = None  #: an open IStore, or None: opened from the recipe for the job that needs it
    store_recipe: Mapping[str, Any] | None = None
    threads: int = 1
    memory: int = 0

    def perform(self, body: Mapping[str, Any], progress: Callable[..., None]) -> dict[str, Any]:
        """
        Do one job: run its stage, keep what it made.

        Args:
            body: ``nlprec.plan.Job`` as plain values, with ``limit`` (seconds, 0 none).
        Returns:
            ``{"digest", "cached", "notes"}``; digest is empty when the stage only changed the store.
        """
        digest = body["digest"]
        if self.archive.has(digest):
            return {"digest": digest, "cached": True, "notes": []}
        start = time.monotonic()
        deadline = start + body["limit"] if body.get("limit") else 0.0
        store = self._open_store() if body["stage"] == "store" else None
        try:
            bench = Bench(
                self.archive, self.host, digest, body["settings"], body["inputs"], store, self.threads, self.memory, deadline, progress
            )
            stage = importlib.import_module(f"nlprec.stages.{_known(body['stage'])}")
            with threadpool_limits(self.threads):
                made = stage.run(bench)
        finally:
            if store is not None and self.store is None:
                store.close()
        if not made.kind:
            return {"digest": "", "cached": False, "notes": bench.notes}
        inputs = tuple(sorted(set(body["inputs"].values())))
        meta = {**made.meta, "notes": made.meta.get("notes", bench.notes)}
        manifest = Manifest(digest, body["stage"], made.kind, inputs, body["settings"], meta, seconds=time.monotonic() - start, peak_memory=peak_memory())
        self.archive.save(manifest, made.arrays)
        return {"digest": digest, "cached": False, "notes": bench.notes}

    def _open_store(self) -> Any:
        if self.store is not None:
            return self.store
        return component(self.host, "store", self.store_recipe or {})


def peak_memory() -> int:
    """Return the most bytes this process has had resident."""
    import resource  # not on every platform; only a report leans on it

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _known(stage: str) -> str:
    if stage not in STAGES:
        raise ValueError(f"there is no stage {stage!r}")
    return stage


def open_workshop(setup: Mapping[str, Any]) -> Callable[[Mapping[str, Any], Callable[..., None]], dict[str, Any]]:
    """
    Return ``perform`` of a workshop made from plain values: the entry of a runner's process.

    Args:
        setup: ``archive`` (path), ``plugins`` (``paths``, ``disabled``), ``store`` (recipe), ``threads``, ``memory``.
    """
    for stage in STAGES:  # paid once, before the process forks its jobs
        importlib.import_module(f"nlprec.stages.{stage}")
    plugins = setup["plugins"]
    host = load_host([Path(path) for path in plugins["paths"]], plugins["disabled"])
    workshop = Workshop(Archive(Path(setup["archive"])), host, None, setup["store"], int(setup["threads"]), int(setup["memory"]))
    return workshop.perform
