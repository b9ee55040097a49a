"""
Write docs/errors.md and docs/reference/*.md from the code, or say with ``--check`` which of them are stale.

Every page is a function of the code alone, so that a committed page can be compared with what it should be.
"""

import ast
import inspect
import re
import sys
import tokenize
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

import attrs
from zope.interface.interface import InterfaceClass, Method

from nlprec import interfaces, logs
from nlprec.errors import NlprecError, every_error
from nlprec.hookspecs import EVERY_SPEC
from nlprec.host import load_host
from nlprec.kit.units import Duration, Size, show_duration, show_size
from nlprec.registry import KINDS, Entry, Registry
from nlprec.services.web.problems import status_of
from nlprec.settings import Secret, Settings

DOCS = Path(__file__).resolve().parent
HEADER = "<!-- Made by docs/generate.py from the code: change the code, then run it. -->\n\n"
#: Codes of single mistakes in a configuration: no error class, but each is one kind of ``Problem``.
PROBLEM_CODES = {
    "access.open": "The address can be reached from outside and no key is set. Listen on loopback, or set a key.",
    "access.weak": "A key's secret is too short to be one.",
    "config.duplicate_key": "A key appears twice in one mapping; YAML would silently keep the last.",
    "config.environment": "A `${NAME}` names a variable that is not set. Set it, or write `${NAME:-default}`.",
    "config.file": "A file or folder that is named is not there, or cannot be read.",
    "config.listen": "The address cannot be bound: another process has the port, or it is not of this machine.",
    "config.missing": "Something that must be said is not said.",
    "config.option": "A command-line option is not of the form it should be.",
    "config.reference": "A name refers to nothing in this file.",
    "config.revision": "A pinned `use: name@revision` is not what is installed.",
    "config.syntax": "It is not YAML.",
    "config.type": "A value is of another type than the field.",
    "config.unknown_key": "No field has this name; the nearest is named.",
    "config.value": "A value is of the right type but out of its range.",
}
ERRORS = """# Error codes

Every error a person can fix has a stable code, printed in brackets. It is the same in the terminal, in logs, in HTTP
answers (`code`) and here: `errors.md#CODE`. Where a request can fail for it, its
HTTP status is told.
"""
BUG = """
## <a id="bug"></a>`bug`

An error nobody foresaw: a mistake of ours. The terminal says `bug: …` and leaves with exit code 70 (`--debug` prints
where it happened); HTTP answers 500 with an incident number that stands in the log. Please report it.
"""
MISTAKES = """
# Mistakes in a configuration

A `config` error gathers every mistake at once; each has a code of its own, or that of an error above.
"""
SETTINGS = """# Settings

Everything a configuration may say, with its default. `nlprec show` prints the same for your file, with the origin of
each value. A value whose type is a link is a component: `{use: NAME, field: value}`.

| path | type | default | meaning |
|---|---|---|---|
"""
HOOKS = """# Hooks

How a plugin offers things and hears of things (`nlprec/hookspecs.py`). An implementation is a function with `@hookimpl`
and may name fewer arguments than the hook has.
"""
COMPONENTS = """# Components

What `use:` may name when only `nlprec-plugins` is installed. `nlprec plugins` lists what is installed with you.
"""
MESSAGES = """# Log messages

A line of the log is a JSON object; `event` is the name of the message, the fields stand beside it.

| event | level | sentence | fields |
|---|---|---|---|
"""


def errors() -> str:
    """Return the page of every error code, each with an anchor."""
    parts = [HEADER, ERRORS]
    for code, kind in sorted(own_errors().items()):
        parents = [base.code for base in kind.__mro__[1:] if issubclass(base, NlprecError)]
        also = f" A kind of {', '.join(f'[`{each}`](#{each})' for each in parents)}." if parents else ""
        title = f'\n## <a id="{code}"></a>`{code}` {kind.__name__}'
        status = f" HTTP {status_of(kind(''))}." if status_of(kind("")) != 500 else ""
        parts.append(f"{title}\n\n{_text(kind)}{also}{status}\n")
    parts += [BUG, MISTAKES]
    parts += [f'\n## <a id="{code}"></a>`{code}`\n\n{text}\n' for code, text in sorted(PROBLEM_CODES.items())]
    return "".join(parts)


def settings() -> str:
    """Return the page of every setting, in the order of the flow."""
    rows = [
        f"| `{path}` | {kind} | {default} | {meaning} |\n" for path, kind, default, meaning in setting_rows(Settings)
    ]
    return "".join([HEADER, SETTINGS, *rows])


