"""
Artifacts on disk by digest, releases as pointers. Never pickle; nothing half-written is ever seen.

``objects/ab/<digest>/`` holds one ``.npy`` file an array and ``manifest.json`` with the sha256 of each; a folder
appears by one rename. ``tmp/`` holds what is being written; ``refused/`` what did not verify; ``current.json`` names
the live release and those before it.
"""

import errno
import hashlib
import json
import os
import shutil
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs
import numpy as np

from nlprec import __version__
from nlprec.errors import ArchiveError, CorruptArtifact, UnknownArtifact
from nlprec.kit.artifact import FORMAT, Artifact, Manifest

BLOCK = 1 << 20


class Archive:
    """The artifacts of one node. Safe for several processes: every change is one rename."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._objects = root / "objects"
        self._tmp = root / "tmp"
        self._refused = root / "refused"
        with _disk(root):
            for folder in (self._objects, self._tmp, self._refused):
                folder.mkdir(parents=True, exist_ok=True)

    def has(self, digest: str) -> bool:
        """Return whether an artifact is there (its bytes are checked when it is loaded)."""
        return (self._folder(digest) / "manifest.json").is_file()

    def digests(self) -> frozenset[str]:
        """Return the names of all artifacts."""
        return frozenset(path.parent.name for path in self._objects.glob("*/*/manifest.json"))

    def save(self, manifest: Manifest, arrays: Mapping[str, np.ndarray]) -> Manifest:
        """
        Write an artifact under its digest; one that is already there is left alone.

        Raises:
            ArchiveError: the disk is full or cannot be written; nothing is left behind.
        """
        final = self._folder(manifest.digest)
        work = self._tmp / uuid.uuid4().hex
        with _disk(self.root):
            try:
                work.mkdir(parents=True)
                files = {name: _write_array(work / f"{name}.npy", array) for name, array in sorted(arrays.items())}
                whole = attrs.evolve(manifest, files=files, made=manifest.made or time.time(), version=__version__)
                _write_text(
                    work / "manifest.json",
                    json.dumps(attrs.asdict(whole), ensure_ascii=False, sort_keys=True, indent=1),
                )
                _sync_folder(work)
                final.parent.mkdir(exist_ok=True)
                _move(work, final)
                _sync_folder(final.parent)
            finally:
                shutil.rmtree(work, ignore_errors=True)
        return whole

    def manifest(self, digest: str) -> Manifest:
        """
        Return an artifact's birth record.

        Raises:
            UnknownArtifact: there is none of this digest.
            CorruptArtifact: its manifest is damaged or of another format.
        """
        path = self._folder(digest) / "manifest.json"
        try:
            raw = json.loads(path.read_text("utf-8"))
            manifest = Manifest(**{**raw, "inputs": tuple(raw["inputs"])})
        except FileNotFoundError:
            raise UnknownArtifact(f"no artifact {digest} in {self.root}", digest=digest) from None
        except (ValueError, TypeError, KeyError) as error:
            raise CorruptArtifact(
                f"artifact {digest}: its manifest is damaged ({type(error).__name__})", digest=digest
            ) from error
        if manifest.format != FORMAT or manifest.digest != digest:
            raise CorruptArtifact(
                f"artifact {digest}: written in format {manifest.format}, this nlprec reads {FORMAT}",
                digest=digest,
            )
        return manifest

    def load(self, digest: str) -> Artifact:
        """
        Return an artifact with its arrays memory-mapped, after checking every byte against the manifest.

        Raises:
            UnknownArtifact: there is none of this digest.
            CorruptArtifact: a file is missing, altered or not an array.
        """
        manifest = self.manifest(digest)
        folder = self._folder(digest)
        arrays = {}
        for name, expected in manifest.files.items():
            path = folder / f"{name}.npy"
            try:
                found = _sha256(path)
                if found != expected:
                    raise CorruptArtifact(
                        f"artifact {digest}: {name}.npy has been altered (sha256 {found[:12]}, not {expected[:12]})",
                        digest=digest,
                    )
                arrays[name] = _read_array(path)
            except (OSError, ValueError) as error:
                raise CorruptArtifact(
                    f"artifact {digest}: {name}.npy cannot be read ({error})", digest=digest
                ) from error
        return Artifact(manifest, arrays)

    def size(self, digest: str) -> int:
        """Return how many bytes an artifact takes on disk."""
        return sum(path.stat().st_size for path in self._folder(digest).iterdir())

    def refuse(self, digest: str) -> None:
        """Take a corrupt artifact out of the way, so that it can be made again; its bytes are kept in ``refused/``."""
        with _disk(self.root):
            if self._folder(digest).exists():
                self._folder(digest).rename(self._refused / f"{digest}-{uuid.uuid4().hex[:8]}")

    def verify(self) -> list[str]:
        """Return what is wrong with any artifact, a line each; empty when every byte is as promised."""
        wrong = []
        for digest in sorted(self.digests()):
            try:
                self.load(digest)
            except ArchiveError as error:
                wrong.append(str(error))
        return wrong

    def releases(self) -> list[dict[str, Any]]:
        """Return the published releases, ``{"digest", "published"}`` each, the live one first."""
        try:
            listed: list[dict[str, Any]] = json.loads((self.root / "current.json").read_text("utf-8"))["releases"]
        except FileNotFoundError:
            return []
        except (ValueError, KeyError, TypeError) as error:
            raise CorruptArtifact(
                f"{self.root / 'current.json'} is damaged; delete it and run again to publish anew"
            ) from error
        return listed

    def point(self, digest: str, keep: int) -> None:
        """Make a release the live one and forget all but the last ``keep``."""
        self._write_pointer(
            [
                {"digest": digest, "published": time.time()},
                *(each for each in self.releases() if each["digest"] != digest),
            ][:keep]
        )

    def withdraw(self, digest: str) -> None:
        """Forget a release, so that the one before it is live again."""
        self._write_pointer([each for each in self.releases() if each["digest"] != digest])

    def _write_pointer(self, listed: list[dict[str, Any]]) -> None:
        work = self._tmp / f"{uuid.uuid4().hex}.json"
        with _disk(self.root):
            try:
                _write_text(work, json.dumps({"releases": listed}, indent=1))
                os.replace(work, self.root / "current.json")
                _sync_folder(self.root)
            finally:
                work.unlink(missing_ok=True)

    def sweep(self, wanted: frozenset[str], older_than: float = 86_400.0) -> int:
        """
        Delete artifacts that nothing wanted leans on, and leftovers of killed jobs, older than some seconds; return how
        many.
        """
        keep: set[str] = set()
        waiting = list(wanted)
        while waiting:
            digest = waiting.pop()
            if digest not in keep and self.has(digest):
                keep.add(digest)
                waiting.extend(self.manifest(digest).inputs)
        horizon = time.time() - older_than
        doomed = [self._folder(digest) for digest in self.digests() - keep]
        doomed += [*self._tmp.iterdir(), *self._refused.iterdir()]
        old = [path for path in doomed if path.stat().st_mtime < horizon]
        for path in old:
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
        return len(old)

    def _folder(self, digest: str) -> Path:
        if len(digest) != 32 or not set(digest) <= set("0123456789abcdef"):
            raise UnknownArtifact(f"{digest!r} is not the name of an artifact", digest=digest)
        return self._objects / digest[:2] / digest


@contextmanager
def _disk(root: Path) -> Iterator[None]:
    """Turn what a disk can refuse into one error a person can act on."""
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        what = (
            "the disk is full; free some space or set archive.path elsewhere" if full else error.strerror or str(error)
        )
        raise ArchiveError(f"the archive at {root} cannot be written: {what}", path=str(root)) from error


def _move(work: Path, final: Path) -> None:
    """Rename a finished folder into place; when another process was first, its equal artifact stays."""
    try:
        work.rename(final)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise


class _Hashing:
    """A file that hashes what is written to it."""

    def __init__(self, handle: Any) -> None:
        self._handle = handle
        self.sha256 = hashlib.sha256()

    def write(self, data: Any) -> int:
        self.sha256.update(data)
        return int(self._handle.write(data))


def _write_array(path: Path, array: np.ndarray) -> str:
    if array.dtype.hasobject:
        raise TypeError(f"array '{path.stem}' holds Python objects; the archive keeps numbers only")
    with path.open("wb") as handle:
        hashing = _Hashing(handle)
        np.lib.format.write_array(hashing, np.asanyarray(array, order="C"), allow_pickle=False)
        handle.flush()
        os.fsync(handle.fileno())
    return hashing.sha256.hexdigest()


def _read_array(path: Path) -> np.ndarray:
    """Return an array, memory-mapped where that is possible (not for empty ones)."""
    try:
        loaded: np.ndarray = np.load(path, mmap_mode="r", allow_pickle=False)
    except ValueError as error:
        if "empty" not in str(error):
            raise
        loaded = np.load(path, allow_pickle=False)
    return loaded


def _write_text(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sha256(path: Path) -> str:
    result = hashlib.sha256()
    with path.open("rb") as handle:
        while block := handle.read(BLOCK):
            result.update(block)
    return result.hexdigest()
