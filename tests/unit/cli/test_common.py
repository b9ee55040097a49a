"""JSON that any reader takes."""

import json
import math

from nlprec.cli.common import print_json


def test_numbers_that_json_does_not_know(capsys):
    """Nan and infinities become null, at any depth."""
    print_json({"a": [math.nan, {"b": -math.inf}], 3: (1.5,)})
    assert json.loads(capsys.readouterr().out) == {"a": [None, {"b": None}], "3": [1.5]}


def test_other_values_become_text(capsys, tmp_path):
    """What is no JSON value is written as text, in its own letters."""
    print_json({"path": tmp_path / "é"})
    assert f'"{tmp_path}/é"' in capsys.readouterr().out
