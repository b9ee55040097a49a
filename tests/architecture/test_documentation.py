"""What is written is true: generated pages are fresh, maps lead somewhere, words are used, examples work."""

import ast
import importlib.util
import re
from pathlib import Path

import pytest

from nlprec import hookspecs, interfaces
from nlprec.cli.main import LAZY
from nlprec.errors import every_error
from nlprec.loading import load
from nlprec.registry import KINDS

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
CODE = sorted(path for top in ("nlprec", "plugins/nlprec_plugins") for path in (ROOT / top).rglob("*.py"))


def read(path):
    """Return a page."""
    return (ROOT / path).read_text("utf-8")


@pytest.fixture(scope="module")
def generate():
    """Return docs/generate.py as a module."""
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def identifiers():
    """Return every name that stands in our code."""
    found = set()
    for path in CODE:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            found |= {
                getattr(node, each)
                for each in ("id", "attr", "arg", "name")
                if isinstance(getattr(node, each, None), str)
            }
    return found


class TestReference:
    """The generated pages, and what they are generated from."""

    @pytest.mark.parametrize("page", ["errors", "settings", "hooks", "interfaces", "components", "messages"])
    def test_a_page_is_what_it_would_be_now(self, page, generate):
        """Code changed, page did not: run ``python docs/generate.py``."""
        name = f"{page}.md" if page == "errors" else f"reference/{page}.md"
        assert (DOCS / name).read_text("utf-8") == generate.PAGES[name]()

    def test_every_setting_says_what_it_means(self, generate):
        """Each field has its ``#:`` comment: unit, meaning."""
        assert [path for path, _, _, meaning in generate.setting_rows(generate.Settings) if not meaning] == []

    def test_every_hyperparameter_says_what_it_means(self, generate, host):
        """The same for each field of each component."""
        silent = []
        for entry in generate.shipped(host.registry):
            comments = generate.field_comments(entry.component)
            fields = [each.name for each in entry.component.__attrs_attrs__ if each.init]
            silent += [f"{entry.kind} {entry.name}.{each}" for each in fields if not comments.get(each)]
        assert silent == []

    def test_every_component_explains_itself(self, generate, host):
        """The class has a docstring of its own."""
        assert [each.name for each in generate.shipped(host.registry) if not each.component.__doc__] == []

    def test_every_algorithm_cites_its_source(self, generate, host):
        """Recommenders and what else comes from the literature say from where."""
        algorithms = [each for each in generate.shipped(host.registry) if each.kind in ("recommender", "extractor")]
        texts = {
            each.name: Path(__import__("inspect").getfile(each.component)).read_text("utf-8") for each in algorithms
        }
        assert [
            name for name, text in texts.items() if "Source:" not in text and name not in ("popular", "content")
        ] == []

    def test_every_interface_says_how_stable_it_is(self, generate):
        """``Stability:`` is caller, implementer or internal."""
        stable = {
            name: re.findall(r"Stability: (\w+)", each.__doc__) for name, each in generate.every_interface().items()
        }
        assert {
            name for name, found in stable.items() if found not in (["caller"], ["implementer"], ["internal"])
        } == set()

    def test_every_method_of_an_interface_is_explained(self, generate):
        """No method and no attribute without words."""
        silent = [
            f"{name}.{member}"
            for name, each in generate.every_interface().items()
            for member in each.names()
            if not each[member].__doc__
        ]
        assert silent == []

    def test_no_interface_is_too_wide(self, generate):
        """Six methods at most."""
        methods = {
            name: [member for member in each.names() if hasattr(each[member], "getSignatureString")]
            for name, each in generate.every_interface().items()
        }
        assert [name for name, members in methods.items() if len(members) > 6] == []

    def test_every_hook_is_explained(self):
        """No hook without words."""
        hooks = [
            each for spec in hookspecs.EVERY_SPEC for name, each in vars(spec).items() if name.startswith("nlprec_")
        ]
        assert [each.__name__ for each in hooks if not each.__doc__] == []

    def test_every_error_is_explained_and_drawn(self):
        """Each has a docstring, a code of its own, and its place in the tree at the top of the file."""
        drawing = read("nlprec/errors.py").split('"""')[1]
        kinds = [kind for kind in every_error().values() if kind.__module__ == "nlprec.errors"]
        assert [kind.__name__ for kind in kinds if not kind.__doc__ or kind.__name__ not in drawing] == []

    def test_every_code_in_the_source_is_documented(self, generate):
        """A code that a person can read has an anchor to go to."""
        anchors = set(re.findall(r'<a id="([^"]+)">', read("docs/errors.md")))
        groups = "access|archive|config|data|job|plugin|serve|store"
        used = {
            code
            for path in CODE
            for line in path.read_text("utf-8").splitlines()
            if "code" in line or "Problem(" in line or "complain(" in line
            for code in re.findall(rf'"((?:{groups})\.[a-z_]+)"', line)
        }
        settings = {path for path, *_ in generate.setting_rows(generate.Settings)}
        assert used - settings - anchors == set()


