"""A live release answers: personal where it can, plain where it must, and always with a reason."""

import numpy as np
import pytest
from attrs import frozen
from scipy import sparse

from nlprec.errors import UnknownName
from nlprec.kit.dataset import Catalogue, Dataset, Vocabulary
from nlprec.kit.features import Features
from nlprec.kit.scorers import ItemItem, ItemScores, Profile
from nlprec.kit.strings import Strings
from nlprec.stages.serve import LiveRelease, Question, Recent, distinct, learnt_weights, sentence

ITEMS = ["tent", "stove", "novel", "lamp", "atlas"]  # atlas was never met by anybody
TERMS = sparse.csr_matrix(np.array([[1, 0], [0.8, 0.6], [0, 1], [0, 0], [1, 0]], np.float32))


@frozen
class Sum:
    """Contributions are the scores themselves."""

    inputs: dict

    def blend(self, scores, opts):
        return {name: scores[name] * weight for name, weight in self.inputs.items()}


@frozen
class Seen:
    """Leaves out what was met."""

    def keep(self, queries, opts):
        return queries.seen.toarray() == 0


@pytest.fixture(scope="module")
def live():
    """Return a release over five items: ann met tent (liked) and lamp (not liked), bob the stove."""
    catalogue = Catalogue(
        Strings.of(["Tent", "Stove", "Novel", "Lamp", "Atlas"]),
        Strings.of([""] * 5),
        Strings.of(['["camp"]', '["camp"]', '["books"]', "[]", '["camp", "books"]']),
        Strings.of(["{}"] * 5),
        np.full(5, np.nan),
        np.zeros(5, bool),
    )
    data = Dataset(
        Vocabulary(["ann", "bob"]),
        Vocabulary(ITEMS),
        catalogue,
        np.array([0, 0, 1], np.int32),
        np.array([0, 3, 1], np.int32),
        np.array([1.0, 0.0, 0.5], np.float32),
        np.array([np.nan, np.nan, 3.0], np.float32),
        np.array([1.0, 2.0, 3.0]),
        np.array([0, 1, 2], np.int16),
        Strings.of([""] * 3),
        ("buy", "dislike", "rating"),
        3.0,
    )
    weights = np.zeros((4, 4), np.float32)
    weights[0, 1], weights[1, 0], weights[0, 2] = 0.9, 0.9, 0.1
    scorers = {
        "kin": ItemItem(weights, np.arange(4, dtype=np.int32), 5),
        "text": Profile(TERMS),
        "pop": ItemScores(np.array([5, 4, 3, 2, 1], np.float32)),
    }
    blends = {"mix": Sum({"kin": 1.0, "text": 0.5})}
    terms = {"text": Features(TERMS, Strings.of(["canvas", "story"]))}
    return LiveRelease("d" * 32, data, scorers, blends, "mix", (Seen(),), scorers["pop"], "text", terms, {})


def ask(live, recent=Recent(), **question):
    """Return the answer to one question."""
    return live.answer([Question(**question)], recent)[0]


def ids(answer):
    """Return the item ids of an answer."""
    return [shown.item for shown in answer.items]


def test_a_known_user_gets_a_personal_list(live):
    """Scores of both sources, summed; nothing the user met, liked or not."""
    answer = ask(live, user="ann", n=2)
    assert (answer.step, ids(answer)) == ("model", ["stove", "atlas"])
    assert answer.items[0].score == pytest.approx(0.9 + 0.5 * 0.8)


def test_each_item_names_its_sources_and_they_sum_to_the_score(live):
    """No vote is lost."""
    shown = ask(live, user="ann", n=1).items[0]
    assert shown.sources == pytest.approx({"kin": 0.9, "text": 0.4})
    assert sum(shown.sources.values()) == pytest.approx(shown.score)


def test_the_reason_names_liked_items_and_shared_terms(live):
    """With their titles, and a sentence for people."""
    reason = ask(live, user="ann", n=1).items[0].reason
    assert (reason.because[0][:2], reason.terms[0][0]) == (("tent", "Tent"), "canvas")
    assert reason.text == "Because you liked “Tent”; they share: canvas."


def test_a_stranger_gets_the_fallback_marked_as_such(live):
    """Popular items, and every one says so."""
    answer = ask(live, user="nobody", n=3)
    assert (answer.step, ids(answer)) == ("fallback", ["tent", "stove", "novel"])
    assert {tuple(shown.sources) for shown in answer.items} == {("fallback",)}


def test_a_stranger_with_a_history_is_served_like_anybody(live):
    """An anonymous history is folded in."""
    assert ids(ask(live, history=(("tent", 1.0),), n=1)) == ["stove"]