def setting_rows(kind: Any, path: str = "") -> Iterator[tuple[str, str, str, str]]:
    """Yield (dotted path, type, default, meaning) of every field of a settings class, depth first."""
    comments = field_comments(kind)
    for name, each in attrs.fields_dict(attrs.resolve_types(kind)).items():
        here = f"{path}.{name}" if path else name
        section, suffix = _section(each.type)
        meaning = comments.get(name, "") or (_first_line(section) if section else "")
        if section is None:
            yield here, _type(each), _default(each), meaning
        elif suffix:
            yield here + suffix, "section", _default(each) if suffix == "[]" else "", meaning
            yield from setting_rows(section, here + suffix)
        else:
            yield from setting_rows(section, here)


def hooks() -> str:
    """Return the page of every hook."""
    parts = [HEADER, HOOKS]
    for spec in EVERY_SPEC:
        parts.append(f"\n## {spec.__name__}\n\n{_text(spec)}\n")
        for name in _hook_names(spec):
            function = getattr(spec, name)
            arguments = [each for each in inspect.signature(function).parameters if each != "self"]
            parts.append(f"\n### `{name}({', '.join(arguments)})`\n\n{_text(function)}\n")
    return "".join(parts)


def interface_page() -> str:
    """Return the page of every interface, its methods, and who implements it."""
    registry = load_host().registry
    parts = [HEADER, f"# Interfaces\n\n{_text(interfaces)}\n"]
    for name, each in every_interface().items():
        bases = [base.__name__ for base in each.__bases__ if base.__name__ != "Interface"]
        parts.append(f"\n## `{name}`{' (' + ', '.join(bases) + ')' if bases else ''}\n\n{_text(each)}\n")
        for member in sorted(each.names()):
            what = each[member]
            call = f"{member}{what.getSignatureString()}" if isinstance(what, Method) else member
            parts.append(f"\n### `{call}`\n\n{_paragraphs(what.__doc__ or '')}\n")
        kind = next((kind for kind, interface in KINDS.items() if interface is each), None)
        if kind:
            links = ", ".join(f"[`{known}`](components.md#{kind}-{known})" for known in registry.names(kind))
            parts.append(f"\nShipped: {links}.\n")
    return "".join(parts)


def components() -> str:
    """Return the page of every component we ship, with its fields."""
    registry = load_host().registry
    parts = [HEADER, COMPONENTS]
    for kind, interface in KINDS.items():
        parts.append(f"\n# {kind} ([`{interface.__name__}`](interfaces.md))\n")
        parts += [_component(entry) for entry in shipped(registry) if entry.kind == kind]
    return "".join(parts)


def messages() -> str:
    """Return the page of every log message."""
    rows = [
        f"| `{name}` | {each.level} | {_cell(each.sentence)} | {', '.join(f'`{field}`' for field in each.fields)} |\n"
        for name, each in sorted(logs.every_message().items())
    ]
    return "".join([HEADER, MESSAGES, *rows])


PAGES = {
    "errors.md": errors,
    "reference/settings.md": settings,
    "reference/hooks.md": hooks,
    "reference/interfaces.md": interface_page,
    "reference/components.md": components,
    "reference/messages.md": messages,
}


def every_interface() -> dict[str, InterfaceClass]:
    """Return every interface of nlprec by name, in the order of the file."""
    return {
        name: each
        for name, each in vars(interfaces).items()
        if isinstance(each, InterfaceClass) and name != "Interface"
    }


def own_errors() -> dict[str, type[NlprecError]]:
    """Return the errors of nlprec by code, without those that a plugin made for itself."""
    return {code: kind for code, kind in every_error().items() if kind.__module__ == NlprecError.__module__}


def shipped(registry: Registry) -> list[Entry]:
    """Return the components of nlprec-plugins alone."""
    return [entry for entry in registry if entry.component.__module__.startswith("nlprec_plugins.")]


def field_comments(kind: Any) -> dict[str, str]:
    """Return the ``#:`` comment beside each field of a class."""
    source = inspect.getsource(kind)
    lines: dict[int, str] = {}
    for token in tokenize.generate_tokens(iter(source.splitlines(keepends=True)).__next__):
        if token.type == tokenize.COMMENT and token.string.startswith("#:"):
            lines[token.start[0]] = token.string.removeprefix("#:").strip()
    body = ast.parse(source).body[0]
    assert isinstance(body, ast.ClassDef)
    found = {}
    for each in body.body:
        if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name):
            span = range(each.lineno, (each.end_lineno or each.lineno) + 1)
            found[each.target.id] = next((lines[at] for at in span if at in lines), "")
    return {name: comment for name, comment in found.items() if comment}


def _component(entry: Entry) -> str:
    comments = field_comments(entry.component)
    rows = [
        f"| `{name}` | {_type(each)} | {_default(each)} | {_cell(comments.get(name, ''))} |\n"
        for name, each in attrs.fields_dict(attrs.resolve_types(entry.component)).items()
        if each.init
    ]
    table = ["\n| field | type | default | meaning |\n|---|---|---|---|\n", *rows] if rows else ["\nNo fields.\n"]
    anchor = f'<a id="{entry.kind}-{entry.name}"></a>'
    about = _text(sys.modules[entry.component.__module__])
    title = f"## {anchor}`{entry.name}` (revision {entry.revision})"
    return f"\n{title}\n\n{about}\n\n{_text(entry.component)}\n{''.join(table)}"