class TestMaps:
    """README, ARCHITECTURE, decisions."""

    @pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
    def test_every_link_leads_somewhere(self, page):
        """Relative links name files that are there, and anchors that are in them."""
        dead = []
        for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
            if re.match(r"[a-z]+:", target):
                continue
            name, _, anchor = target.partition("#")
            path = page.parent / name if name else page
            if not path.exists() or (anchor and f'<a id="{anchor}">' not in path.read_text("utf-8")):
                dead.append(target)
        assert dead == []

    def test_every_path_on_the_map_is_there(self):
        """Files and folders that ARCHITECTURE.md names in backticks exist."""
        named = re.findall(r"`((?:nlprec|plugins|docs|etc|tests|twisted)/[\w./-]*)`", read("ARCHITECTURE.md"))
        assert [path for path in named if not (ROOT / path).exists()] == []

    def test_every_module_of_the_top_is_on_the_map(self):
        """A module or package right below ``nlprec`` is in the drawing of the layers."""
        tops = {
            path.stem for path in (ROOT / "nlprec").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
        }
        text = read("ARCHITECTURE.md")
        assert {each for each in tops - {"__init__", "__main__"} if not re.search(rf"\b{each}\b", text)} == set()

    def test_the_reading_order_counts_right(self):
        """Each stop is there and has about as many lines as is said, within a fifth."""
        stops = re.findall(
            r"^\| \d+ \| \[?`?([\w./-]+?)`?\]?(?:\([^)]*\))? \| (\d+) \|$", read("ARCHITECTURE.md"), re.MULTILINE
        )
        wrong = {}
        for path, said in stops:
            lines = len(read(path).splitlines())
            if abs(lines - int(said)) > 0.2 * lines:
                wrong[path] = (int(said), lines)
        assert (len(stops) >= 5, wrong) == (True, {})

    @pytest.mark.parametrize("page", sorted((DOCS / "adr").glob("*.md")), ids=lambda path: path.stem)
    def test_every_decision_says_where_it_stands(self, page):
        """Number and title, a status, context, decision, cost; one page."""
        text = page.read_text("utf-8")
        number = page.name[:4]
        assert re.match(rf"# {number} .+\n\nStatus: (proposed|accepted|superseded by \d{{4}})\n", text)
        assert [word for word in ("**Context.**", "**Decision.**", "**Cost.**") if word not in text] == []
        assert len(text.splitlines()) <= 60

    def test_decisions_are_numbered_in_a_row(self):
        """No number twice, none missing."""
        numbers = [int(path.name[:4]) for path in sorted((DOCS / "adr").glob("*.md"))]
        assert numbers == list(range(1, len(numbers) + 1))


