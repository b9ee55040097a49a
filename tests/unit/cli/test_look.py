"""Looking before running."""

from pathlib import Path

import pytest

from nlprec.loading import load

MISTAKES = """version: 1
seed: many
ingest: {use: jsonl, path: sample}
store: {use: sqlite, pth: var/x.db}
prepare:
  split: {use: temporal, share: 1.5}
train:
  recommenders:
    ease: {use: eese}
    als: {use: als, factors: 8}
  blenders:
    mix: {use: rrf, inputs: {als: 1.0, eaze: 1.0}}
publish: {release: mixx}
run: {limit: 5 parsecs}
"""

COMPONENT = """from attrs import frozen
from zope.interface import implementer

from nlprec import hookimpl
from nlprec.interfaces import IRecommender


@implementer(IRecommender)
@frozen
class Mine:
    name = "{name}"
    revision = 1

    def fit(self, {arguments}):
        return None


@hookimpl
def nlprec_components():
    return [Mine]
"""
BROKEN = {
    "duplicate": COMPONENT.format(name="ease", arguments="data, opts"),
    "missing": "import no_such_package\n",
    "raises": "raise RuntimeError('not today')\n",
    "signature": COMPONENT.format(name="test.mine", arguments="data"),
    "syntax": "def broken(:\n",
}


class TestCheck:
    """``nlprec check``."""

    def test_six_mistakes_in_one_answer(self, nlprec, tmp_path):
        """Mistakes of every kind come together, each with its line; exit 2."""
        path = tmp_path / "wrong.yaml"
        path.write_text(MISTAKES)
        said = nlprec("check", "--config", path, "--json")
        found = [(problem["line"], problem["path"]) for problem in said.json["problems"]]
        expected = [
            (2, "seed"),
            (4, "store.pth"),
            (6, "prepare.split.share"),
            (9, "train.recommenders.ease.use"),
            (12, "train.blenders.mix.inputs.eaze"),
            (13, "publish.release"),
            (14, "run.limit"),
        ]
        assert (2, expected) == (said.code, found)

    def test_a_problem_has_a_hint(self, nlprec, tmp_path):
        """Each line says what is known, or what to do."""
        path = tmp_path / "wrong.yaml"
        path.write_text(MISTAKES)
        line = nlprec("check", "--config", path).out.splitlines()[1]
        assert line.startswith(f"{path}:4: store.pth: unknown key [config.unknown_key]; known: path, busy")

    def test_nothing_wrong(self, nlprec, config):
        """A right configuration is told by its digest; exit 0."""
        said = nlprec("check", "--config", config)
        digest = load(config).settings.digest()
        assert (0, f"{config}: no problems, settings {digest}\n") == (said.code, said.out)

    def test_no_file(self, nlprec, tmp_path):
        """A file that is not there is a problem, not a traceback."""
        said = nlprec("check", "--config", tmp_path / "none.yaml")
        assert (said.code, "there is no such file [config.file]" in said.out) == (2, True)

    def test_data_of_the_configured_sources(self, nlprec, config):
        """``--data`` alone reads what ingest names."""
        report = nlprec("check", "--config", config, "--json", "--data").json["data"][0]
        assert (report["source"], report["counts"]["users"], report["counts"]["items"]) == ("jsonl", 12, 12)

    def test_data_of_a_file(self, nlprec, config, tmp_path):
        """``--data FILE`` reads that file by its ending."""
        (tmp_path / "seen.csv").write_text("user,item,rating\nu1,i1,4\nu1,i1,4\n")
        out = nlprec("check", "--config", config, "--data", tmp_path / "seen.csv").out
        assert "1 interactions given more than once (stored once); first: u1 rating i1" in out

    def test_data_of_an_unknown_kind(self, nlprec, config, tmp_path):
        """A file nobody can read is a problem that names the known endings."""
        said = nlprec("check", "--config", config, "--data", tmp_path / "x.doc")
        assert (said.code, "known endings: .jsonl, .json, .csv, .tsv" in said.err) == (2, True)

    def test_nothing_is_made(self, nlprec, config):
        """Checking leaves neither store nor archive behind."""
        nlprec("check", "--config", config, "--data")
        assert [path.name for path in config.parent.iterdir()] == ["nlprec.yaml"]


