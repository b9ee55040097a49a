"""What ``nlprec doctor`` looks at."""

import os
import platform
import shutil
import socket
import sqlite3
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from nlprec.archive import Archive
from nlprec.errors import ConfigError, NlprecError
from nlprec.kit.options import StoreOptions
from nlprec.loading import load
from nlprec.settings import Settings

PACKAGES = (
    "nlprec",
    "nlprec-plugins",
    "Twisted",
    "numpy",
    "scipy",
    "scikit-learn",
    "spacy",
    "implicit",
    "pluggy",
    "zope.interface",
    "attrs",
    "msgspec",
)


def examine(config: Path, options: tuple[str, ...]) -> tuple[dict[str, str], list[str]]:
    """Return facts by name, and troubles, a line each."""
    facts = {name: _version(name) for name in PACKAGES}
    facts.update(_machine())
    troubles: list[str] = []
    try:
        loaded = load(config, options)
    except ConfigError as error:
        facts["configuration"] = f"{config}: {len(error.problems)} problems"
        return facts, [str(problem) for problem in error.problems]
    settings = loaded.settings
    facts["configuration"] = f"{config}: settings {settings.digest()}"
    troubles += [str(fate) for fate in loaded.host.broken]
    for name, look in (("store", _store), ("archive", _archive), ("disk", _disk), ("port", _port)):
        _try(name, look, settings, facts, troubles)
    return facts, troubles


def _try(
    name: str,
    look: Callable[[Settings], tuple[str, list[str]]],
    settings: Settings,
    facts: dict[str, str],
    troubles: list[str],
) -> None:
    try:
        facts[name], found = look(settings)
        troubles += found
    except NlprecError as error:
        facts[name] = "in trouble"
        troubles.append(str(error))


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _machine() -> dict[str, str]:
    import numpy as np  # its BLAS must be loaded before it can be asked for its threads
    from threadpoolctl import threadpool_info

    pools = "; ".join(
        f"{pool['internal_api']} {pool.get('version') or ''} {pool['num_threads']} threads".replace("  ", " ")
        for pool in threadpool_info()
    )
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") >> 20
    return {
        "Python": f"{platform.python_implementation()} {platform.python_version()} at {sys.executable}",
        "platform": platform.platform(),
        "cores": f"{len(os.sched_getaffinity(0))} usable of {os.cpu_count()}",
        "memory": f"{memory} MiB",
        "BLAS": pools or f"none found beside numpy {np.__version__}",
        "SQLite": sqlite3.sqlite_version,
    }


def _store(settings: Settings) -> tuple[str, list[str]]:
    store: Any = settings.store.component
    head = store.head(StoreOptions())
    store.close()
    return f"{settings.store.name}, head {head.sequence}, {len(head.applied)} batches applied", []


def _archive(settings: Settings) -> tuple[str, list[str]]:
    archive = Archive(settings.archive.path)
    live = archive.releases()
    wrong = archive.verify()
    words = f"live release {live[0]['digest']}" if live else "no release yet"
    return f"{settings.archive.path}: {len(archive.digests())} artifacts, {words}", wrong


def _disk(settings: Settings) -> tuple[str, list[str]]:
    free = shutil.disk_usage(settings.archive.path).free >> 20
    return f"{free} MiB free at {settings.archive.path}", [
        f"only {free} MiB are free at {settings.archive.path}"
    ] if free < 500 else []


def _port(settings: Settings) -> tuple[str, list[str]]:
    host, _, port = settings.serve.http.listen.rpartition(":")
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip("[]"), int(port)))
        except OSError as error:
            return f"{settings.serve.http.listen}: {error.strerror or error} (a node may be running)", []
    return f"{settings.serve.http.listen} is free", []
