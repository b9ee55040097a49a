"""
serve -> Ranking: a live release answers questions. Pure and synchronous; the service around it batches and keeps time.
"""

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from attrs import Factory, field, frozen

from nlprec.archive import Archive
from nlprec.bench import restore
from nlprec.errors import CorruptArtifact, UnknownName
from nlprec.host import PluginHost
from nlprec.kit.dataset import Dataset
from nlprec.kit.features import Features
from nlprec.kit.mixing import Mixture, mix
from nlprec.kit.options import FilterOptions, ScoreOptions
from nlprec.kit.ranking import Evidence, Queries, top
from nlprec.kit.scorers import ItemScores
from nlprec.reading.building import component

FALLBACK = "fallback"  #: source of items that fill a list its models could not
SHOWN = 3  #: history items and terms in one reason


@frozen
class Question:
    """One request for a ranking: for a user, for an anonymous history, or for what is like one item."""

    user: str = ""  #: empty: nobody known
    history: tuple[
        tuple[str, float], ...
    ] = ()  #: (item id, weight) beside what is known of the user; weight 0: seen, not liked
    like: str = ""  #: an item id: rank what is similar to it
    n: int = 10
    exclude: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()  #: any of these; empty: all
    model: str = ""  #: recommender or blend; empty: the release's
    explain: bool = True


@frozen
class Reason:
    """Why an item is shown: a sentence and its evidence."""

    text: str = ""
    because: tuple[tuple[str, str, float], ...] = ()  #: (item id, title, share) of history items
    terms: tuple[tuple[str, float], ...] = ()  #: (term, share) the item's text shares with the history


@frozen
class Shown:
    """One recommended item."""

    item: str
    title: str
    score: float
    sources: Mapping[str, float] = Factory(dict)  #: model -> its contribution to the score
    reason: Reason = Factory(Reason)


@frozen
class Answer:
    """A ranking as it leaves the house."""

    items: tuple[Shown, ...]
    release: str
    step: str  #: "model", or "fallback" when no model knew the asker
    model: str


@frozen
class Recent:
    """What happened after the release was trained; the service keeps it, the release folds it in."""

    events: Mapping[str, Sequence[tuple[str, str, float]]] = Factory(dict)  #: user id -> (item id, kind, value)
    hidden: frozenset[str] = frozenset()  #: item ids not to be shown any more
    forgotten: frozenset[str] = frozenset()  #: user ids whose history is not to be used any more


