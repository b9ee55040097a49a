"""The invented shop: alike for a seed, readable by machines, true to what it promises, and worth learning from."""

import json
import re
from collections import Counter, defaultdict

import numpy as np
import pytest

from nlprec.errors import DataError
from nlprec.sample import write
from nlprec.sample.items import END, NEWEST, SPAN
from nlprec.sample.reviews import AGREE, mood_of
from nlprec.sample.words import is_plural, load_words, named, this

SIZES = {"n_users": 150, "n_items": 300, "n_events": 5_000}
FILES = ("users.jsonl", "items.jsonl", "events.jsonl", "README.txt")


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    directory = tmp_path_factory.mktemp("shop")
    return write(directory, **SIZES)


@pytest.fixture(scope="module")
def users(shop):
    return records(shop.directory / "users.jsonl")


@pytest.fixture(scope="module")
def items(shop):
    return records(shop.directory / "items.jsonl")


@pytest.fixture(scope="module")
def events(shop, items):
    """The clean events, each once."""
    known = {item["id"] for item in items}
    lines = dict.fromkeys((shop.directory / "events.jsonl").read_text("utf-8").splitlines())
    return [record for record in map(parsed, lines) if is_clean(record, known)]


@pytest.fixture(scope="module")
def words():
    return load_words()


@pytest.fixture(scope="module")
def moods(words):
    """Patterns of every sentence of a review with its mood."""
    return [
        (pattern(line), mood) for mood, aspects in words.reviews.items() for lines in aspects.values() for line in lines
    ]