class TestWords:
    """docs/glossary.md is the language of the code."""

    def test_the_usual_variable_is_used(self, identifiers):
        """The column *variable* names what the code calls it."""
        rows = re.findall(r"^\| ([a-z ]+) \| [^|]+ \| [^|]+ \| ([^|]+) \|", read("docs/glossary.md"), re.MULTILINE)
        names = {name for _, cell in rows for name in re.findall(r"`(\w+)`", cell)}
        assert (len(rows) > 30, names - identifiers) == (True, set())

    def test_every_kind_and_every_noun_of_the_flow_is_explained(self):
        """What has an interface, and what the stages make, is in the table."""
        words = set(re.findall(r"^\| ([a-z ]+) \|", read("docs/glossary.md"), re.MULTILINE))
        nouns = {"batch", "snapshot", "dataset", "features", "model", "report", "release", "ranking"}
        assert (set(KINDS) | nouns) - words == set()

    def test_fields_of_one_meaning_have_one_name(self, host):
        """No component has a field with the name that others use for an agreed one."""
        banned = {
            "top_k",
            "K",
            "num_factors",
            "n_factors",
            "iterations",
            "regularization",
            "reg",
            "lambda_",
            "learning_rate",
        }
        found = [
            f"{each.name}.{field.name}"
            for each in host.registry
            for field in each.component.__attrs_attrs__
            if field.name in banned
        ]
        assert found == []

    def test_every_interface_is_a_noun(self):
        """``I`` and a noun, as the glossary has it."""
        names = [name for name in vars(interfaces) if re.fullmatch(r"I[A-Z]\w+", name) and name != "Interface"]
        assert [name for name in names if not re.fullmatch(r"I[A-Z][a-z]+", name)] == []


class TestExamples:
    """What pages show, works."""

    @pytest.mark.parametrize("path", sorted((ROOT / "etc").glob("*.yaml")), ids=lambda path: path.name)
    def test_every_shipped_configuration_loads(self, path):
        """No problem and no warning."""
        loaded = load(path, ())
        assert loaded.warnings == ()

    @pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
    def test_every_whole_configuration_in_a_page_loads(self, page, tmp_path):
        """YAML blocks that say their version are whole configurations."""
        for block in re.findall(r"```yaml\n(version: .*?)```", page.read_text("utf-8"), re.DOTALL):
            (tmp_path / "block.yaml").write_text(block, "utf-8")
            assert load(tmp_path / "block.yaml", ()).warnings == ()

    @pytest.mark.parametrize("name", ["acme_trending.py", "test_acme_trending.py", "pyproject.toml"])
    def test_the_guide_shows_the_example_as_it_is(self, name):
        """docs/writing-a-plugin.md holds the files of the example, word for word."""
        assert (DOCS / "examples" / "acme-trending" / name).read_text("utf-8").strip() in read(
            "docs/writing-a-plugin.md"
        )

    def test_the_guide_names_every_contract(self):
        """Each kind of component has its row: interface and contract."""
        guide = read("docs/writing-a-plugin.md")
        rows = [(f"`{each.__name__}`", f"`{kind.capitalize()}Contract`") for kind, each in KINDS.items()]
        assert [row for row in rows if not all(each in guide for each in row)] == []

    @pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
    def test_every_command_in_a_page_is_one(self, page):
        """What a shell block tells to run, the command line knows."""
        blocks = re.findall(r"```sh\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
        told = {word for block in blocks for word in re.findall(r"^nlprec ([a-z]+)", block, re.MULTILINE)}
        assert told - set(LAZY) == set()

    def test_the_two_commands_are_there(self):
        """README's ``make run`` and ``make test`` are targets."""
        targets = set(re.findall(r"^([a-z]+):", read("Makefile"), re.MULTILINE))
        assert {"run", "test"} <= targets

    def test_the_news_of_a_change_has_a_known_kind(self):
        """``newsfragments/<issue>.<kind>.md``."""
        kinds = "feature|bugfix|change|removal|doc|misc"
        names = [
            path.name for path in (ROOT / "newsfragments").iterdir() if path.name not in (".gitignore", "README.md")
        ]
        assert [name for name in names if not re.fullmatch(rf"(\d+|\+\w+)\.({kinds})(\.\d+)?\.md", name)] == []