class TestShow:
    """``nlprec show``."""

    def test_round_trip(self, nlprec, config, tmp_path):
        """What it prints loads back to the same digest."""
        shown = tmp_path / "shown.yaml"
        shown.write_text(nlprec("show", "--config", config, "--set", "serve.n=4").out)
        assert load(config, ["serve.n=4"]).settings.digest() == load(shown).settings.digest()

    @pytest.mark.parametrize(
        "line",
        [
            "  n: 4  # --set",
            "  n_max: 200  # default",
            "  - use: jsonl  # line 3",
            "  release: mix  # line 15",
        ],
    )
    def test_origins(self, nlprec, config, line):
        """Every value says where it came from."""
        assert line in nlprec("show", "--config", config, "--set", "serve.n=4").out.splitlines()

    def test_secrets_stay_outside(self, nlprec, config, tmp_path, monkeypatch):
        """A secret is shown as its reference."""
        monkeypatch.setenv("NLPREC_TEST_KEY", "open-sesame-open-sesame")
        path = tmp_path / "keys.yaml"
        key = "serve: {http: {keys: [{name: app, secret: '${NLPREC_TEST_KEY}'}]}}\n"
        path.write_text(config.read_text() + key)
        out = nlprec("show", "--config", path).out
        assert ('secret: "${NLPREC_TEST_KEY}"' in out, "sesame" in out) == (True, False)

    @pytest.mark.parametrize("name", ["nlprec.yaml", "movielens.yaml"])
    def test_shipped_configurations(self, nlprec, tmp_path, name):
        """Every shipped configuration survives the round trip."""
        path = Path(__file__).parents[3] / "etc" / name
        shown = tmp_path / "shown.yaml"
        shown.write_text(nlprec("show", "--config", path).out)
        assert load(path).settings.digest() == load(shown).settings.digest()


class TestPlugins:
    """``nlprec plugins``."""

    def test_what_each_brings(self, nlprec, config):
        """Each plugin is named with its distribution and its components."""
        fates = nlprec("plugins", "--config", config, "--json").json
        rrf = next(fate for fate in fates if fate["name"] == "nlprec_plugins.blenders.rrf")
        assert (rrf["status"], rrf["distribution"], rrf["components"]) == ("loaded", "nlprec-plugins", ["blender rrf"])

    def test_a_broken_one_is_told(self, nlprec, config, tmp_path):
        """A plugin that cannot be imported is told apart, with stage and hint; exit 0."""
        (tmp_path / "bad.py").write_text("import no_such_package\n")
        said = nlprec("plugins", "--config", config, "--set", f"plugins.paths={tmp_path / 'bad.py'}")
        told = [f"broken: bad ({tmp_path / 'bad.py'}), at import", "install what provides 'no_such_package'"]
        assert (said.code, [words in said.out for words in told]) == (0, [True, True])

    def test_five_broken_ones_are_told_apart(self, nlprec, config, tmp_path):
        """Each kind of breakage has its stage, error and hint; what the configuration uses still loads; exit 0."""
        for name, source in BROKEN.items():
            (tmp_path / f"{name}.py").write_text(source)
        option = ("--set", f"plugins.paths={tmp_path}")
        fates = {fate["name"]: fate for fate in nlprec("plugins", "--config", config, "--json", *option).json}
        stages = {
            "duplicate": "duplicate",
            "missing": "import",
            "raises": "import",
            "signature": "signature",
            "syntax": "import",
        }
        assert {name: fates[name]["stage"] for name in BROKEN} == stages
        assert len({fates[name]["error"] for name in BROKEN}) == len(BROKEN)
        assert all(fates[name]["hint"] for name in BROKEN)
        assert nlprec("check", "--config", config, *option).code == 0

    def test_trace(self, nlprec, config):
        """``--trace`` prints hook calls on standard error."""
        assert "hook nlprec_may_publish" in nlprec("plugins", "--config", config, "--trace", "--json").err

    def test_a_wrong_configuration_is_no_obstacle(self, nlprec, tmp_path):
        """Plugins are listed although the configuration is wrong elsewhere."""
        path = tmp_path / "wrong.yaml"
        path.write_text(MISTAKES)
        assert nlprec("plugins", "--config", path, "--json").code == 0


class TestDoctor:
    """``nlprec doctor``."""

    def test_facts(self, nlprec, walked):
        """Versions, machine, store and archive are told; without trouble exit 0."""
        said = nlprec("doctor", "--config", walked, "--json")
        wanted = {"nlprec", "numpy", "Python", "cores", "BLAS", "SQLite", "store", "archive", "disk", "port"}
        assert (said.code, sorted(wanted - set(said.json["facts"]))) == (0, [])

    def test_a_damaged_archive_is_trouble(self, nlprec, config):
        """An artifact whose bytes are wrong is trouble; exit 1."""
        folder = config.parent / "archive" / "objects" / "ab" / ("ab" * 16)
        folder.mkdir(parents=True)
        (folder / "manifest.json").write_text("{}")
        said = nlprec("doctor", "--config", config)
        assert (said.code, "trouble: [archive.corrupt]" in said.out) == (1, True)

    def test_a_wrong_configuration(self, nlprec, tmp_path):
        """Its problems are troubles; the machine is told all the same."""
        path = tmp_path / "wrong.yaml"
        path.write_text(MISTAKES)
        found = nlprec("doctor", "--config", path, "--json").json
        assert (len(found["troubles"]), "cores" in found["facts"]) == (7, True)

    def test_no_values_of_the_environment(self, nlprec, config, monkeypatch):
        """Variables are named, their values are not."""
        monkeypatch.setenv("NLPREC_API_KEY", "open-sesame")
        out = nlprec("doctor", "--config", config).out
        assert ("NLPREC_API_KEY" in out, "open-sesame" in out) == (True, False)

    def test_nothing_is_made(self, nlprec, config):
        """A look leaves neither store nor archive behind."""
        nlprec("doctor", "--config", config)
        assert [path.name for path in config.parent.iterdir()] == ["nlprec.yaml"]
