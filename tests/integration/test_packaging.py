"""Both distributions as strangers get them: wheels and editable copies in fresh virtual environments."""

import json
import shutil
import textwrap
import zipfile

import pytest

from nlprec.registry import KINDS
from tests.integration.environments import ROOT, Environment, build_wheels, copy_of_tree

pytestmark = pytest.mark.slow

BROKEN = {
    "syntax_error": "def nlprec_components(:\n",
    "missing_import": "import a_package_nobody_has\n",
    "raises_at_import": "raise RuntimeError('the licence server is down')\n",
    "wrong_signature": """
        from attrs import frozen
        from zope.interface import implementer
        from nlprec import hookimpl
        from nlprec.interfaces import IRecommender

        @implementer(IRecommender)
        @frozen
        class Wrong:
            name = "broken.wrong"

            def fit(self, data):
                return None

        @hookimpl
        def nlprec_components():
            return [Wrong]
        """,
    "duplicate_name": """
        from attrs import frozen
        from zope.interface import implementer
        from nlprec import hookimpl
        from nlprec.interfaces import IFilter

        @implementer(IFilter)
        @frozen
        class Twice:
            name = "seen"

            def keep(self, queries, opts):
                return True

        @hookimpl
        def nlprec_components():
            return [Twice]
        """,
}
TOLD = {
    "syntax_error": ("import", "SyntaxError", "mend the file"),
    "missing_import": ("import", "a_package_nobody_has", "install what provides 'a_package_nobody_has'"),
    "raises_at_import": ("import", "the licence server is down", "ask its author"),
    "wrong_signature": ("signature", "fit", "IRecommender asks for fit(data, opts)"),
    "duplicate_name": ("duplicate", "filter 'seen' is offered by 'duplicate_name'", "rename one"),
}
SETTINGS = """
version: 1
ingest: {use: jsonl, path: shop}
store: {use: sqlite, path: var/nlprec.db}
prepare: {steps: [{use: weigh}], split: {use: temporal, share: 0.25}}
train: {recommenders: {trending: {use: acme.trending, half_life: 3.0}}}
evaluate: {metrics: [{use: ndcg, n: 3}], resamples: 100}
publish: {release: trending}
archive: {path: var/archive}
run: {runner: {use: inline}}
"""


def open_shop(environment):
    """Write a little shop into an environment's folder."""
    shop = environment.folder / "shop"
    shop.mkdir()
    events = [
        {
            "user": f"u{user}",
            "item": f"i{(user * 3 + step) % 9}",
            "kind": "buy",
            "time": 1_700_000_000 + 86_400 * step + user,
        }
        for user in range(12)
        for step in range(6)
    ]
    (shop / "items.jsonl").write_text(
        "".join(f'{{"id": "i{at}", "title": "Thing {at}"}}\n' for at in range(9)), "utf-8"
    )
    (shop / "events.jsonl").write_text("".join(json.dumps(event) + "\n" for event in events), "utf-8")


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """Return a copy of the project."""
    return copy_of_tree(tmp_path_factory.mktemp("tree") / "nlprec")


@pytest.fixture(scope="module")
def wheels(tree, tmp_path_factory):
    """Return the wheels by the name of their distribution."""
    return {each.name.split("-")[0]: each for each in build_wheels(tree, tmp_path_factory.mktemp("wheels"))}


@pytest.fixture(scope="module")
def installed(wheels, tmp_path_factory):
    """Return an environment with all three wheels, and a little shop in its folder."""
    environment = Environment(tmp_path_factory.mktemp("wheel") / "env")
    environment.install(*wheels.values())
    open_shop(environment)
    (environment.folder / "acme.yaml").write_text(SETTINGS, "utf-8")
    return environment


@pytest.fixture(scope="module")
def editable(tree, tmp_path_factory):
    """Return an environment with editable installs of both distributions."""
    environment = Environment(tmp_path_factory.mktemp("editable") / "env")
    environment.install("-e", tree, "-e", tree / "plugins")
    open_shop(environment)
    return environment


def fates(environment):
    """Return what became of each plugin, by name."""
    return {each["name"]: each for each in json.loads(environment.run("nlprec", "plugins", "--json"))}


def test_the_wheel_holds_the_command_and_nothing_of_twisteds(wheels):
    """One file beside Twisted's own, no package file that would replace it, no cache."""
    names = zipfile.ZipFile(wheels["nlprec"]).namelist()
    assert [name for name in names if name.startswith("twisted")] == ["twisted/plugins/nlprec_plugin.py"]


def test_the_wheel_holds_what_is_not_python(wheels):
    """The shop's words, the mark of types, the licence."""
    names = zipfile.ZipFile(wheels["nlprec"]).namelist()
    wanted = ("nlprec/py.typed", "nlprec/sample/shop.yaml", "licenses/LICENSE")
    assert [each for each in wanted if not any(name.endswith(each) for name in names)] == []


def test_the_wheels_hold_no_tests_and_no_plugins_of_ours(wheels):
    """What is installed is the package alone."""
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheels["nlprec"]).namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"nlprec", "twisted"}


@pytest.mark.parametrize("kind", ["installed", "editable"])
def test_twistd_lists_nlprec(kind, request):
    """Wheel and editable install both show the command, from any folder."""
    assert "nlprec" in request.getfixturevalue(kind).run("twistd", "--help")