def test_a_short_personal_list_is_filled_up(live):
    """What the models cannot rank comes from the fallback, below what they can."""
    answer = ask(live, user="ann", n=5)
    assert (answer.step, ids(answer)) == ("model", ["stove", "atlas", "novel"])


def test_recent_events_change_the_next_answer(live):
    """What happened since the training is folded in, by the weights that training gave."""
    recent = Recent({"new": [("tent", "buy", float("nan"))]})
    assert ids(ask(live, recent, user="new", n=1)) == ["stove"]


def test_a_recent_dislike_is_seen_but_not_liked(live):
    """Negative wins: the item is gone and lends no weight."""
    recent = Recent({"new": [("tent", "buy", float("nan")), ("tent", "dislike", float("nan"))]})
    answer = ask(live, recent, user="new", n=2)
    assert (answer.step, ids(answer)) == ("fallback", ["stove", "novel"])


def test_hidden_items_are_gone_at_once(live):
    """From models and fallback alike."""
    recent = Recent(hidden=frozenset(["stove", "unheard-of"]))
    assert "stove" not in ids(ask(live, recent, user="ann", n=5)) + ids(ask(live, recent, user="nobody", n=5))


def test_forgotten_users_are_strangers(live):
    """After erasure the trained history is not used any more."""
    assert ask(live, Recent(forgotten=frozenset(["ann"])), user="ann", n=1).step == "fallback"


def test_excluded_items_and_other_categories_stay_out(live):
    """Per question; an unknown id excludes nothing."""
    assert ids(ask(live, user="ann", n=5, exclude=("stove", "x"))) == ["atlas", "novel"]
    assert ids(ask(live, user="ann", n=5, categories=("books",))) == ["atlas", "novel"]


def test_similar_to_an_item_nobody_met(live):
    """Text speaks for it; the item itself is left out, and nothing unrelated fills the list."""
    answer = ask(live, like="atlas", n=5)
    assert ids(answer)[:2] == ["tent", "stove"]
    assert answer.items[0].reason.text == "They share: canvas."


def test_an_unknown_item_or_model_is_named(live):
    """The other questions of the batch are answered all the same."""
    answers = live.answer([Question(like="nope"), Question(user="ann", model="mx"), Question(user="ann")], Recent())
    assert [isinstance(answer, UnknownName) for answer in answers] == [True, True, False]
    assert "there are: kin, text, pop, mix" in answers[1].message


def test_a_single_model_can_be_asked(live):
    """A recommender by its name, without the blend."""
    assert ask(live, user="ann", n=1, model="kin").items[0].sources == pytest.approx({"kin": 0.9})


def test_many_questions_at_once_equal_one_by_one(live):
    """A batch changes nothing."""
    questions = [Question(user=user, n=n) for user in ("ann", "bob", "nobody") for n in (1, 4)]
    assert live.answer(questions, Recent()) == [live.answer([question], Recent())[0] for question in questions]


def test_without_explanations_there_are_none(live):
    """They cost time, so they can be declined."""
    assert {shown.reason.text for shown in ask(live, user="ann", n=5, explain=False).items} == {""}


def test_weights_are_learnt_by_kind_and_value(live):
    """A kind's mean, a rating's own, and 1 for what training never met."""
    assert learnt_weights(live.data) == {
        ("buy", -1.0): 1.0,
        ("dislike", -1.0): 0.0,
        ("rating", -1.0): 0.5,
        ("rating", 3.0): 0.5,
    }
    assert [live.weight("rating", 3.0), live.weight("rating", 5.0), live.weight("wave", 1.0)] == [0.5, 0.5, 1.0]


@pytest.mark.parametrize(
    ("titles", "terms", "note", "similar", "expected"),
    [
        (["A", "B", "C"], [], "", False, "Because you liked “A” and “B”."),
        ([], ["space"], "", False, "Matches your interests: space."),
        ([], [], "popular", False, "Popular with everyone."),
        ([], [], "", True, "Liked by the same people."),
        ([], [], "", False, ""),
    ],
)
def test_sentences(titles, terms, note, similar, expected):
    """One short sentence from what there is."""
    assert sentence(titles, terms, note, similar) == expected


def test_a_phrase_says_its_words_already():
    """Words that stand in a longer shared term are not named again; their order stays."""
    terms = [("deck", 0.3), ("deck builder", 0.3), ("suits", 0.2), ("builder", 0.1)]
    assert distinct(terms) == (("deck builder", 0.3), ("suits", 0.2))
