"""prepare -> Dataset: clean the snapshot, weigh its interactions, and hold some out to judge by."""

from typing import Any

import numpy as np

from nlprec.bench import Bench, Made
from nlprec.errors import EmptyDataset
from nlprec.kit.dataset import TEST, TRAIN, Catalogue, Dataset, Split, Vocabulary
from nlprec.kit.events import Snapshot
from nlprec.kit.options import Options


def run(bench: Bench) -> Made:
    """
    Run the configured steps in order, then the splitter.

    Returns:
        the Dataset's arrays and ``part`` int8 [event]; meta with the cut, the counts and every step's notes.

    Raises:
        EmptyDataset: nothing is left after a step, which is named.
    """
    artifact = bench.load("snapshot")
    data = from_snapshot(Snapshot.restore(dict(artifact.arrays), artifact.meta))
    if not data.n_events:
        raise EmptyDataset("the store holds no interactions yet; send some to /v1/events, or configure ingest")
    counts = [{"step": "snapshot", "events": data.n_events}]
    for step in bench.settings["steps"]:
        preparer = bench.component("preparer", step)
        data = preparer.prepare(data, bench.options(Options, "prepare", step["use"]))
        counts.append({"step": step["use"], "events": data.n_events})
        if not data.n_events:
            raise EmptyDataset(f"no interaction is left after '{step['use']}'; ask less of it", step=step["use"])
    splitter = bench.component("splitter", bench.settings["split"])
    split = splitter.split(data, bench.options(Options, "split"))
    meta = {**data.meta(), **_facts(data, split), "steps": counts, "notes": list(bench.notes)}
    meta["split"] = bench.settings["split"]["use"]
    return Made("dataset", {**data.arrays(), "part": split.part}, meta)


def _facts(data: Dataset, split: Split) -> dict[str, Any]:
    facts = {
        "events": data.n_events,
        "users": len(np.unique(data.user)),
        "items": len(np.unique(data.item)),
        "catalogue": data.n_items,
        "train": int((split.part == TRAIN).sum()),
        "test": int((split.part == TEST).sum()),
    }
    return {"cut": split.cut, "facts": facts}


def from_snapshot(snapshot: Snapshot) -> Dataset:
    """Return a Dataset of everything, in time order (ties keep the order of arrival), every weight 1."""
    order = np.argsort(np.where(np.isnan(snapshot.time), -np.inf, snapshot.time), kind="stable")
    catalogue = Catalogue(
        snapshot.title,
        snapshot.body,
        snapshot.categories,
        snapshot.item_attributes,
        snapshot.item_time,
        snapshot.hidden,
    )
    known = snapshot.time[~np.isnan(snapshot.time)]
    return Dataset(
        users=Vocabulary(snapshot.users),
        items=Vocabulary(snapshot.items),
        catalogue=catalogue,
        user=snapshot.user[order],
        item=snapshot.item[order],
        weight=np.ones(snapshot.n_events, np.float32),
        value=snapshot.value[order],
        time=snapshot.time[order],
        kind=snapshot.kind[order],
        review=snapshot.review.take(order),
        kinds=snapshot.kinds,
        now=float(known.max()) if len(known) else float("nan"),
    )
