"""What ``nlprec doctor`` looks at. It changes nothing: a store or an archive that is not there is not made."""

import os
import platform
import shutil
import socket
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nlprec.archive import Archive
from nlprec.cli.versions import PACKAGES, installed
from nlprec.errors import ConfigError, NlprecError
from nlprec.kit.options import StoreOptions
from nlprec.loading import load
from nlprec.settings import Settings

LITTLE = 500  #: MiB of free disk below which there is trouble
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")  #: variables that hold back BLAS

Look = Callable[[Settings], tuple[str, list[str]]]


def examine(config: Path, options: tuple[str, ...]) -> tuple[dict[str, str], list[str]]:
    """Return facts by name, and troubles, a line each."""
    facts = {name: installed(name) for name in PACKAGES}
    facts.update(_machine())
    troubles: list[str] = []
    try:
        loaded = load(config, options)
    except ConfigError as error:
        facts["configuration"] = f"{config}: problems: {len(error.problems)}"
        return facts, [str(problem) for problem in error.problems]
    settings = loaded.settings
    facts["configuration"] = f"{config}: settings {settings.digest()}"
    facts["plugins"] = f"{len(loaded.host.fates)}, broken: {len(loaded.host.broken)}"
    troubles += [str(fate) for fate in loaded.host.broken]
    looks: dict[str, Look] = {"store": _store, "archive": _archive, "disk": _disk, "port": _port}
    for name, look in looks.items():
        try:
            facts[name], found = look(settings)
            troubles += found
        except NlprecError as error:
            facts[name] = "in trouble"
            troubles.append(str(error))
    return facts, troubles


def _machine() -> dict[str, str]:
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") >> 20
    set_threads = [f"{name}={os.environ[name]}" for name in THREADS if name in os.environ]
    names = sorted(name for name in os.environ if name.startswith("NLPREC_"))
    return {
        "Python": f"{platform.python_implementation()} {platform.python_version()} at {sys.executable}",
        "platform": platform.platform(),
        "cores": f"{len(os.sched_getaffinity(0))} usable of {os.cpu_count()}",
        "memory": f"{memory} MiB",
        "BLAS": "; ".join([*_pools(), *set_threads]) or "none found",
        "SQLite": sqlite3.sqlite_version,
        "environment": f"{', '.join(names) or 'no NLPREC_ variable'} (names only)",
    }


def _pools() -> list[str]:
    import numpy  # noqa: F401  its BLAS must be loaded before it can be asked for its threads
    from threadpoolctl import threadpool_info

    return [
        f"{pool['internal_api']} {pool.get('version')}, {pool['num_threads']} threads" for pool in threadpool_info()
    ]


def _store(settings: Settings) -> tuple[str, list[str]]:
    store: Any = settings.store.component
    path = getattr(store, "path", None)
    if path is not None and not Path(path).exists():
        return f"{settings.store.name}: {path} is not there yet", []
    try:
        head = store.head(StoreOptions())
    finally:
        store.close()
    return f"{settings.store.name}, head {head.sequence}, {len(head.applied)} batches applied", []


def _archive(settings: Settings) -> tuple[str, list[str]]:
    path = settings.archive.path
    if not path.is_dir():
        return f"{path} is not there yet", []
    archive = Archive(path)
    wrong = archive.verify()
    live = archive.releases()
    words = f"live release {live[0]['digest']}" if live else "no release yet"
    return f"{path}: {len(archive.digests())} artifacts, {words}", wrong


def _disk(settings: Settings) -> tuple[str, list[str]]:
    path = settings.archive.path.absolute()
    here = next(each for each in (path, *path.parents) if each.exists())
    free = shutil.disk_usage(here).free >> 20
    words = f"{free} MiB free at {here}"
    return words, [f"only {words}"] if free < LITTLE else []


def _port(settings: Settings) -> tuple[str, list[str]]:
    listen = settings.serve.http.listen
    host, _, port = listen.rpartition(":")
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip("[]"), int(port)))
        except (OSError, OverflowError) as error:
            return f"{listen}: {getattr(error, 'strerror', None) or error} (a node may be running)", []
    return f"{listen} is free", []
