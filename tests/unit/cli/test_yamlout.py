"""Settings as YAML: whatever they hold comes back."""

import yaml
from hypothesis import given
from hypothesis import strategies as st

from nlprec.cli.yamlout import annotated

TEXTS = st.text("aZ0 .:#\"'{}[]()<>,;&*!?|%@`~-=$\\/\n\r\t\x00\x7f\x85\u2028\ufeffé🙂\U00018d09", max_size=8)
SCALARS = st.one_of(TEXTS, st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.booleans(), st.none())
NAMES = st.text("abcdefg@_:#- ", min_size=1, max_size=6)
LISTS = st.lists(TEXTS, max_size=3) | st.lists(st.dictionaries(NAMES, SCALARS, min_size=1, max_size=3), max_size=3)
TREES = st.recursive(SCALARS | LISTS, lambda inner: st.dictionaries(NAMES, inner, max_size=4), max_leaves=12)


@given(st.dictionaries(NAMES, TREES, max_size=4), st.text("abc #:\"'", max_size=8))
def test_round_trip(values, origin):
    """Any tree of settings loads back to itself, comments or not."""
    origins = dict.fromkeys(values, origin)
    assert values == (yaml.safe_load(annotated(values, origins)) or {})


def test_origins_of_a_list_without_its_dash():
    """A list of one, written as a mapping, still finds where its values came from."""
    assert "  - use: csv  # line 3" in annotated({"ingest": [{"use": "csv"}]}, {"ingest.use": "line 3"}).splitlines()


def test_a_default_section_says_so_once_at_its_head():
    """A section nobody wrote is marked at its head."""
    assert annotated({"log": {"level": "info"}}, {"log": "default"}).splitlines()[0] == "log:  # default"
