"""
Where a job is done: one process's archive, plugins and store. ``open_workshop`` is the entry of every runner's process.
"""

import importlib
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from attrs import frozen
from threadpoolctl import threadpool_limits

from nlprec.archive import Archive
from nlprec.bench import Bench, Made
from nlprec.host import PluginHost, load_host
from nlprec.kit.artifact import Manifest
from nlprec.reading.building import component

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
            ``{"digest", "cached", "notes"}``; digest is empty when the stage only changed the store, and another than
            the job's when the world had moved on.
        """
        digest = body["digest"]
        if self.archive.has(digest):
            return {"digest": digest, "cached": True, "notes": []}
        start = time.monotonic()
        made, notes = self._make(body, progress, start + body["limit"] if body.get("limit") else 0.0)
        if made.kind:
            self.archive.save(_manifest(body, made, notes, time.monotonic() - start), made.arrays)
        return {"digest": (made.digest or digest) if made.kind else "", "cached": False, "notes": notes}

    def _make(
        self, body: Mapping[str, Any], progress: Callable[..., None], deadline: float
    ) -> tuple[Made, list[dict[str, Any]]]:
        """Run the stage on a bench of its own; return what it made and what it noted."""
        stage = importlib.import_module(f"nlprec.stages.{_known(body['stage'])}")
        store = self._open_store() if body["stage"] == "store" else None
        bench = Bench(
            archive=self.archive,
            host=self.host,
            digest=body["digest"],
            settings=body["settings"],
            inputs=body["inputs"],
            store=store,
            threads=self.threads,
            memory=self.memory,
            deadline=deadline,
            progress=progress,
        )
        try:
            with threadpool_limits(self.threads):
                return stage.run(bench), bench.notes
        finally:
            if store is not None and self.store is None:
                store.close()

    def _open_store(self) -> Any:
        if self.store is not None:
            return self.store
        return component(self.host, "store", self.store_recipe or {})


def _manifest(body: Mapping[str, Any], made: Made, notes: list[dict[str, Any]], seconds: float) -> Manifest:
    return Manifest(
        digest=made.digest or body["digest"],
        stage=body["stage"],
        kind=made.kind,
        inputs=tuple(sorted(set(body["inputs"].values()))),
        settings=body["settings"],
        meta={**made.meta, "notes": made.meta.get("notes", notes)},
        seconds=seconds,
        peak_memory=peak_memory(),
    )


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
    workshop = Workshop(
        Archive(Path(setup["archive"])), host, None, setup["store"], int(setup["threads"]), int(setup["memory"])
    )
    return workshop.perform
