"""JSON lines: one schema, two layouts, and every kind of dirt told with its line."""

import gzip
import json

import pytest
from nlprec_plugins.sources.jsonl import Jsonl

from nlprec.errors import DataError
from nlprec.kit.events import Interaction, Item, User
from nlprec.kit.options import Options
from nlprec.testing.contracts._sources import SourceContract, dirt, records


class TestJsonl(SourceContract):
    """It keeps the word of every source."""

    component = Jsonl

    def make(self, folder):
        """Write a folder of two files."""
        (folder / "items.jsonl").write_text('{"id": 1, "title": "Tea"}\n{"id": "cup", "categories": ["pot"]}\n')
        (folder / "events.jsonl").write_text(
            '{"user": 7, "item": 1, "time": 5}\n{"user": "ann", "item": "cup", "rating": 4}\n'
        )
        return Jsonl(folder)

    def change(self, folder):
        """Change a rating."""
        (folder / "events.jsonl").write_text((folder / "events.jsonl").read_text().replace("4", "3"))

    def soil(self, folder):
        """Add half a line."""
        with (folder / "events.jsonl").open("a") as handle:
            handle.write('{"user": "ann", "ite\n')

    def missing(self, folder):
        """Return a source of a file that is not there."""
        return Jsonl(folder / "none.jsonl")


def read(tmp_path, *lines):
    """Return a source of one file with these lines (texts as they are, the rest as JSON)."""
    path = tmp_path / "mixed.jsonl"
    path.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines))
    return Jsonl(path)


def test_keys_say_what_a_record_is(tmp_path):
    """
    User and item make an interaction, an id or an item alone an item, a user alone a user; ``record`` decides where it
    is given.
    """
    source = read(
        tmp_path,
        {"user": "ann", "item": "tea"},
        {"id": "tea"},
        {"item": "cup"},
        {"user": "bob"},
        {"record": "user", "id": "cid"},
        {"record": "item", "id": "jug"},
    )
    batch = next(source.read(Options()))
    found = (
        [each.user for each in batch.interactions],
        [each.id for each in batch.items],
        [each.id for each in batch.users],
    )
    assert found == (["ann"], ["tea", "cup", "jug"], ["bob", "cid"])


def test_an_interaction_has_every_field(tmp_path):
    """
    Under our names or the usual others; ISO times count as UTC when they do not say; a value alone makes a rating.
    """
    source = read(
        tmp_path,
        {"user": "ann", "item": "tea", "kind": "buy", "value": 2, "time": 100, "text": "Good.", "key": "k"},
        {
            "user": "ann",
            "item": "cup",
            "type": "review",
            "rating": "4.5",
            "time": "1970-01-01T00:02:00",
            "review": "Fine.",
        },
        {"user": 5, "item": 6, "stars": 1, "timestamp": "1970-01-01T01:00:00+01:00"},
    )
    assert [repr(each) for each in next(source.read(Options())).interactions] == [
        repr(Interaction("ann", "tea", "buy", 2.0, 100.0, "Good.", "k")),
        repr(Interaction("ann", "cup", "review", 4.5, 120.0, "Fine.")),
        repr(Interaction("5", "6", "rating", 1.0, 0.0)),
    ]


