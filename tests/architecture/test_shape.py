"""Small enough to read, and free of what must not be there."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CODE = sorted(path for top in ("nlprec", "plugins/nlprec_plugins", "twisted") for path in (ROOT / top).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
OTHERS = [*(ROOT / "docs").rglob("*.py"), ROOT / "noxfile.py"]
TEXTS = [
    path
    for top in ("nlprec", "plugins/nlprec_plugins", "twisted", "tests", "docs", "etc", "newsfragments", ".ci")
    for path in (ROOT / top).rglob("*")
    if path.is_file() and path.suffix in (".py", ".md", ".yaml", ".toml", ".cfg", ".service", ".txt", "")
] + [path for path in ROOT.iterdir() if path.is_file() and path.suffix in (".md", ".txt", ".cfg", ".toml", ".yaml", "")]
TEXTS = [
    path for path in TEXTS if not path.name.startswith(".coverage")
]  # a run with coverage leaves its data at the root


def tree(path):
    """Return a file's syntax tree."""
    return ast.parse(path.read_text("utf-8"))


def short(path):
    """Return a path as seen from the root."""
    return str(path.relative_to(ROOT))


def functions(path):
    """Yield every function of a file."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length(path):
    """Return the number of lines of a file."""
    return len(path.read_text("utf-8").splitlines())


def test_no_module_is_too_long():
    """400 lines at most; over that, something wants to be split."""
    assert [(short(path), length(path)) for path in [*CODE, *TESTS, *OTHERS] if length(path) > 400] == []


def test_no_plugin_is_too_long():
    """150 lines at most: an algorithm can be read in one go."""
    plugins = [path for path in CODE if "nlprec_plugins" in path.parts]
    assert [(short(path), length(path)) for path in plugins if length(path) > 150] == []


def test_no_function_is_too_long():
    """40 lines at most, docstring included."""
    long = [
        (short(path), each.name, each.end_lineno - each.lineno + 1)
        for path in [*CODE, *TESTS, *OTHERS]
        for each in functions(path)
        if each.end_lineno - each.lineno >= 40
    ]
    assert long == []


def test_no_folder_is_too_full():
    """14 modules at most; a folder that is fuller has grown a second subject."""
    full = {}
    for folder in {path.parent for path in CODE}:
        modules = [path for path in folder.glob("*.py") if not path.name.startswith("__")]
        if len(modules) > 14:
            full[short(folder)] = len(modules)
    assert full == {}


def test_a_plugin_is_one_component():
    """One file, one component: what two plugins need moves to kit."""
    several = {}
    for path in CODE:
        if "nlprec_plugins" in path.parts and path.name != "__init__.py":
            offered = re.findall(r"return \[(.*)\]\Z", path.read_text("utf-8").strip())
            if len(offered) != 1 or "," in offered[0]:
                several[short(path)] = offered
    assert several == {}


@pytest.mark.parametrize(
    "module", ["unittest.mock", "mock", "pickle", "cPickle", "joblib", "marshal", "shelve", "dill"]
)
def test_nothing_imports(module):
    """Fakes, not mocks; and nothing is ever unpickled."""
    found = []
    for path in [*CODE, *TESTS, *OTHERS]:
        for node in ast.walk(tree(path)):
            names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or "", *(f"{node.module}.{each.name}" for each in node.names)]
            found += [(short(path), node.lineno) for name in names if name == module or name.startswith(module + ".")]
    assert found == []


def test_nothing_evaluates_text():
    """No eval, no exec."""
    calls = [
        (short(path), node.lineno)
        for path in CODE
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("eval", "exec")
    ]
    assert calls == []


def test_no_broad_except_outside_the_bulkheads():
    """``except Exception`` raises again, or says in a comment which bulkhead it is."""
    broad = []
    for path in CODE:
        lines = path.read_text("utf-8").splitlines()
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ExceptHandler) and not isinstance(node.body[-1], ast.Raise):
                kinds = (
                    {each.id for each in ast.walk(node.type) if isinstance(each, ast.Name)}
                    if node.type
                    else {"BaseException"}
                )
                if kinds & {"Exception", "BaseException"} and "#" not in lines[node.lineno - 1]:
                    broad.append((short(path), node.lineno))
    assert broad == []


def test_nothing_waits_to_be_done():
    """What is to be done is an issue, not a comment."""
    words = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
    assert [short(path) for path in TEXTS if words.search(path.read_text("utf-8"))] == []


def test_no_package_index_and_no_machine_is_named():
    """Where packages come from and where the project lies is the business of whoever installs it."""
    hosts = re.compile(
        "|".join(("py" + r"pi\.org", "python" + "hosted", "registry" + r"\.npm", r"/(root|home)" + r"/\w"))
    )
    found = {short(path): hosts.search(path.read_text("utf-8")) for path in TEXTS}
    assert [path for path, match in found.items() if match] == []


def test_every_test_says_what_it_promises():
    """The docstring of a test is its promise."""
    silent = [
        (short(path), each.name)
        for path in [*TESTS, *(path for path in CODE if "testing" in path.parts)]
        for each in functions(path)
        if each.name.startswith("test_") and not ast.get_docstring(each)
    ]
    assert silent == []


def test_no_test_sleeps():
    """Outside integration tests nothing waits for a clock."""
    sleepers = [
        (short(path), node.lineno)
        for path in TESTS
        if "integration" not in path.parts
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and node.attr == "sleep"
    ]
    assert sleepers == []


def test_no_package_of_twisted_is_taken_over():
    """``twisted/`` has no ``__init__.py``: it would replace Twisted's own, and uninstalling would delete it."""
    assert list((ROOT / "twisted").rglob("__init__.py")) == []