@pytest.mark.parametrize("kind", ["installed", "editable"])
def test_twistd_nlprec_has_its_options(kind, request):
    """The command is found and can be asked."""
    assert "--config" in request.getfixturevalue(kind).run("twistd", "nlprec", "--help")


@pytest.mark.parametrize("kind", ["installed", "editable"])
def test_every_plugin_of_ours_is_loaded(kind, request, host):
    """All that this environment has, and none broken."""
    ours = {name: each["status"] for name, each in fates(request.getfixturevalue(kind)).items() if "nlprec" in name}
    assert ours == {each.name: "loaded" for each in host.fates if each.distribution == "nlprec-plugins"}


def test_a_third_party_appears_with_its_distribution(installed):
    """Its entry point is enough."""
    fate = fates(installed)["acme_trending"]
    assert (fate["distribution"], fate["version"], fate["components"]) == (
        "acme-trending",
        "0.1",
        ["recommender acme.trending"],
    )


def test_a_third_partys_algorithm_goes_the_whole_way(installed):
    """Named in YAML it is trained, judged and answers."""
    report = installed.run("nlprec", "run", "--config", "acme.yaml")
    answer = json.loads(installed.run("nlprec", "recommend", "u1", "--config", "acme.yaml", "--n", "2", "--json"))
    assert "trending" in report
    assert [list(item["sources"]) for item in answer["items"]] == [["trending"], ["trending"]]


def test_a_third_partys_contract_test_passes(installed):
    """The three lines of its test, run against the installed wheels."""
    test = ROOT / "docs" / "examples" / "acme-trending" / "test_acme_trending.py"
    shutil.copy(test, installed.folder)
    assert " passed" in installed.run("python", "-m", "pytest", "-q", "-p", "no:cacheprovider", test.name)


def test_the_same_file_without_packaging(editable):
    """A single file named in ``plugins.paths`` is a plugin like any other."""
    shutil.copy(ROOT / "docs" / "examples" / "acme-trending" / "acme_trending.py", editable.folder / "one_file.py")
    (editable.folder / "one.yaml").write_text(SETTINGS + "plugins: {paths: [one_file.py]}\n", "utf-8")
    editable.run("nlprec", "run", "--config", "one.yaml")
    answer = json.loads(editable.run("nlprec", "recommend", "u1", "--config", "one.yaml", "--n", "2", "--json"))
    assert [list(item["sources"]) for item in answer["items"]] == [["trending"], ["trending"]]


def test_uninstalling_leaves_twisted_whole(wheels, tmp_path):
    """Afterwards twistd works, without our command."""
    environment = Environment(tmp_path / "env")
    environment.install(wheels["nlprec"])
    environment.run("python", "-m", "pip", "uninstall", "--quiet", "--yes", "nlprec")
    assert "nlprec" not in environment.run("twistd", "--help")


class TestFiveBrokenPlugins:
    """Installed all at once, each in its own distribution."""

    @pytest.fixture(scope="class")
    @classmethod
    def broken(cls, wheels, tmp_path_factory):
        """Return an environment with ours and the five."""
        environment = Environment(tmp_path_factory.mktemp("broken") / "env")
        environment.install(wheels["nlprec"], wheels["nlprec_plugins"])
        for name, code in BROKEN.items():
            (environment.site / f"{name}.py").write_text(textwrap.dedent(code), "utf-8")
            info = environment.site / f"{name}-1.{len(name)}.dist-info"
            info.mkdir()
            (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.{len(name)}\n", "utf-8")
            (info / "entry_points.txt").write_text(f"[nlprec]\n{name} = {name}\n", "utf-8")
        shutil.copytree(ROOT / "etc", environment.folder / "etc")
        return environment

    @pytest.mark.parametrize("name", BROKEN)
    def test_each_is_told_apart(self, broken, name):
        """Its distribution, its version, where it broke, why, and what to do."""
        stage, error, hint = TOLD[name]
        fate = fates(broken)[name]
        assert (fate["status"], fate["distribution"], fate["version"], fate["stage"]) == (
            "broken",
            name,
            f"1.{len(name)}",
            stage,
        )
        assert (error in fate["error"], hint in fate["hint"]) == (True, True), fate

    def test_a_configuration_that_needs_none_of_them_loads(self, broken):
        """Five warnings, no problem."""
        said = broken.run("nlprec", "check", "--config", "etc/nlprec.yaml")
        assert [said.count(f"'{name}'") > 0 for name in BROKEN] == [True] * 5, said

    def test_a_configuration_that_names_one_does_not(self, broken):
        """The problem has its line, and says which plugin is broken."""
        (broken.folder / "named.yaml").write_text(SETTINGS.replace("acme.trending", "broken.wrong"), "utf-8")
        said = broken.run("nlprec", "check", "--config", "named.yaml", code=2)
        assert "named.yaml:6: train.recommenders.trending.use" in said, said
        assert "wrong_signature" in said

    def test_every_kind_is_there_all_the_same(self, broken):
        """What works is not harmed by what does not."""
        there = {component.split()[0] for fate in fates(broken).values() for component in fate["components"]}
        assert there == set(KINDS)
