"""Files that are written whole or not at all, and never over what somebody else has written."""

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

from nlprec.errors import DataError

NOTE = "README.txt"
MARK = "sha256 "


def check(directory: Path, names: tuple[str, ...], force: bool) -> None:
    """
    Raise DataError when a file of one of these names is there that an earlier sample did not write as it stands.

    ``README.txt`` lists the digests of what was written with it: what it does not list, or lists otherwise, is foreign.
    """
    if directory.exists() and not directory.is_dir():
        raise DataError(f"{directory} is a file; name a folder", path=str(directory))
    if force or not directory.is_dir():
        return
    known = _listed(directory / NOTE)
    foreign = [name for name in names if (directory / name).exists() and _digest(directory / name) != known.get(name)]
    if (directory / NOTE).exists() and not known:
        foreign.append(NOTE)
    if foreign:
        what = "were not written by nlprec sample, or have changed since" if len(foreign) > 1 else "was not written by nlprec sample, or has changed since"
        raise DataError(
            f"{', '.join(foreign)} in {directory} {what}; name another folder, or write over with --force", path=str(directory)
        )


def save(directory: Path, contents: Mapping[str, bytes], note: str) -> None:
    """Write the files, then ``README.txt``: the note and the digests; raise DataError when the disk refuses."""
    digests = [f"{MARK}{hashlib.sha256(content).hexdigest()}  {name}" for name, content in contents.items()]
    everything = {**contents, NOTE: "\n".join([note.rstrip(), "", *digests, ""]).encode()}
    waiting: list[tuple[Path, Path]] = []
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, content in everything.items():
            waiting.append((directory / f".{name}.{os.getpid()}.part", directory / name))
            _write(waiting[-1][0], content)
        for temporary, final in waiting:
            temporary.replace(final)
    except OSError as error:
        raise DataError(f"{directory} cannot be written: {error.strerror or error}; is the disk full, is it yours?", path=str(directory)) from error
    finally:
        for temporary, _ in waiting:
            temporary.unlink(missing_ok=True)


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def _listed(note: Path) -> dict[str, str]:
    """Return name -> digest as a ``README.txt`` of ours lists them; empty for any other file."""
    try:
        lines = note.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return {}
    rows = [line.removeprefix(MARK).split(maxsplit=1) for line in lines if line.startswith(MARK)]
    return {row[1]: row[0] for row in rows if len(row) == 2}
