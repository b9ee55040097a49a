"""Settings as YAML with the origin of each value behind it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml


def annotated(values: Mapping[str, Any], origins: Mapping[str, str]) -> str:
    """Return block YAML that loads back to the same values, each with a comment saying where it came from."""
    return "\n".join(_block(values, origins, "", 0))


def _block(values: Mapping[str, Any], origins: Mapping[str, str], path: str, depth: int) -> Iterator[str]:
    for name, value in values.items():
        below = f"{path}.{name}" if path else str(name)
        yield from _entry(f"{'  ' * depth}{_scalar(name)}:", value, origins, below, depth)


def _entry(head: str, value: Any, origins: Mapping[str, str], path: str, depth: int) -> Iterator[str]:
    origin = _origin(origins, path)
    comment = f"  # {origin}" if origin else ""
    if isinstance(value, Mapping) and value:
        yield head + (comment if origin == "default" else "")
        yield from _block(value, origins, path, depth + 1)
    elif isinstance(value, list) and any(isinstance(each, Mapping) for each in value):
        yield head + (comment if origin == "default" else "")
        for at, each in enumerate(value):
            lines = list(_block(each, origins, f"{path}[{at}]", depth + 2))
            yield f"{'  ' * (depth + 1)}- {lines[0].lstrip()}"
            yield from lines[1:]
    else:
        text = _flow(value) if isinstance(value, (list, Mapping)) else _scalar(value)
        yield f"{head} {text}{comment}"


def _origin(origins: Mapping[str, str], path: str) -> str:
    """Return where a value came from; a list of one may have been written without its dash."""
    found = origins.get(path) or origins.get(re.sub(r"\[\d+\]", "", path), "")
    return "--set" if found == "option" else found


def _flow(value: Any) -> str:
    """Return a list of scalars, or an empty mapping, on one line."""
    if isinstance(value, list):
        return f"[{', '.join(map(_flow, value))}]"
    if isinstance(value, Mapping):
        return "{}"
    return _quoted(value) if isinstance(value, str) else _scalar(value)


def _scalar(value: Any) -> str:
    """Return a scalar as YAML writes it on one line."""
    if isinstance(value, str) and ("${" in value or not value.isprintable()):
        return _quoted(value)
    text = str(yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=float("inf")))
    return text.removesuffix("\n").removesuffix("...").strip()


def _quoted(text: str) -> str:
    plain = text.isprintable()
    return str(yaml.safe_dump(text, default_style='"', allow_unicode=plain, width=float("inf"))).removesuffix("\n")
