"""store -> Snapshot: put batches into the event store, or take everything it holds out as columns."""

from attrs import evolve

from nlprec.bench import Bench, Made
from nlprec.kit.events import Batch, named, unpack
from nlprec.kit.options import StoreOptions


def run(bench: Bench) -> Made:
    """
    Append what the store lacks, or take the snapshot of its head.

    Returns:
        an empty Made after an append (the store has changed: plan again), else the Snapshot's arrays.
    """
    opts = bench.options(StoreOptions, "store")
    if bench.settings["append"]:
        for batch_digest in bench.inputs.values():
            _append(bench, batch_digest, opts)
        return Made("")
    snapshot = bench.store.snapshot(opts)
    return Made("snapshot", snapshot.arrays(), snapshot.meta())


def _append(bench: Bench, batch_digest: str, opts: StoreOptions) -> None:
    """
    Append chunk by chunk, each under its own name; the whole batch's name comes with the last, so a crash resumes.
    """
    artifact = bench.archive.load(batch_digest)
    chunks = [artifact.arrays[name] for name in sorted(artifact.arrays)]
    applied = bench.store.head(opts).applied
    for at, chunk in enumerate(chunks):
        name = f"{batch_digest}.{at}"
        if name not in applied:
            bench.store.append(named(evolve(unpack(chunk.tobytes()), dirt=()), name), opts)
        bench.progress((at + 1) / len(chunks), f"{at + 1} of {len(chunks)} chunks")
    bench.store.append(named(Batch(), batch_digest), opts)