@frozen(eq=False)
class LiveRelease:
    """A release in memory: arrays memory-mapped, vocabularies and titles at hand."""

    digest: str
    data: Dataset
    scorers: Mapping[str, Any]
    blends: Mapping[str, Any]
    release: str
    filters: tuple[Any, ...]
    fallback: Any  #: IScorer for strangers
    similar: str
    terms: Mapping[str, Features]  #: recommender -> the features its evidence speaks of
    meta: Mapping[str, Any]
    titles: Sequence[str] = field(init=False)
    weights: Mapping[tuple[str, float], float] = field(init=False)  #: (kind, value) -> mean training weight

    @titles.default
    def _titles(self) -> Sequence[str]:
        return list(self.data.catalogue.title)

    @weights.default
    def _weights(self) -> Mapping[tuple[str, float], float]:
        return learnt_weights(self.data)

    @cached_property
    def categories(self) -> list[frozenset[str]]:
        """Return the categories of each item."""
        return [frozenset(json.loads(row or "[]")) for row in self.data.catalogue.categories]

    def answer(self, questions: Sequence[Question], recent: Recent) -> list[Answer | UnknownName]:
        """Return an answer, or the error, for each question; all of one model are scored together."""
        answers: dict[int, Answer | UnknownName] = {}
        groups: dict[str, list[int]] = {}
        for at, question in enumerate(questions):
            model = question.model or (self.similar if question.like else self.release)
            groups.setdefault(model, []).append(at)
        for model, members in groups.items():
            if model not in self.scorers and model not in self.blends:
                known = ", ".join([*self.scorers, *self.blends])
                answers.update(
                    (at, UnknownName(f"no model '{model}' in this release; there are: {known}", model=model))
                    for at in members
                )
                continue
            good = []
            for at in members:
                if questions[at].like and questions[at].like not in self.data.items:
                    answers[at] = UnknownName(
                        f"item '{questions[at].like}' is not in the live release", item=questions[at].like
                    )
                else:
                    good.append(at)
            if good:
                answers.update(zip(good, self._group(model, [questions[at] for at in good], recent), strict=True))
        return [answers[at] for at in range(len(questions))]

    def _group(self, model: str, questions: list[Question], recent: Recent) -> list[Answer]:
        queries = self._queries(questions, recent)
        eligible = self._eligible(questions, queries, recent)
        scorers = self._needed(model)
        blends = {model: self.blends[model]} if model in self.blends else {}
        opts = ScoreOptions()
        mixture = mix(scorers, blends, queries, eligible, opts)
        longest = max(question.n for question in questions)
        items, scores = top(mixture.final(model), longest)
        plain = top(np.where(eligible, self.fallback.score(queries, opts), np.float32(np.nan)), longest)
        wanted = items if any(question.explain for question in questions) else items[:, :0]
        evidence = self._evidence(scorers, mixture, model, queries, wanted, opts)
        rows = enumerate(questions)
        return [self._one(row, question, model, items, scores, mixture, evidence, plain) for row, question in rows]

    def _needed(self, model: str) -> dict[str, Any]:
        names = list(self.blends[model].inputs) if model in self.blends else [model]
        return {name: self.scorers[name] for name in names}

    def _queries(self, questions: list[Question], recent: Recent) -> Queries:
        users = np.array(
            [
                -1 if question.like or question.user in recent.forgotten else self.data.users.index(question.user)
                for question in questions
            ]
        )
        histories = []
        for question, user in zip(questions, users, strict=True):
            pairs = self._known_history(int(user)) if user >= 0 else {}
            if question.like:
                pairs = {self.data.items.index(question.like): 1.0}
            elif question.user:
                for item, kind, value in recent.events.get(question.user, ()):
                    self._fold(pairs, item, self.weight(kind, value))
            for item, weight in question.history:
                self._fold(pairs, item, weight)
            histories.append(list(pairs.items()))
        return Queries.of_histories(histories, self.data.n_items, users.tolist(), self.data.now)

    def _known_history(self, user: int) -> dict[int, float]:
        seen, liked = self.data.seen, self.data.matrix
        pairs = dict.fromkeys(seen.indices[seen.indptr[user] : seen.indptr[user + 1]].tolist(), 0.0)
        span = slice(liked.indptr[user], liked.indptr[user + 1])
        pairs.update(zip(liked.indices[span].tolist(), liked.data[span].tolist(), strict=True))
        return pairs

    def _fold(self, pairs: dict[int, float], item: str, weight: float) -> None:
        index = self.data.items.index(item)
        if index >= 0:
            pairs[index] = 0.0 if weight <= 0 else pairs.get(index, 0.0) + weight

    def weight(self, kind: str, value: float) -> float:
        """Return the weight that training gave to such an interaction, 1 for a kind it never met."""
        known = self.weights.get((kind, value))
        return self.weights.get((kind, -1.0), 1.0) if known is None else known

    def _eligible(self, questions: list[Question], queries: Queries, recent: Recent) -> np.ndarray:
        keep = np.ones((queries.n_queries, queries.n_items), bool)
        opts = FilterOptions(catalogue=self.data.catalogue)
        for each in self.filters:
            keep &= each.keep(queries, opts)
        gone = [self.data.items.index(item) for item in recent.hidden if item in self.data.items]
        keep[:, gone] = False
        for row, question in enumerate(questions):
            if question.like:
                keep[row, self.data.items.index(question.like)] = False
            outside = [self.data.items.index(item) for item in question.exclude if item in self.data.items]
            keep[row, outside] = False
            if question.categories:
                wanted = frozenset(question.categories)
                keep[row] &= np.fromiter((bool(wanted & each) for each in self.categories), bool, queries.n_items)
        return keep

    def _evidence(
        self,
        scorers: Mapping[str, Any],
        mixture: Mixture,
        model: str,
        queries: Queries,
        items: np.ndarray,
        opts: ScoreOptions,
    ) -> dict[str, Any]:
        """Return each model's evidence for the items it helped to place."""
        found = {}
        for name, scorer in scorers.items():
            if items.size and hasattr(scorer, "explain"):
                share = mixture.parts[model][name] if model in mixture.parts else mixture.scores[name]
                mine = np.where(items >= 0, np.take_along_axis(share, np.maximum(items, 0), axis=1), np.nan)
                found[name] = scorer.explain(queries, np.where(mine > 0, items, -1).astype(np.int32), opts)
        return found

    def _one(
        self,
        row: int,
        question: Question,
        model: str,
        items: Any,
        scores: Any,
        mixture: Mixture,
        evidence: Any,
        plain: Any,
    ) -> Answer:
        shown = []
        for at in range(question.n):
            item = int(items[row, at])
            if item < 0:
                break
            parts = mixture.parts[model] if model in mixture.parts else {model: mixture.scores[model]}
            sources = {name: float(part[row, item]) for name, part in parts.items() if not np.isnan(part[row, item])}
            mine = (
                {name: lines[row][at] for name, lines in evidence.items() if name in sources}
                if question.explain
                else {}
            )
            shown.append(
                Shown(
                    self.data.items.id(item),
                    self.titles[item],
                    float(scores[row, at]),
                    sources,
                    self._reason(question, sources, mine),
                )
            )
        step = "model" if shown else FALLBACK
        if not question.like:
            shown += self._fill(question, row, {each.item for each in shown}, plain)
        return Answer(tuple(shown), self.digest, step, model)

    def _fill(self, question: Question, row: int, taken: set[str], plain: Any) -> list[Shown]:
        """Return what the fallback adds to a list that is too short."""
        added: list[Shown] = []
        reason = Reason("Popular with everyone.") if question.explain else Reason()
        for item, score in zip(plain[0][row].tolist(), plain[1][row].tolist(), strict=True):
            if len(taken) + len(added) >= question.n or item < 0:
                break
            if (name := self.data.items.id(item)) not in taken:
                added.append(Shown(name, self.titles[item], float(score), {FALLBACK: float(score)}, reason))
        return added

    def _reason(self, question: Question, sources: Mapping[str, float], evidence: Mapping[str, Evidence]) -> Reason:
        """
        Return a sentence from the evidence: history items by their share in the strongest source that names any, terms
        from any.
        """
        ordered = sorted(evidence, key=lambda name: -sources[name])
        because = next((evidence[name].items for name in ordered if evidence[name].items), ())[:SHOWN]
        speaker = next((name for name in ordered if evidence[name].features and name in self.terms), "")
        found = evidence[speaker].features if speaker else ()
        terms = distinct([(self.terms[speaker].names[feature], share) for feature, share in found])[:SHOWN]
        note = next((evidence[name].note for name in ordered if evidence[name].note), "")
        items = tuple(
            (self.data.items.id(item), self.titles[item] or self.data.items.id(item), share) for item, share in because
        )
        return Reason(
            sentence([title for _, title, _ in items], [term for term, _ in terms], note, bool(question.like)),
            items,
            terms,
        )


