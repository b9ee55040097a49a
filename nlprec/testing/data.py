"""Small datasets with known answers, and the checks of arrays that contracts share."""

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from scipy import sparse

from nlprec.kit.dataset import Catalogue, Dataset, Vocabulary
from nlprec.kit.features import Features, item_documents
from nlprec.kit.strings import Strings

START = 1_600_000_000.0  #: UTC epoch seconds at which the small datasets begin
DAY = 86_400.0

Row = tuple[Any, ...]


def dataset_of(
    rows: Iterable[Row],
    *,
    users: Sequence[str] = (),
    items: Sequence[str] = (),
    reviews: Sequence[str] = (),
    now: float | None = None,
    **catalogue: Any,
) -> Dataset:
    """
    Return a Dataset of a few interactions.

    Args:
        rows: (user, item), (user, item, weight), (user, item, weight, time) or (user, item, weight, time, value);
            weight is 1, time START and value nan where they are left out.
        users: ids that come first in the vocabulary, with or without interactions; likewise ``items``.
        reviews: a text for each row; empty: none.
        now: end of the window; None: the latest time.
        catalogue: what ``catalogue_of`` takes, such as ``titles={"tea": "green tea"}``.
    """
    full = [(*row, *(None, None, 1.0, START, np.nan)[len(row) :]) for row in rows]
    user_vocabulary = Vocabulary(list(dict.fromkeys([*users, *(row[0] for row in full)])))
    item_vocabulary = Vocabulary(list(dict.fromkeys([*items, *(row[1] for row in full)])))
    time = np.array([row[3] for row in full], np.float64)
    order = np.argsort(np.where(np.isnan(time), -np.inf, time), kind="stable")
    known = time[~np.isnan(time)]
    return Dataset(
        users=user_vocabulary,
        items=item_vocabulary,
        catalogue=catalogue_of(list(item_vocabulary.ids), **catalogue),
        user=user_vocabulary.indices(row[0] for row in full)[order],
        item=item_vocabulary.indices(row[1] for row in full)[order],
        weight=np.array([row[2] for row in full], np.float32)[order],
        value=np.array([row[4] for row in full], np.float32)[order],
        time=time[order],
        kind=np.zeros(len(full), np.int16),
        review=Strings.of(reviews or [""] * len(full)).take(order),
        kinds=("view",),
        now=(float(known.max()) if len(known) else float("nan")) if now is None else now,
    )


def catalogue_of(
    ids: Sequence[str],
    *,
    titles: Mapping[str, str] | None = None,
    bodies: Mapping[str, str] | None = None,
    categories: Mapping[str, str] | None = None,
    attributes: Mapping[str, str] | None = None,
    hidden: Iterable[str] = (),
    available: Mapping[str, float] | None = None,
) -> Catalogue:
    """
    Return a Catalogue of items; what is left out is empty.

    Args:
        ids: of the items, in order.
        titles: item id -> title; ``bodies`` likewise.
        categories: item id -> JSON array; ``attributes``: item id -> JSON object.
        hidden: item ids not to be shown.
        available: item id -> UTC epoch seconds from which it is there.
    """
    away, since = frozenset(hidden), available or {}
    return Catalogue(
        title=Strings.of((titles or {}).get(each, "") for each in ids),
        body=Strings.of((bodies or {}).get(each, "") for each in ids),
        categories=Strings.of((categories or {}).get(each, "[]") for each in ids),
        attributes=Strings.of((attributes or {}).get(each, "{}") for each in ids),
        time=np.array([since.get(each, np.nan) for each in ids], np.float64),
        hidden=np.array([each in away for each in ids], bool),
    )


