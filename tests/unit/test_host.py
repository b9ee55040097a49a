"""The plugin host: every plugin has a fate, a broken one never takes another down."""

import sys
import textwrap
from pathlib import Path

import pytest

from nlprec.errors import UnknownComponent
from nlprec.host import PluginHost

GOOD = """
import numpy as np
from attrs import frozen
from zope.interface import implementer
from nlprec import hookimpl
from nlprec.interfaces import IRecommender
from nlprec.kit.scorers import ItemScores

@implementer(IRecommender)
@frozen
class {title}:
    name = "{name}"
    def fit(self, data, opts):
        return ItemScores(np.zeros(data.n_items))

@hookimpl
def nlprec_components():
    return [{title}]
"""


def good(title="Fine", name="acme.fine"):
    """Return the source of a plugin that works."""
    return GOOD.format(title=title, name=name)


@pytest.fixture
def load(tmp_path):
    """Return a function that loads plugin sources by file name and returns the host."""

    def loader(sources, disabled=(), on_news_failed=None):
        for name, text in sources.items():
            (tmp_path / f"{name}.py").write_text(textwrap.dedent(text))
        host = PluginHost(disabled, on_news_failed)
        host.load_paths([tmp_path])
        return host

    return loader


def fate(host, name="bad"):
    """Return the fate of one plugin."""
    return next(each for each in host.fates if each.name == name)


def test_a_good_plugin_is_listed_with_its_components(load):
    """What it brought is said by kind and name."""
    host = load({"fine": good()})
    assert (fate(host, "fine").status, fate(host, "fine").components) == ("loaded", ("recommender acme.fine",))


BROKEN = {
    "syntax": ("def fit(:\n", "import", "SyntaxError"),
    "missing": ("import no_such_module_anywhere\n", "import", "no_such_module_anywhere"),
    "raises": ("raise RuntimeError('no licence')\n", "import", "no licence"),
    "leaves": ("import sys; sys.exit(3)\n", "import", "SystemExit"),
    "signature": (good().replace("fit(self, data, opts)", "fit(self, data)"), "signature", "fit"),
    "keyword": (good().replace("opts):", "opts, *, epochs):"), "signature", "epochs"),
    "asynchronous": (good().replace("def fit", "async def fit"), "signature", "async"),
    "unnamed": (good().replace('"acme.fine"', '"Acme Fine"'), "name", "Acme Fine"),
    "no_interface": (good().replace("@implementer(IRecommender)\n", ""), "interface", "no component interface"),
    "not_attrs": (good().replace("@frozen\n", ""), "interface", "not an attrs class"),
    "instance": (good().replace("[Fine]", "[Fine()]"), "offer", "not a class"),
    "nothing": (good().replace("[Fine]", "3"), "offer", "TypeError"),
    "hook": (good() + "\n@hookimpl\ndef nlprec_componets():\n    return []\n", "hooks", "nlprec_componets"),
    "argument": (good() + "\n@hookimpl\ndef nlprec_node_started(nod):\n    pass\n", "hooks", "nod"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_plugin_is_told_apart(load, case):
    """Each way to break has its stage, its words and a hint, and the good neighbour is loaded all the same."""
    source, stage, words = BROKEN[case]
    host = load({"bad": source, "neighbour": good("Other", "acme.other")})
    found = fate(host)
    assert (found.status, found.stage, words in found.error, bool(found.hint)) == ("broken", stage, True, True)
    assert host.registry.names("recommender") == ["acme.other"]


def test_a_broken_plugin_leaves_nothing_behind(load):
    """A plugin whose second component is bad does not keep its first."""
    source = good() + good("Second", "acme.fine2").replace("[Second]", "[Fine, Second]").replace(
        "def fit(self, data, opts)", "def fit(self)"
    )
    host = load({"bad": source})
    assert host.registry.names("recommender") == []


def test_two_plugins_with_one_name_are_both_named(load):
    """The second is refused, with both plugins in the message; the first stays."""
    host = load({"a_first": good(), "b_second": good("Again")})
    found = fate(host, "b_second")
    assert (found.stage, "a_first" in found.error, "b_second" in found.error) == ("duplicate", True, True)
    assert host.registry.get("recommender", "acme.fine").plugin == "a_first"


def test_a_second_plugin_of_the_same_name_harms_nobody(load, tmp_path):
    """A file named like a loaded plugin is refused and the first keeps its components."""
    host = load({"fine": good()})
    folder = tmp_path / "other"
    folder.mkdir()
    (folder / "fine.py").write_text(good("Other", "acme.other"))
    host.load_paths([folder])
    assert ([each.status for each in host.fates], host.registry.names("recommender")) == (
        ["loaded", "broken"],
        ["acme.fine"],
    )


def test_a_disabled_plugin_is_not_imported(load):
    """What the operator blocks does not run at all."""
    host = load({"bad": "raise SystemError"}, disabled=["bad"])
    assert fate(host).status == "disabled"


def test_a_missing_file_is_a_broken_plugin():
    """The operator named a file that is not there."""
    host = PluginHost()
    host.load_paths([Path("/nowhere/thing.py")])
    assert (fate(host, "thing").stage, "no such file" in fate(host, "thing").error) == ("import", True)


def test_an_unknown_name_lists_the_known_and_the_nearest(load):
    """A typo is answered with what there is."""
    host = load({"fine": good()})
    with pytest.raises(
        UnknownComponent, match=r"no recommender 'acme.fin'; known: acme.fine; did you mean 'acme.fine'\?"
    ):
        host.registry.get("recommender", "acme.fin")


NEWS = """
from nlprec import hookimpl
heard = []

@hookimpl
def nlprec_release_published(digest):
    heard.append(digest)
"""


def test_news_reaches_every_listener_though_one_fails(load):
    """A failing listener is reported and the others still hear."""
    failed = []
    sources = {"a": NEWS, "b": NEWS.replace("heard.append(digest)", "raise ValueError(digest)"), "c": NEWS}
    host = load(sources, on_news_failed=lambda hook, plugin, error: failed.append((hook, plugin, str(error))))
    host.fire("nlprec_release_published", digest="ab")
    heard = [sys.modules[f"nlprec_local.{name}"].heard for name in "ac"]
    assert (heard, failed) == ([["ab"], ["ab"]], [("nlprec_release_published", "b", "ab")])


def test_the_first_decision_wins(load):
    """None leaves it to the next; no plugin, no decision."""
    decide = "from nlprec import hookimpl\n@hookimpl\ndef nlprec_may_publish(report):\n    return {}\n"
    assert load({}).may_publish(None, None) is None
    assert load({"a": decide.format("None"), "b": decide.format("False")}).may_publish(None, None) is False


def test_trace_writes_each_call(load):
    """An operator can watch hooks being called."""
    host = load({"a": NEWS})
    lines = []
    host.trace(lines.append)
    host.may_publish(None, None)
    assert lines == ["nlprec_may_publish(champion, report) -> 0 listening", "nlprec_may_publish done"]