def _section(hint: Any) -> tuple[Any, str]:
    """Return the settings class behind a type, or None, and how its path goes on: "", "[]" or ".NAME"."""
    if attrs.has(hint) and hint.__module__ == Settings.__module__ and hint not in (Secret,) and hint.__name__ != "Use":
        return hint, ""
    arguments = get_args(hint)
    if get_origin(hint) is tuple and arguments and _section(arguments[0])[0] is not None:
        return arguments[0], "[]"
    if arguments and get_origin(hint) is not None and _is_mapping(hint) and _section(arguments[1])[0] is not None:
        return arguments[1], ".NAME"
    return None, ""


def _is_mapping(hint: Any) -> bool:
    origin = get_origin(hint)
    return inspect.isclass(origin) and issubclass(origin, Mapping)


def _type(each: Any) -> str:
    kind = each.metadata.get("kind")
    if kind is None:
        return _spell(each.type)
    link = f"[{kind}](components.md)"
    if get_origin(each.type) is tuple:
        return f"list of {link}"
    return f"name → {link}" if _is_mapping(each.type) else link


def _spell(hint: Any) -> str:
    if hint is Duration or hint is Size:
        return "duration" if hint is Duration else "size"
    arguments = get_args(hint)
    if get_origin(hint) in (Union, UnionType):
        return " or none".join(_spell(each) for each in arguments if each is not NoneType) + " or none"
    if get_origin(hint) is tuple:
        return f"list of {_spell(arguments[0])}"
    if _is_mapping(hint):
        return f"{_spell(arguments[0])} → {_spell(arguments[1])}"
    names = {"str": "text", "bool": "yes/no", "int": "int", "float": "number"}
    return names.get(hint.__name__, str(hint.__name__).lower())


def _default(each: Any) -> str:
    if "kind" in each.metadata:
        default = each.metadata.get("default")
        uses = [default] if isinstance(default, str) else [entry["use"] for entry in default or ()]
        return ", ".join(f"`{use}`" for use in uses) or "none"
    if each.default is attrs.NOTHING:
        return "**needed**"
    value = each.default.factory() if isinstance(each.default, attrs.Factory) else each.default  # type: ignore[arg-type]
    return _value(value, each.type)


def _value(value: Any, hint: Any) -> str:
    if value is None or (isinstance(value, (str, tuple, dict)) and not value):
        return "none" if value is None or not isinstance(value, str) else '`""`'
    if isinstance(value, Secret):
        return "none"
    if hint is Duration or Duration in get_args(hint):
        return f"`{show_duration(value)}`"
    if hint is Size or Size in get_args(hint):
        return f"`{show_size(value)}`"
    if isinstance(value, tuple):
        return f"`[{', '.join(map(str, value))}]`"
    if isinstance(value, Mapping):
        return f"`{{{', '.join(f'{name}: {each}' for name, each in value.items())}}}`"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _hook_names(spec: type) -> list[str]:
    return [name for name in vars(spec) if name.startswith("nlprec_")]


def _first_line(thing: Any) -> str:
    return (inspect.getdoc(thing) or "").split("\n\n")[0].replace("\n", " ")


def _text(thing: Any) -> str:
    return _paragraphs(thing.__doc__ or "")


def _paragraphs(text: str) -> str:
    """Return a docstring as Markdown: single backticks, sections in bold with their lines as a list."""
    out: list[str] = []
    section = False
    for line in inspect.cleandoc(text).replace("``", "`").splitlines():
        heading = re.fullmatch(r"(Args|Returns|Raises|Source|Yields):", line)
        if heading:
            out += ["", f"**{heading[1]}**", ""]
            section = True
        elif section and line.startswith("    "):
            deeper = line.startswith("        ") or bool(
                out and out[-1].startswith("- ") and not re.match(r"    \S+: ", line)
            )
            out.append(f"  {line.strip()}" if deeper else f"- {line.strip()}")
        else:
            section = section and not line.strip()
            out.append(line)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(out)).strip()


def _cell(text: str) -> str:
    return text.replace("``", "`").replace("|", "\\|")


def main(arguments: list[str]) -> int:
    """Write the pages, or with ``--check`` only compare; return the exit code."""
    stale = []
    for name, make in PAGES.items():
        path, text = DOCS / name, make()
        if not path.exists() or path.read_text("utf-8") != text:
            stale.append(name)
            if "--check" not in arguments:
                path.parent.mkdir(exist_ok=True)
                path.write_text(text, "utf-8")
    for name in stale:
        print(f"docs/{name} {'is stale: run python docs/generate.py' if '--check' in arguments else 'written'}")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
