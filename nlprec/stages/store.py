"""store -> Snapshot: put batches into the event store, or take everything it holds out as columns."""

from attrs import evolve

from nlprec.bench import Bench, Made
from nlprec.errors import StoreError
from nlprec.kit.events import Batch, named, unpack
from nlprec.kit.options import StoreOptions
from nlprec.plan import snapshot_job

TRIES = 20  #: reads of a store that is written to, before giving up


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
    return _snapshot(bench, opts)


def _snapshot(bench: Bench, opts: StoreOptions) -> Made:
    """
    Take the snapshot under the name of the head it really holds.

    Events may have arrived since the plan was made; then the artifact gets a name of its own and the plan is made
    again from there, so that one name never stands for two contents.
    """
    for _ in range(TRIES):
        head = bench.store.head(opts)
        snapshot = bench.store.snapshot(opts)
        if snapshot.sequence == head.sequence:
            digest = "" if head.name == bench.settings["head"] else snapshot_job(head.name).digest
            return Made("snapshot", snapshot.arrays(), {**snapshot.meta(), "head": head.name}, digest)
    raise StoreError("the store changes faster than it can be read; try again when less is written")


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
