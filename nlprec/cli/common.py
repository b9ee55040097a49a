"""What commands share: the options that every one has, the open parts of a node, and how JSON is printed."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from attrs import frozen

if TYPE_CHECKING:
    from nlprec.archive import Archive
    from nlprec.loading import Loaded

EXIT_FAILED, EXIT_CONFIG, EXIT_BUG, EXIT_CANCELLED = 1, 2, 70, 130

Command = TypeVar("Command", bound=Callable[..., Any])


def with_config(command: Command) -> Command:
    """Add --config, --set, --json and --debug to a command."""
    for decorate in (
        click.option("--debug", is_flag=True, help="Show tracebacks."),
        click.option("--json", "as_json", is_flag=True, help="Print JSON for machines."),
        click.option(
            "--set", "options", multiple=True, metavar="PATH=VALUE", help="Override a setting; may be repeated."
        ),
        click.option(
            "--config",
            "-c",
            type=click.Path(path_type=Path),
            default=Path("etc/nlprec.yaml"),
            envvar="NLPREC_CONFIG",
            show_default=True,
            help="The configuration; also NLPREC_CONFIG.",
        ),
    ):
        command = decorate(command)
    return command


@frozen
class Opened:
    """A configuration and the archive it names."""

    loaded: "Loaded"
    archive: "Archive"


def open_up(config: Path, options: tuple[str, ...]) -> Opened:
    """Return the settings and the archive; broken plugins that nobody needs are told on standard error."""
    from nlprec.archive import Archive
    from nlprec.loading import load

    loaded = load(config, options)
    for warning in loaded.warnings:
        click.echo(f"warning: {warning}", err=True)
    return Opened(loaded, Archive(loaded.settings.archive.path))


def print_json(value: Any) -> None:
    """Print JSON that any reader takes: nan and infinities become null."""
    click.echo(json.dumps(_finite(value), ensure_ascii=False, indent=1, default=str))


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): _finite(each) for key, each in value.items()}
    return [_finite(each) for each in value] if isinstance(value, (list, tuple)) else value