def checkerboard(size: int = 20) -> Dataset:
    """
    Return ``size`` users and items; each user met every item of the user's own parity except the one of the user's own
    number.

    So the right recommendation for user i is item i. The titles say the parity, so that texts give the same answer.

    Source:
        The checkerboard of implicit's tests (tests/recommender_base_test.py, get_checker_board).
    """
    pairs = [(f"u{user}", f"i{item}") for user in range(size) for item in range(user % 2, size, 2) if item != user]
    rows = [(user, item, 1.0, START + at * 60.0) for at, (user, item) in enumerate(pairs)]
    names = [f"i{item}" for item in range(size)]
    titles = {name: ("even moon", "odd sun")[at % 2] for at, name in enumerate(names)}
    return dataset_of(rows, users=[f"u{user}" for user in range(size)], items=names, titles=titles)


def tiny_dataset() -> Dataset:
    """
    Return 4 users and 6 items to compute by hand; weights and times differ, ``poem`` has texts only, ``nothing`` not
    even that.

    ::

                 tea   coffee  cup   pot   poem  nothing
        ann      1     .5      .     .     .     .
        bob      1     .       1     .     .     .
        eve      .     1       1     .2    .     .
        new      (only seen: tea, weight 0)
    """
    rows = [
        ("ann", "tea", 1.0, START),
        ("ann", "coffee", 0.5, START + 1 * DAY),
        ("bob", "tea", 1.0, START + 2 * DAY),
        ("bob", "cup", 1.0, START + 3 * DAY),
        ("eve", "coffee", 1.0, START + 4 * DAY),
        ("eve", "cup", 1.0, START + 5 * DAY),
        ("eve", "pot", 0.2, START + 6 * DAY),
        ("new", "tea", 0.0, START + 7 * DAY),
    ]
    titles = {"tea": "green tea", "coffee": "black coffee", "cup": "tea cup", "pot": "coffee pot", "poem": "green poem"}
    return dataset_of(rows, items=["tea", "coffee", "cup", "pot", "poem", "nothing"], titles=titles)


def features_of(data: Dataset) -> Features:
    """
    Return CSR float32 [item, feature]: 1 for each word of an item's title, L2 rows; enough for tests of what reads
    features.
    """
    texts = [title.lower().split() for title in item_documents(data).columns["title"]]
    names = sorted({word for words in texts for word in words})
    place = {word: at for at, word in enumerate(names)}
    rows = [row for row, words in enumerate(texts) for _ in set(words)]
    columns = [place[word] for words in texts for word in sorted(set(words))]
    ones = np.ones(len(rows), np.float32)
    matrix = sparse.csr_matrix((ones, (rows, columns)), (len(texts), max(len(names), 1)), dtype=np.float32)
    norm = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    matrix.data /= np.repeat(norm, np.diff(matrix.indptr)).astype(np.float32)
    return Features(matrix, Strings.of(names or ["nothing"]))


def stored(state: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """
    Return a state as it comes back from the archive: through a file without pickle, read-only.

    Raises:
        ValueError: an array holds Python objects.
    """
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **dict(state))
    file.seek(0)
    with np.load(file, allow_pickle=False) as loaded:
        found = {name: loaded[name] for name in loaded.files}
    for array in found.values():
        array.setflags(write=False)
    return found


def arrays_of(value: Any) -> list[np.ndarray]:
    """
    Return copies of every number in a Dataset, Features, Queries, matrix or array: equal lists mean nothing was
    altered.
    """
    if isinstance(value, np.ndarray):
        return [value.copy()]
    if sparse.issparse(value):
        return [value.data.copy(), value.indices.copy(), value.indptr.copy()]
    if isinstance(value, Dataset):
        columns = [array.copy() for array in value.arrays().values()]
        return [*columns, *arrays_of(value.matrix), *arrays_of(value.seen), *arrays_of(value.last)]
    if isinstance(value, Features):
        return arrays_of(value.matrix)
    return [array for name in ("user", "history", "seen", "last") for array in arrays_of(getattr(value, name))]


def same(left: Sequence[np.ndarray], right: Sequence[np.ndarray]) -> bool:
    """Return whether two lists of arrays are equal to the last bit; nan equals nan."""
    if len(left) != len(right):
        return False
    return all(
        a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
        for a, b in zip(left, right, strict=True)
    )