def records(path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def parsed(line):
    try:
        return json.loads(line)
    except ValueError:
        return {}


def is_clean(record, known):
    return (
        "user" in record
        and record["item"] in known
        and record["time"] <= END
        and record.get("value") != "five"
        and not record.get("text", "").startswith("<b>")
    )


def contents(directory):
    return [(directory / name).read_bytes() for name in FILES]


def tiny(directory, **changes):
    return write(directory, **{"n_users": 20, "n_items": 60, "n_events": 300, **changes})


class TestFiles:
    def test_same_seed_same_bytes(self, tmp_path):
        """The same seed and sizes give the same bytes."""
        tiny(tmp_path / "one")
        tiny(tmp_path / "two")
        assert contents(tmp_path / "one") == contents(tmp_path / "two")

    def test_other_seed_other_bytes(self, tmp_path):
        """Another seed gives another shop, in every file."""
        tiny(tmp_path / "one", seed=1)
        tiny(tmp_path / "two", seed=2)
        assert not any(a == b for a, b in zip(contents(tmp_path / "one"), contents(tmp_path / "two"), strict=True))

    def test_nothing_else_is_left(self, shop):
        """Only the four files are in the folder: no temporary name stays."""
        assert sorted(FILES) == sorted(path.name for path in shop.directory.iterdir())

    def test_refuses_what_is_there(self, tmp_path):
        """A file of somebody else is named, and left as it is."""
        (tmp_path / "items.jsonl").write_text("mine")
        with pytest.raises(DataError, match=r"items\.jsonl.*--force"):
            tiny(tmp_path)
        assert (tmp_path / "items.jsonl").read_text() == "mine"

    def test_force_writes_over(self, tmp_path):
        """With force the file is written over."""
        (tmp_path / "items.jsonl").write_text("mine")
        tiny(tmp_path, force=True)
        assert len(records(tmp_path / "items.jsonl")) == 60

    def test_folder_that_cannot_be(self, tmp_path):
        """A folder that cannot be made is one clear error."""
        (tmp_path / "file").write_text("")
        with pytest.raises(DataError, match="cannot be written"):
            tiny(tmp_path / "file" / "shop")

    @pytest.mark.parametrize("sizes", [{"n_users": 0}, {"n_items": 19}, {"n_events": 59}])
    def test_sizes_that_make_no_shop(self, tmp_path, sizes):
        """Sizes that make no shop are refused before anything is written."""
        with pytest.raises(DataError, match="a shop needs"):
            tiny(tmp_path / "shop", **sizes)
        assert not (tmp_path / "shop").exists()

    def test_progress_grows(self, tmp_path):
        """Progress only grows, within 0 and 1."""
        seen = []
        tiny(tmp_path, progress=lambda fraction, message="": seen.append(fraction))
        assert seen == sorted(seen)
        assert 0 <= seen[0] <= seen[-1] <= 1


class TestCounts:
    def test_summary_counts_the_lines(self, shop):
        """The summary says how many lines each file has."""
        lines = [len((shop.directory / name).read_bytes().splitlines()) for name in FILES[:3]]
        assert lines == [shop.users, shop.items, shop.events]

    def test_about_as_many_events_as_asked_for(self, shop):
        """Events come out within a tenth of what was asked for."""
        assert shop.events == pytest.approx(SIZES["n_events"], rel=0.1)

    def test_everybody_comes_three_times(self, users, events):
        """Every user has at least three events."""
        visits = Counter(event["user"] for event in events)
        assert min(visits[user["id"]] for user in users) >= 3

    def test_activity_is_skewed(self, events):
        """The busiest tenth of the users causes more than a quarter of the events."""
        visits = np.sort(list(Counter(event["user"] for event in events).values()))[::-1]
        assert visits[: len(visits) // 10].sum() > 0.25 * visits.sum()

    def test_popularity_is_skewed(self, events):
        """The most popular tenth of the items has far more than a tenth of the events, even in a small shop."""
        looks = np.sort(list(Counter(event["item"] for event in events).values()))[::-1]
        assert looks[: SIZES["n_items"] // 10].sum() > 0.18 * looks.sum()


class TestDirt:
    def test_every_kind_is_counted(self, shop):
        """The summary lists each kind of bad line with how many there are."""
        assert len(shop.dirty) == 7
        assert min(shop.dirty.values()) >= 1

    def test_broken_lines_are_there(self, shop):
        """As many lines are no JSON as the summary says."""
        lines = (shop.directory / "events.jsonl").read_text("utf-8").splitlines()
        assert sum(parsed(line) == {} for line in lines) == shop.dirty["broken JSON"]

    def test_readable_dirt_is_there(self, shop, items):
        """Each other kind of bad line is there as often as the summary says."""
        known = {item["id"] for item in items}
        lines = map(parsed, (shop.directory / "events.jsonl").read_text("utf-8").splitlines())
        found = [record for record in lines if record]
        assert {
            "no user": sum("user" not in record for record in found),
            "value is no number": sum(record.get("value") == "five" for record in found),
            "time in milliseconds": sum(record["time"] > 10 * END for record in found),
            "unknown item": sum(record["item"] not in known for record in found),
            "odd text": sum("\0" in record.get("text", "") for record in found),
        }.items() <= shop.dirty.items()


class TestEvents:
    def test_refer_to_known_users(self, users, events):
        """Every clean event is of a user of users.jsonl."""
        assert {event["user"] for event in events} <= {user["id"] for user in users}

    def test_times_are_within_the_shops_days(self, events):
        """Every clean event lies within the 180 days."""
        assert min(event["time"] for event in events) >= END - SPAN
        assert max(event["time"] for event in events) <= END

    def test_kinds(self, events):
        """There are views, carts, buys, reviews and dislikes."""
        assert {"view", "cart", "buy", "review", "dislike"} == {event["kind"] for event in events}

    def test_funnel_narrows(self, events):
        """Each step of the funnel is rarer than the one before."""
        kinds = Counter(event["kind"] for event in events)
        steps = [kinds[kind] for kind in ("view", "cart", "buy", "review")]
        assert steps == sorted(steps, reverse=True)

    def test_who_reviews_has_bought(self, events):
        """A review is of something its user has bought."""
        bought = {(event["user"], event["item"]) for event in events if event["kind"] == "buy"}
        reviewed = {(event["user"], event["item"]) for event in events if event["kind"] == "review"}
        assert reviewed <= bought

    def test_nothing_happens_before_its_time(self, items, events):
        """No item has an event before it was on sale."""
        since = {item["id"]: item["time"] for item in items}
        assert [event for event in events if event["time"] < since[event["item"]]] == []


class TestNewItems:
    @pytest.fixture
    def new(self, items):
        return {item["id"] for item in items if item["time"] >= END - NEWEST}

    def test_are_counted(self, shop, new):
        """The summary counts the items that appeared in the last days."""
        assert len(new) == shop.new_items > 0

    def test_some_are_found_some_are_not(self, new, events):
        """Some new items have events, some have none."""
        touched = new & {event["item"] for event in events}
        assert 0 < len(touched) < len(new)

    def test_are_never_learnt_from(self, new, events):
        """None has an event among the first 80 %."""
        cut = np.quantile([event["time"] for event in events], 0.8)
        assert [event for event in events if event["item"] in new and event["time"] < cut] == []


class TestTexts:
    def test_no_two_titles_are_alike(self, items):
        """Every item has a title of its own."""
        assert len({item["title"] for item in items}) == len(items)

    def test_no_slot_is_left_empty(self, items, events):
        """No brace and no mark of the word list reaches a text."""
        texts = [f"{item['title']} {item['body']}" for item in items] + [event.get("text", "") for event in events]
        assert [text for text in texts if re.search(r"[{}]| @", text)] == []

    def test_title_and_body_speak_of_one_thing(self, words):
        """Every thing can be said to be made of something and to be of some use."""
        assert [
            (sub.name, thing)
            for sub in words.subs
            for thing in sub.things
            if not (sub.materials[thing] and sub.uses[thing])
        ] == []

    def test_an_article_that_fits(self):
        """A vowel takes "an", a plural takes none."""
        assert (named("old-fashioned", "kettle"), named("light", "tarp"), named("sturdy", "gaiters")) == (
            "an old-fashioned kettle",
            "a light tarp",
            "sturdy gaiters",
        )

    @pytest.mark.parametrize(
        ("thing", "plural"), [("trail shoes", True), ("compass", False), ("string of pearls", False), ("tarp", False)]
    )
    def test_plurals(self, thing, plural):
        """Things that end in s are plural, but for double s and what is "of" many."""
        assert (is_plural(thing), this(thing)) == (plural, "these" if plural else "this")

    def test_but_goes_on_small(self, events):
        """After "But" a sentence goes on with a small letter, except for I and names of things."""
        after = [each for event in events for each in re.findall(r"\bBut (\w+)", event.get("text", ""))]
        assert after
        assert [word for word in after if word[0].isupper() and word != "I"] == []


class TestReviews:
    def test_stars_are_one_to_five(self, events):
        """Every review has one to five stars and a text; nothing else has stars."""
        assert {event["value"] for event in events if event["kind"] == "review"} <= {1, 2, 3, 4, 5}
        assert [event for event in events if ("value" in event) != (event["kind"] == "review")] == []

    def test_words_agree_with_stars_as_often_as_promised(self, events, moods):
        """The first sentence has the mood of the stars in about 88 of 100 reviews."""
        reviews = [event for event in events if event["kind"] == "review"]
        agree = [first_mood(event["text"], moods) == mood_of(event["value"]) for event in reviews]
        assert np.mean(agree) == pytest.approx(AGREE, abs=0.05)

    def test_are_varied(self, events):
        """No text makes up more than a twentieth of the reviews."""
        texts = Counter(event["text"] for event in events if event["kind"] == "review")
        assert max(texts.values()) <= 0.05 * sum(texts.values())


def pattern(line):
    return re.compile(".+?".join(re.escape(part) for part in re.split(r"\{\w+\}", line)))


def first_mood(text, moods):
    return next((mood for each, mood in moods if each.match(text)), None)


class TestLearnable:
    def test_what_others_bought_beats_popularity(self, items, events):
        """Before a cut in time, items seen together find more of a user's later items than the most popular do."""
        matrix, later = split(items, events)
        popular = np.broadcast_to(matrix.sum(axis=0), matrix.shape)
        norm = np.sqrt((matrix**2).sum(axis=0)) + 1e-9
        together = (matrix.T @ matrix) / np.outer(norm, norm)
        np.fill_diagonal(together, 0.0)
        assert hits(matrix @ together, matrix, later) > hits(popular, matrix, later)


def split(items, events):
    """Return float64 [user, item] before the cut, and user -> the items met only after it."""
    column = {item["id"]: at for at, item in enumerate(items)}
    row = {user: at for at, user in enumerate(sorted({event["user"] for event in events}))}
    cut = np.quantile([event["time"] for event in events], 0.8)
    matrix = np.zeros((len(row), len(column)))
    later = defaultdict(set)
    for event in events:
        at = row[event["user"]], column[event["item"]]
        if event["time"] < cut:
            matrix[at] = 1.0
        else:
            later[at[0]].add(at[1])
    return matrix, {user: found - set(np.flatnonzero(matrix[user])) for user, found in later.items()}


def hits(scores, matrix, later):
    """Return the share of users with one of their later items among the ten best unseen."""
    best = np.argsort(-np.where(matrix > 0, -np.inf, scores), axis=1, kind="stable")[:, :10]
    return np.mean([bool(found & set(best[user])) for user, found in later.items() if found])
