"""Reading files of others: digests, lines with their places, plain or gzip."""

import gzip
import hashlib
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from nlprec.errors import DataError

BLOCK = 1 << 20


def content_digest(paths: Iterable[Path], *options: object) -> str:
    """
    Return a name of the files' contents and of the options they are read with; raise DataError when one cannot be read.
    """
    result = hashlib.sha256(repr(options).encode())
    for path in paths:
        try:
            with path.open("rb") as handle:
                while block := handle.read(BLOCK):
                    result.update(block)
        except OSError as error:
            raise DataError(
                f"{path} cannot be read: {error.strerror}; check the path in the configuration", path=str(path)
            ) from error
        result.update(b"\0")
    return result.hexdigest()[:32]


def open_text(path: Path, encoding: str = "utf-8") -> IO[str]:
    """Open a file, ``.gz`` or plain, as text; undecodable bytes become U+FFFD; raise DataError when it is not there."""
    try:
        if path.suffix == ".gz":
            return cast(IO[str], gzip.open(path, "rt", encoding=encoding, errors="replace", newline=""))
        return path.open("rt", encoding=encoding, errors="replace", newline="")
    except (OSError, LookupError) as error:
        raise DataError(f"{path} cannot be read: {error}; check the path and the encoding", path=str(path)) from error


def lines(path: Path, encoding: str = "utf-8") -> Iterator[tuple[str, str]]:
    """Yield (place, line) of every line that is not blank; the place is ``name:number``."""
    with open_text(path, encoding) as handle, readable(path):
        for at, line in enumerate(handle, 1):
            if line.strip():
                yield f"{path.name}:{at}", line.lstrip("\ufeff") if at == 1 else line


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Turn a file that breaks off or is no gzip into one error a person can act on."""
    try:
        yield
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path} cannot be read to its end: {error}; is it complete?", path=str(path)) from error
