"""The archive: nothing half-written, nothing unverified, nothing lost."""

import errno
import json
import os

import numpy as np
import pytest

from nlprec.archive import Archive, _disk
from nlprec.errors import ArchiveError, CorruptArtifact, UnknownArtifact
from nlprec.kit.artifact import Manifest, digest

A, B, C = digest("a"), digest("b"), digest("c")


@pytest.fixture
def archive(tmp_path):
    """Return an empty archive."""
    return Archive(tmp_path / "archive")


def save(archive, name, inputs=(), **arrays):
    """Save a small artifact."""
    return archive.save(Manifest(name, "train", "model", inputs, {"k": 3}, {"note": "ü"}), arrays)


def test_what_was_saved_is_loaded(archive):
    """Arrays of every plain type, empty ones too, come back equal, with their birth record."""
    arrays = {
        "f": np.arange(6, dtype=np.float32).reshape(2, 3),
        "i": np.zeros(0, np.int32),
        "b": np.array([True]),
        "n": np.array(5),
    }
    save(archive, A, **arrays)
    loaded = archive.load(A)
    assert {name: array.tolist() for name, array in arrays.items()} == {
        name: array.tolist() for name, array in loaded.arrays.items()
    }
    assert (loaded.manifest.stage, loaded.meta) == ("train", {"note": "ü"})


def test_arrays_are_memory_mapped(archive):
    """A loaded array lives in the page cache, shared by all processes of a machine."""
    save(archive, A, x=np.ones(10))
    assert isinstance(archive.load(A).arrays["x"], np.memmap)


def test_object_arrays_are_refused(archive):
    """Python objects would need pickle, so they never enter, and nothing is left behind."""
    with pytest.raises(TypeError, match="Python objects"):
        save(archive, A, x=np.array([{}], object))
    assert (archive.has(A), list((archive.root / "tmp").iterdir())) == (False, [])


def test_an_altered_byte_is_refused(archive):
    """An artifact is named with what is wrong when one byte of it changed."""
    save(archive, A, x=np.zeros(100))
    path = next(archive.root.glob(f"objects/*/{A}/x.npy"))
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(CorruptArtifact, match="x.npy has been altered"):
        archive.load(A)


def test_a_missing_file_is_refused(archive):
    """A file that is gone is corruption, not an empty array."""
    save(archive, A, x=np.zeros(3))
    next(archive.root.glob(f"objects/*/{A}/x.npy")).unlink()
    with pytest.raises(CorruptArtifact, match="cannot be read"):
        archive.load(A)


def test_a_damaged_manifest_is_refused(archive):
    """A manifest cut short by a crash of the file system is corruption."""
    save(archive, A, x=np.zeros(3))
    next(archive.root.glob(f"objects/*/{A}/manifest.json")).write_text('{"digest": ')
    with pytest.raises(CorruptArtifact, match="manifest is damaged"):
        archive.load(A)


def test_another_format_is_refused(archive):
    """Files of a later format are not guessed at."""
    save(archive, A, x=np.zeros(3))
    path = next(archive.root.glob(f"objects/*/{A}/manifest.json"))
    path.write_text(json.dumps({**json.loads(path.read_text()), "format": 99}))
    with pytest.raises(CorruptArtifact, match="format 99"):
        archive.load(A)


def test_verify_lists_every_wrong_artifact(archive):
    """One line for each artifact that is not as promised, none for the good ones."""
    for name in (A, B):
        save(archive, name, x=np.zeros(3))
    next(archive.root.glob(f"objects/*/{B}/x.npy")).write_bytes(b"")
    assert [B in line for line in archive.verify()] == [True]


def test_a_refused_artifact_can_be_made_again(archive):
    """What was refused is out of the way but not destroyed."""
    save(archive, A, x=np.zeros(3))
    archive.refuse(A)
    assert (archive.has(A), len(list((archive.root / "refused").iterdir()))) == (False, 1)
    save(archive, A, x=np.ones(3))
    assert archive.load(A).arrays["x"].sum() == 3


def test_saving_twice_keeps_the_first(archive):
    """Two processes may make the same artifact; the second changes nothing."""
    save(archive, A, x=np.zeros(3))
    save(archive, A, x=np.ones(3))
    assert archive.load(A).arrays["x"].sum() == 0


@pytest.mark.parametrize("name", ["../../etc/passwd", "A" * 32, "", "0" * 31])
def test_only_digests_are_looked_up(archive, name):
    """A name from outside never becomes a path."""
    with pytest.raises(UnknownArtifact):
        archive.load(name)


def test_an_unknown_digest_is_named(archive):
    """The error is a LookupError too and carries the digest."""
    with pytest.raises(UnknownArtifact) as caught:
        archive.load(A)
    assert (isinstance(caught.value, LookupError), caught.value.facts["digest"]) == (True, A)


def test_the_pointer_keeps_the_last_releases(archive):
    """The live release comes first, a repeated one moves to the front, only ``keep`` are remembered."""
    for name in (A, B, C, B):
        archive.point(name, keep=2)
    assert [each["digest"] for each in archive.releases()] == [B, C]


def test_withdrawing_brings_the_one_before_back(archive):
    """A live release that does not verify gives way to the one before it."""
    archive.point(A, keep=3)
    archive.point(B, keep=3)
    archive.withdraw(B)
    assert [each["digest"] for each in archive.releases()] == [A]


def test_sweep_keeps_what_a_release_leans_on(archive):
    """Everything a wanted artifact was made from stays; the rest goes once it is old enough."""
    save(archive, A, x=np.zeros(1))
    save(archive, B, inputs=(A,), x=np.zeros(1))
    save(archive, C, x=np.zeros(1))
    assert (archive.sweep(frozenset({B}), older_than=-1), archive.digests()) == (1, {A, B})


def test_sweep_spares_the_young(archive):
    """A job that runs right now does not lose its inputs."""
    save(archive, A, x=np.zeros(1))
    assert (archive.sweep(frozenset()), archive.digests()) == (0, {A})


def test_a_full_disk_is_one_clear_error_and_leaves_nothing(archive, tmp_path):
    """Writing to a file system that refuses gives an ArchiveError that says what to do, and no half artifact."""
    full = Archive(tmp_path / "full")
    (full.root / "tmp").rmdir()
    (full.root / "tmp").symlink_to("/dev/full")  # every write below it fails
    with pytest.raises(ArchiveError, match="cannot be written"):
        save(full, A, x=np.zeros(3))
    assert full.digests() == frozenset()


def test_no_space_says_what_to_do():
    """ENOSPC is translated into advice."""
    with pytest.raises(ArchiveError, match="the disk is full"), _disk(os.curdir):
        raise OSError(errno.ENOSPC, "No space left on device")
