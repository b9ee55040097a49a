"""ingest -> Batch: read a source, once, into columns of packed records."""

import collections

import numpy as np

from nlprec.bench import Bench, Made
from nlprec.kit.events import pack
from nlprec.kit.options import Options

SHOWN = 20  #: dirty records kept as examples for each reason


def run(bench: Bench) -> Made:
    """
    Read everything the source has.

    Returns:
        arrays ``chunk.N`` uint8 (one msgpack Batch each); meta with counts, and dirt by reason with its first places.
    """
    source = bench.component("source", bench.settings["source"])
    arrays: dict[str, np.ndarray] = {}
    counts: collections.Counter[str] = collections.Counter()
    reasons: collections.Counter[str] = collections.Counter()
    examples: dict[str, list[str]] = {}
    for at, batch in enumerate(source.read(bench.options(Options, "ingest"))):
        arrays[f"chunk.{at:05d}"] = np.frombuffer(pack(batch), np.uint8)
        for name in ("users", "items", "interactions"):
            counts[name] += len(getattr(batch, name))
        for dirt in batch.dirt:
            reasons[dirt.reason] += 1
            examples.setdefault(dirt.reason, [])
            if len(examples[dirt.reason]) < SHOWN:
                examples[dirt.reason].append(f"{dirt.place}: {dirt.record}")
    return Made(
        "batch",
        arrays,
        {
            "counts": dict(counts),
            "dirt": dict(reasons),
            "examples": examples,
            "source": bench.settings["source"]["use"],
        },
    )
