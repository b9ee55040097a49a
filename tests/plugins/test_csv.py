"""CSV and TSV: columns by header, delimiters found, rows that do not fit told."""

import pytest
from nlprec_plugins.sources.csv import Csv

from nlprec.errors import DataError
from nlprec.kit.events import Interaction, Item
from nlprec.kit.options import Options
from nlprec.testing.contracts._sources import SourceContract, dirt, records


class TestCsv(SourceContract):
    """It keeps the word of every source."""

    component = Csv

    def make(self, folder):
        """Write interactions and items."""
        (folder / "events.csv").write_text("user,item,rating,time\n1,tea,4.5,100\nann,cup,3,200\n")
        (folder / "items.csv").write_text('id,title,categories\ntea,"Tea, green",drink|green\ncup,Cup,\n')
        return Csv(folder / "events.csv", folder / "items.csv")

    def change(self, folder):
        """Change a title."""
        (folder / "items.csv").write_text((folder / "items.csv").read_text().replace("Cup", "Mug"))

    def soil(self, folder):
        """Add a row that is too short."""
        with (folder / "events.csv").open("a") as handle:
            handle.write("ann,tea\n")

    def missing(self, folder):
        """Return a source of a file that is not there."""
        return Csv(folder / "none.csv")


def source(tmp_path, text, **fields):
    """Return a source of one file of interactions."""
    (tmp_path / "events.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    return Csv(tmp_path / "events.csv", **fields)


def events(found):
    """Return the interactions of a source, as text."""
    return [repr(each) for batch in found.read(Options()) for each in batch.interactions]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_in_the_header(tmp_path, delimiter):
    """Whatever the texts of the rows hold."""
    text = (
        delimiter.join(["user", "item", "text"])
        + "\n"
        + delimiter.join(["ann", "tea", '"a, b; c\td | e, f, g"'])
        + "\n"
    )
    assert events(source(tmp_path, text)) == [repr(Interaction("ann", "tea", text="a, b; c\td | e, f, g"))]


def test_a_given_delimiter_is_used(tmp_path):
    """Where the header has more of another character."""
    assert events(source(tmp_path, "user~item~a,b,c\nann~tea~1\n", delimiter="~")) == [repr(Interaction("ann", "tea"))]


def test_columns_are_renamed(tmp_path):
    """``columns`` maps our field to the header's word; the usual words are known."""
    found = source(tmp_path, "Who,movieId,Sterne\nann,tea,4\n", columns={"user": "Who", "value": "Sterne"})
    assert events(found) == [repr(Interaction("ann", "tea", "rating", 4.0))]


def test_the_kind_is_given(tmp_path):
    """``kind`` names the kind of rows that do not say; a kind column says more."""
    text = "user,item,kind\nann,tea,\nann,cup,buy\n"
    assert events(source(tmp_path, text, kind="listen")) == [
        repr(Interaction("ann", "tea", "listen")),
        repr(Interaction("ann", "cup", "buy")),
    ]


def test_quotes_keep_delimiters_and_line_breaks(tmp_path):
    """A text may span lines; what follows has the place of its last line."""
    found = source(tmp_path, 'user,item,text\nann,tea,"two\nlines, and ""more"""\n,cup,x\n')
    assert events(found) == [repr(Interaction("ann", "tea", text='two\nlines, and "more"'))]
    assert [(each.place, each.reason) for each in dirt(found)] == [("events.csv:4", "no user id")]


def test_rows_that_do_not_fit_are_dirt(tmp_path):
    """Too few, too many; blank lines are nothing."""
    found = source(tmp_path, "user,item\nann\n\nann,tea,3\nann,tea\n")
    assert [(each.place, each.reason) for each in dirt(found)] == [
        ("events.csv:2", "fewer columns than the header"),
        ("events.csv:4", "more columns than the header"),
    ]


def test_a_quote_that_never_ends_is_dirt(tmp_path):
    """It costs a bounded part of the file, not the rest of it."""
    found = source(
        tmp_path,
        'user,item,text\nann,tea,"never ends\n' + "bob,cup,filler of some length\n" * 5000 + "cid,jug,the last\n",
    )
    assert "not a line of the table (a quote that never ends?)" in {each.reason for each in dirt(found)}
    assert len(events(found)) > 0


def test_other_encodings_are_read(tmp_path):
    """As configured; bytes that do not fit become U+FFFD."""
    assert "'naïve'" in events(source(tmp_path, "user,item\nann,naïve\n".encode("latin-1"), encoding="latin-1"))[0]
    assert "'na\ufffdve'" in events(source(tmp_path, "user,item\nann,naïve\n".encode("latin-1")))[0]


def test_a_byte_order_mark_is_passed_over(tmp_path):
    """Spreadsheets write one before the header."""
    assert len(records(source(tmp_path, "\ufeffuser,item\nann,tea\n"))) == 1


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("", "no delimiter found"),
        ("user\nann\n", "no delimiter found"),
        ("who,item\na,b\n", r"header \(who, item\) names no column 'user'; .* columns:"),
    ],
)
def test_a_header_without_the_needed_columns_is_told(tmp_path, text, match):
    """What the header has, and where to say which column it is."""
    with pytest.raises(DataError, match=match):
        records(source(tmp_path, text))


def test_items_have_their_texts(tmp_path):
    """Title, body and categories joined by bars; the id column may be called item."""
    (tmp_path / "items.tsv").write_text("item\tname\toverview\tgenres\ntea\tTea\tGreen.\tdrink|green\n")
    found = source(tmp_path, "user,item\nann,tea\n", items=tmp_path / "items.tsv")
    assert next(found.read(Options())).items[0].categories == ("drink", "green")
    assert repr(next(found.read(Options())).items[0]) == repr(Item("tea", "Tea", "Green.", ("drink", "green")))


def test_options_are_part_of_the_fingerprint(tmp_path):
    """The same file read otherwise is another source."""
    plain = source(tmp_path, "user,item\nann,tea\n")
    assert plain.fingerprint() != Csv(plain.path, kind="buy").fingerprint()