def distinct(terms: Sequence[tuple[str, float]]) -> tuple[tuple[str, float], ...]:
    """Return terms and their shares without those that a longer one among them says already."""
    words = [set(term.split()) for term, _ in terms]
    return tuple(each for at, each in enumerate(terms) if not any(words[at] < other for other in words))


def sentence(titles: Sequence[str], terms: Sequence[str], note: str, similar: bool) -> str:
    """Return one short sentence for people."""
    shared = f"{', '.join(terms)}" if terms else ""
    if similar:
        return f"They share: {shared}." if shared else "Liked by the same people."
    if titles:
        liked = " and ".join(f"“{title}”" for title in titles[:2])
        return f"Because you liked {liked}; they share: {shared}." if shared else f"Because you liked {liked}."
    if shared:
        return f"Matches your interests: {shared}."
    return {"popular": "Popular with everyone.", "recent": "New here."}.get(note, note)


def learnt_weights(data: Dataset) -> dict[tuple[str, float], float]:
    """Return the mean training weight of each (kind, value), and of each kind alone under the value -1."""
    value = np.nan_to_num(data.value, nan=-1.0)
    table: dict[tuple[str, float], float] = {}
    for code, kind in enumerate(data.kinds):
        here = data.kind == code
        if not here.any():
            continue
        table[kind, -1.0] = float(data.weight[here].mean())
        distinct, inverse = np.unique(value[here], return_inverse=True)
        if len(distinct) <= 1000:  # ratings, not amounts
            means = np.bincount(inverse, data.weight[here]) / np.bincount(inverse)
            table.update(
                ((kind, float(each)), float(mean)) for each, mean in zip(distinct, means, strict=True) if each != -1.0
            )
    return table


def load_release(
    archive: Archive, host: PluginHost, digest: str, filters: Sequence[Any] = (), fallback: str = "", similar: str = ""
) -> LiveRelease:
    """
    Return a published release, ready to answer; every byte of it is checked first.

    Args:
        filters: IFilter instances.
        fallback: recommender for strangers; empty: the first whose scores are the same for all, else counts.
        similar: model for similar items; empty: the release's.

    Raises:
        CorruptArtifact: a part is missing or altered.
    """
    meta = archive.load(digest).meta
    prepared = archive.load(meta["dataset"])
    data = Dataset.restore(dict(prepared.arrays), prepared.meta)
    scorers = {}
    terms = {}
    for name, recipe in meta["recommenders"]:
        model = archive.load(meta["models"][name])
        if model.manifest.kind != "model":
            raise CorruptArtifact(f"release {digest}: {name} is a {model.manifest.kind}, not a model", digest=digest)
        scorers[name] = restore(host, "recommender", recipe["use"], model.meta["scorer"], model.arrays)
        wanted = recipe.get("features", "")
        if wanted in meta["features"]:
            terms[name] = Features.restore(dict(archive.load(meta["features"][wanted]).arrays))
    blends = {name: component(host, "blender", recipe) for name, recipe in meta["blends"]}
    plain = scorers.get(fallback) or next(
        (scorer for scorer in scorers.values() if isinstance(scorer, ItemScores)), None
    )
    plain = plain or ItemScores(np.bincount(data.item, data.weight, minlength=data.n_items))
    known = similar if similar in scorers or similar in blends else meta["release"]
    return LiveRelease(digest, data, scorers, blends, meta["release"], tuple(filters), plain, known, terms, meta)
