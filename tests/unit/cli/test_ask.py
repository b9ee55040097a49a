"""Questions to the live release."""

import pytest


class TestRecommend:
    """``nlprec recommend``."""

    def test_a_known_user(self, nlprec, walked):
        """An even user gets the even item they have not met, from the release."""
        answer = nlprec("recommend", "u2", "--config", walked, "--n", 1, "--json").json
        assert (answer["step"], answer["model"], answer["items"][0]["item"]) == ("model", "mix", "i8")

    def test_a_stranger(self, nlprec, walked):
        """Who is not known gets the fallback, marked as such."""
        said = nlprec("recommend", "nobody", "--config", walked, "--n", 1)
        assert (said.code, "nobody the models know: the fallback list" in said.out) == (0, True)

    def test_a_history(self, nlprec, walked):
        """A stranger with a history is answered from it; items may be named by title."""
        answer = nlprec("recommend", "nobody", "--history", "item [1]", "--config", walked, "--n", 1, "--json").json
        assert (answer["step"], int(answer["items"][0]["item"][1:]) % 2) == ("model", 1)

    def test_an_unknown_history(self, nlprec, walked):
        """An item nobody knows is told, not ignored."""
        said = nlprec("recommend", "nobody", "--history", "i99", "--config", walked)
        assert (said.code, said.err.startswith("[serve.unknown] no item 'i99'")) == (1, True)

    def test_another_model(self, nlprec, walked):
        """One recommender can be asked instead of the release."""
        assert nlprec("recommend", "u2", "--model", "popular", "--config", walked, "--json").json["model"] == "popular"

    def test_an_unknown_model(self, nlprec, walked):
        """An unknown model is told with those there are."""
        said = nlprec("recommend", "u2", "--model", "magic", "--config", walked)
        assert (said.code, "there are: popular, knn, close, mix" in said.err) == (1, True)

    def test_explained(self, nlprec, walked):
        """``--explain`` shows liked items and shared words with their shares; titles are printed as they are."""
        out = nlprec("recommend", "u2", "--config", walked, "--explain", "--n", 1).out
        assert [words in out for words in ("liked Item [", "shared: ")] == [True, True]

    def test_before_the_first_run(self, nlprec, config):
        """Nothing published yet is one line and exit 1."""
        said = nlprec("recommend", "u2", "--config", config)
        assert (said.code, said.err.startswith("[serve.not_ready] nothing has been published")) == (1, True)


class TestSimilar:
    """``nlprec similar``."""

    @pytest.mark.parametrize("name", ["i3", "Item [3]", "item [3]"])
    def test_by_id_or_title(self, nlprec, walked, name):
        """An item is named by its id or its title; what is like it shares its theme."""
        answer = nlprec("similar", name, "--model", "close", "--config", walked, "--n", 1, "--json").json
        assert int(answer["items"][0]["item"][1:]) % 2 == 1

    def test_an_unknown_item(self, nlprec, walked):
        """The nearest titles are named."""
        said = nlprec("similar", "Itm [3]", "--config", walked)
        assert (said.code, "nearest: i3 Item [3]" in said.err) == (1, True)

    def test_an_unknown_id(self, nlprec, walked):
        """Where no title is like it, the nearest ids are named."""
        said = nlprec("similar", "i111", "--config", walked)
        assert (said.code, "nearest: i11 Item [11]" in said.err) == (1, True)
