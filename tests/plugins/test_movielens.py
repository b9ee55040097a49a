"""MovieLens in the ml-latest form."""

import pytest
from nlprec_plugins.sources.movielens import MovieLens

from nlprec.errors import DataError
from nlprec.kit.events import Interaction, Item
from nlprec.kit.options import Options
from nlprec.testing.contracts._sources import SourceContract, dirt


class TestMovieLens(SourceContract):
    """It keeps the word of every source."""

    component = MovieLens

    def make(self, folder):
        """Write three films and two ratings."""
        (folder / "movies.csv").write_text(
            'movieId,title,genres\n1,"Grand Day Out, A (1989)",Animation|Comedy\n'
            "2,Unknown,(no genres listed)\n3,Untagged (1999),\n"
        )
        (folder / "ratings.csv").write_text("userId,movieId,rating,timestamp\n7,1,4.5,100\n8,2,0.5,200\n")
        return MovieLens(folder)

    def change(self, folder):
        """Change a rating."""
        (folder / "ratings.csv").write_text((folder / "ratings.csv").read_text().replace("4.5", "3.0"))

    def soil(self, folder):
        """Add a rating that is a word."""
        with (folder / "ratings.csv").open("a") as handle:
            handle.write("7,2,good,300\n")

    def missing(self, folder):
        """Return a source of an empty folder."""
        return MovieLens(folder)


@pytest.fixture
def folder(tmp_path):
    """Return a small folder with everything, also tags and overviews."""
    TestMovieLens().make(tmp_path)
    (tmp_path / "tags.csv").write_text("userId,movieId,tag,timestamp\n7,1,cheese,5\n8,1,moon ,6\n9,1,cheese,7\n")
    (tmp_path / "items_with_overview.csv").write_text(
        'movieId,title,genres,overview,tmdbId\n1,x,y,"Wallace, and Gromit.",530\n2,x,y,,\n'
    )
    return tmp_path


def test_films_have_texts_and_facts(folder):
    """
    The title keeps its year, which is a fact too; genres are categories, tags a list without repeats, overviews the
    body.
    """
    items = next(MovieLens(folder).read(Options())).items
    assert [repr(each) for each in items] == [
        repr(
            Item(
                "1",
                "Grand Day Out, A (1989)",
                "Wallace, and Gromit.",
                ("Animation", "Comedy"),
                {"year": 1989, "tags": ["cheese", "moon"]},
            )
        ),
        repr(Item("2", "Unknown")),
        repr(Item("3", "Untagged (1999)", attributes={"year": 1999})),
    ]


def test_ratings_are_interactions(folder):
    """Of the kind rating, with stars and time."""
    *_, last = MovieLens(folder).read(Options())
    assert last.interactions == (
        Interaction("7", "1", "rating", 4.5, 100.0),
        Interaction("8", "2", "rating", 0.5, 200.0),
    )


def test_a_short_row_is_dirt(folder):
    """A file that breaks off costs its last row."""
    with (folder / "ratings.csv").open("a") as handle:
        handle.write("7")
    assert [(each.place, each.reason) for each in dirt(MovieLens(folder))] == [("ratings.csv:4", "no item id")]


def test_another_header_is_told(folder):
    """Files of the same names but another form are refused with the columns that lack."""
    (folder / "movies.csv").write_text("id,title\n1,x\n")
    with pytest.raises(DataError, match=r"movies\.csv: no column genres, movieId in its header"):
        list(MovieLens(folder).read(Options()))


def test_optional_files_are_part_of_the_fingerprint(folder):
    """Taking the tags away changes it."""
    before = MovieLens(folder).fingerprint()
    (folder / "tags.csv").unlink()
    assert MovieLens(folder).fingerprint() != before


@pytest.mark.real_data
def test_ml_latest_small_is_read_whole(real_data):
    """9,742 films and 100,836 ratings, as its README says, and no dirt."""
    batches = list(MovieLens(real_data("ml-latest-small")).read(Options()))
    found = [sum(len(getattr(batch, name)) for batch in batches) for name in ("items", "interactions", "dirt")]
    assert found == [9742, 100_836, 0]
