"""An artifact's name and birth record: digests of what it was made from, checksums of what it is made of."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from attrs import Factory, frozen

FORMAT = 1  #: of the archive's files; a reader refuses others


def digest(*parts: Any) -> str:
    """
    Return the hex name (32 characters) of plain values; the same values give the same name on every machine.

    Args:
        parts: JSON values; mappings are ordered by key; nan and infinities are allowed.
    """
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


@frozen
class Manifest:
    """The birth record of an artifact: what it is, what it was made from, and the sha256 of each of its files."""

    digest: str
    stage: str  #: that made it
    kind: str  #: noun of the flow: batch, snapshot, dataset, features, model, report, release
    inputs: tuple[str, ...] = ()  #: digests of the artifacts it was made from
    settings: Mapping[str, Any] = Factory(dict)  #: plain values it was made with
    meta: Mapping[str, Any] = Factory(dict)  #: plain values that belong to the content
    files: Mapping[str, str] = Factory(dict)  #: array name -> sha256 of its file
    made: float = 0.0  #: UTC epoch seconds
    seconds: float = 0.0  #: wall time of the job
    peak_memory: int = 0  #: bytes of the child process
    version: str = ""  #: of nlprec
    format: int = FORMAT


@frozen(eq=False)
class Artifact:
    """A loaded artifact: its birth record and its arrays (read-only, memory-mapped)."""

    manifest: Manifest
    arrays: Mapping[str, np.ndarray]

    @property
    def meta(self) -> Mapping[str, Any]:
        """Return the plain values that belong to the content."""
        return self.manifest.meta
