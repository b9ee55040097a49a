"""Settings as YAML with the origin of each value behind it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import yaml


def annotated(values: Mapping[str, Any], origins: Mapping[str, str]) -> str:
    """Return block YAML that loads back to the same values, each scalar with a comment saying where it came from."""
    return "\n".join(_block(values, origins, "", 0))


def _block(values: Mapping[str, Any], origins: Mapping[str, str], path: str, depth: int) -> Iterator[str]:
    for name, value in values.items():
        below = f"{path}.{name}" if path else str(name)
        yield from _entry(f"{'  ' * depth}{_scalar(name)}:", value, origins, below, depth)


def _entry(head: str, value: Any, origins: Mapping[str, str], path: str, depth: int) -> Iterator[str]:
    if isinstance(value, Mapping) and value:
        yield head
        yield from _block(value, origins, path, depth + 1)
    elif isinstance(value, list) and any(isinstance(each, Mapping) for each in value):
        yield head
        for at, each in enumerate(value):
            lines = list(_block(each, origins, f"{path}[{at}]", depth + 2))
            yield f"{'  ' * (depth + 1)}- {lines[0].lstrip()}"
            yield from lines[1:]
    else:
        text = json.dumps(value, ensure_ascii=False) if isinstance(value, (list, Mapping)) else _scalar(value)
        origin = origins.get(path, "")
        yield f"{head} {text}" + (f"  # {origin}" if origin else "")


def _scalar(value: Any) -> str:
    """Return a scalar as YAML writes it on one line."""
    if isinstance(value, str) and "${" in value:
        return json.dumps(value)
    return (
        str(yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=10_000))
        .removesuffix("\n")
        .removesuffix("...")
        .strip()
    )