def test_an_item_and_a_user_have_every_field(tmp_path):
    """Categories come as a list or as one text with bars."""
    source = read(
        tmp_path,
        {
            "id": "tea",
            "title": "Tea",
            "description": "Green.",
            "categories": "drink|green",
            "attributes": {"price": 3},
            "time": 9,
            "hidden": True,
        },
        {"user": "ann", "attributes": {"age": 30}, "time": 8},
    )
    batch = next(source.read(Options()))
    assert (batch.items, batch.users) == (
        (Item("tea", "Tea", "Green.", ("drink", "green"), {"price": 3}, 9.0, True),),
        (User("ann", {"age": 30}, 8.0),),
    )


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"user": "ann", "item"', "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[1, 2]", "not an object"),
        ("null", "not an object"),
        ({"user": "ann", "item": ""}, "no item id"),
        ({"item": "tea", "user": None}, "no user id"),
        ({"user": ["ann"], "item": "tea"}, "user id is not a text"),
        ({"user": True, "item": "tea"}, "user id is not a text"),
        ({"user": 1.5, "item": "tea"}, "user id is not a text"),
        ({"user": "a\x00b", "item": "tea"}, "user id is too long or has control characters"),
        ({"user": "\ud800", "item": "tea"}, "user id is too long or has control characters"),
        ({"user": "a" * 501, "item": "tea"}, "user id is too long or has control characters"),
        ({"user": "ann", "item": "tea", "value": "good"}, "value is not a number"),
        ({"user": "ann", "item": "tea", "value": [4]}, "value is not a number"),
        ({"user": "ann", "item": "tea", "value": True}, "value is not a number"),
        ('{"user": "ann", "item": "tea", "value": NaN}', "value is not a number"),
        ('{"user": "ann", "item": "tea", "value": 1e999}', "value is not a number"),
        ('{"user": "ann", "item": "tea", "value": 1' + "0" * 400 + "}", "value is not a number"),
        ({"user": "ann", "item": "tea", "time": "yesterday"}, "time cannot be read"),
        ({"user": "ann", "item": "tea", "time": {"s": 1}}, "time cannot be read"),
        ('{"user": "ann", "item": "tea", "time": 1' + "0" * 400 + "}", "time cannot be read"),
        (
            {"user": "ann", "item": "tea", "time": 1_700_000_000_000},
            "time is not between 1970 and 2100 (seconds, not milliseconds?)",
        ),
        (
            {"user": "ann", "item": "tea", "time": "0001-01-01"},
            "time is not between 1970 and 2100 (seconds, not milliseconds?)",
        ),
        ({"user": "ann", "item": "tea", "kind": 3}, "kind is not a text"),
        ({"user": "ann", "item": "tea", "kind": "k" * 101}, "kind is too long"),
        ({"user": "ann", "item": "tea", "text": ["a"]}, "text is not a text"),
        ({"id": "tea", "categories": 3}, "categories is not a list"),
        ({"id": "tea", "categories": [["a"]]}, "category is not a text"),
        ({"id": "tea", "attributes": "none"}, "attributes is not an object"),
        ({"record": "shop", "id": "tea"}, "unknown record kind"),
        ({}, "no item id"),
    ],
)
def test_dirt_is_told_with_its_line_and_reason(tmp_path, line, reason):
    """Every kind of mistake has one short reason, and the good lines around it are read."""
    source = read(tmp_path, {"user": "ann", "item": "tea"}, "", line, {"user": "bob", "item": "tea"})
    assert ([(each.place, each.reason) for each in dirt(source)], len(records(source))) == (
        [("mixed.jsonl:3", reason)],
        2,
    )


def test_half_characters_in_texts_are_replaced(tmp_path):
    """A lone surrogate cannot be stored; the rest of the text is kept."""
    source = read(tmp_path, '{"user": "ann", "item": "tea", "text": "nice \\ud83d cup"}')
    assert [each.text for each in next(source.read(Options())).interactions] == ["nice ? cup"]


def test_a_byte_order_mark_is_passed_over(tmp_path):
    """Files written on Windows begin with one."""
    (tmp_path / "x.jsonl").write_bytes(b'\xef\xbb\xbf{"user": "ann", "item": "tea"}\r\n')
    assert (len(records(Jsonl(tmp_path / "x.jsonl"))), dirt(Jsonl(tmp_path / "x.jsonl"))) == (1, [])


def test_gzip_is_read(tmp_path):
    """A name that ends in .gz, alone or in a folder."""
    with gzip.open(tmp_path / "events.jsonl.gz", "wt") as handle:
        handle.write('{"user": "ann", "item": "tea"}\n')
    assert records(Jsonl(tmp_path)) == records(Jsonl(tmp_path / "events.jsonl.gz")) != []


@pytest.mark.parametrize(
    "damage",
    [lambda data: data[:-9], lambda data: b"no gzip at all", lambda data: data[:20] + b"\xff" * 20 + data[40:]],
)
def test_a_damaged_gzip_is_told(tmp_path, damage):
    """A download that broke off is an error with its name, not a traceback."""
    path = tmp_path / "events.jsonl.gz"
    path.write_bytes(
        damage(
            gzip.compress(
                b"".join(json.dumps({"user": str(at), "item": str(at**5)}).encode() + b"\n" for at in range(500))
            )
        )
    )
    with pytest.raises(DataError, match=r"events\.jsonl\.gz cannot be read to its end"):
        records(Jsonl(path))


def test_an_empty_folder_is_told(tmp_path):
    """It says which names it looked for."""
    with pytest.raises(DataError, match=r"holds none of users\.jsonl, items\.jsonl, events\.jsonl"):
        Jsonl(tmp_path).fingerprint()


def test_an_unknown_encoding_is_told(tmp_path):
    """With the path and what to check."""
    (tmp_path / "x.jsonl").write_text("{}\n")
    with pytest.raises(DataError, match="check the path and the encoding"):
        records(Jsonl(tmp_path / "x.jsonl", encoding="klingon"))


def test_large_files_come_in_batches(tmp_path):
    """Never more than 10,000 records at once."""
    (tmp_path / "x.jsonl").write_text('{"user":"a","item":"b"}\n' * 10_001)
    assert [len(batch) for batch in Jsonl(tmp_path / "x.jsonl").read(Options())] == [10_000, 1]
