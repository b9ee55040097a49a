"""The plugin keeps every promise a recommender makes."""

from acme_trending import Trending

from nlprec.testing.contracts import RecommenderContract


class TestTrending(RecommenderContract):
    component = Trending
    personal = False
