"""YAML as a tree that remembers where each value stands, so that every complaint can name its line."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from attrs import Factory, frozen

from nlprec.errors import Problem
from nlprec.settings import Secret

_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")

MISSING = "missing"  #: origin of a value the environment lacks: complained of already


@frozen
class Located:
    """A value and its place: ``value`` is a scalar, a list of Located, or a dict str -> Located."""

    value: Any
    line: int = 0
    origin: str = ""  #: "" the file, "option" the command line, "environment NAME"
    reference: str = ""  #: the text as written, when it came from the environment

    def plain(self) -> Any:
        """Return the value without places."""
        if isinstance(self.value, dict):
            return {name: each.plain() for name, each in self.value.items()}
        if isinstance(self.value, list):
            return [each.plain() for each in self.value]
        return self.value


@frozen
class Tree:
    """A parsed file: its root, and what was wrong with it as YAML."""

    root: Located
    problems: list[Problem] = Factory(list)


def parse(text: str, file: str, environment: Mapping[str, str] = os.environ) -> Tree:
    """
    Return the tree of a YAML text; syntax errors, repeated keys and missing environment variables become problems.
    """
    problems: list[Problem] = []
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = " ".join(str(part) for part in (error.context, error.problem) if part)
        line = mark.line + 1 if mark else 0
        return _refused(f"not YAML: {what}", "check indentation and brackets", file, line, "config.syntax")
    except yaml.YAMLError as error:
        what = " ".join(str(error).split())
        return _refused(f"not YAML: {what}", "save the file as UTF-8 text", file, 1, "config.syntax")
    if node is None:
        return Tree(Located({}, 1), problems)
    root = _Reader(file, environment, problems).read(node, "")
    if not isinstance(root.value, dict):
        what = f"the file holds a {_kind(root.value)}, not a mapping"
        return _refused(what, "start with 'version: 1'", file, root.line, "config.type")
    return Tree(root, problems)


def _refused(what: str, hint: str, file: str, line: int, code: str) -> Tree:
    """Return an empty tree with the one problem that kept it from being read."""
    return Tree(Located({}, 1), [Problem("", what, hint, file, line, code)])


class _Reader:
    """Turns composed YAML nodes into Located values."""

    def __init__(self, file: str, environment: Mapping[str, str], problems: list[Problem]) -> None:
        self._file = file
        self._environment = environment
        self._problems = problems
        self._loader = yaml.SafeLoader("")
        self._open: set[int] = set()

    def read(self, node: yaml.Node, path: str) -> Located:
        line = node.start_mark.line + 1
        if id(node) in self._open:
            self._problems.append(
                Problem(path, "an alias contains itself", "remove the alias", self._file, line, "config.syntax")
            )
            return Located(None, line)
        self._open.add(id(node))
        try:
            if isinstance(node, yaml.MappingNode):
                return self._mapping(node, path, line)
            if isinstance(node, yaml.SequenceNode):
                return Located([self.read(each, f"{path}[{at}]") for at, each in enumerate(node.value)], line)
            return self._scalar(node, path, line)
        finally:
            self._open.discard(id(node))

    def _mapping(self, node: yaml.MappingNode, path: str, line: int) -> Located:
        found: dict[str, Located] = {}
        for key, value in node.value:
            name = str(key.value) if isinstance(key, yaml.ScalarNode) else ""
            below = f"{path}.{name}" if path else name
            here = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                self._problems.append(
                    Problem(path, "a key is not a plain word", "quote it", self._file, here, "config.syntax")
                )
            elif name in found:
                hint = f"it is also on line {found[name].line}; keep one"
                self._problems.append(
                    Problem(below, "the key appears twice", hint, self._file, here, "config.duplicate_key")
                )
            else:
                each = self.read(value, below)
                found[name] = Located(each.value, here, each.origin, each.reference)
        return Located(found, line)

    def _scalar(self, node: yaml.Node, path: str, line: int) -> Located:
        if isinstance(node.value, str) and "${" in node.value:
            return self._expand(node.value, path, line)
        try:
            return Located(self._loader.construct_object(node, deep=True), line)
        except (yaml.YAMLError, ValueError) as error:
            text = " ".join(str(error).split())
            self._problems.append(
                Problem(path, f"not a plain value: {text}", "quote it", self._file, line, "config.syntax")
            )
            return Located(None, line)

    def _expand(self, text: str, path: str, line: int) -> Located:
        names = [match[1] for match in _REFERENCE.finditer(text)]

        def fill(match: re.Match[str]) -> str:
            value = self._environment.get(match[1]) or _credential(match[1], self._environment) or match[2]
            if not value:
                hint = f"export {match[1]}=..., give it as a systemd credential, or write ${{{match[1]}:-default}}"
                self._problems.append(
                    Problem(path, f"the environment has no {match[1]}", hint, self._file, line, "config.environment")
                )
                return ""
            return value

        before = len(self._problems)
        whole = _REFERENCE.sub(fill, text)
        if len(self._problems) > before:
            return Located(None, line, MISSING)
        return Located(scalar(whole), line, f"environment {', '.join(names)}", text)


def _credential(name: str, environment: Mapping[str, str]) -> str:
    """Return the content of a systemd credential (``LoadCredential=NAME:file``), "" when there is none."""
    folder = environment.get("CREDENTIALS_DIRECTORY", "")
    try:
        return (Path(folder) / name).read_text("utf-8").strip() if folder else ""
    except (OSError, UnicodeDecodeError):
        return ""


def scalar(text: str) -> Any:
    """Return what YAML makes of a single word: a number, a bool, null or the text itself."""
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError:
        return text
    return value if isinstance(value, (int, float, bool)) or (value is None and text) else text


def put(root: Located, path: str, text: str) -> Located:
    """Return the tree with the value at a dotted path replaced, as ``--set path=text`` asks."""
    head, _, rest = path.partition(".")
    here = dict(root.value) if isinstance(root.value, dict) else {}
    below = here.get(head, Located({}, 0, "option"))
    here[head] = put(below, rest, text) if rest else Located(scalar(text), 0, "option")
    return Located(here, root.line, root.origin)


def secret(where: Located) -> Secret:
    """
    Return the secret a value refers to.

    Raises:
        ValueError: it was written down in the file instead of referring to the environment.
    """
    if not where.reference:
        raise ValueError("a secret is written in the file; refer to the environment: ${NLPREC_SECRET}")
    return Secret(str(where.value), where.reference)


def _kind(value: Any) -> str:
    return "list" if isinstance(value, list) else "mapping" if isinstance(value, dict) else type(value).__name__
