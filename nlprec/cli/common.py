"""What commands share: the options that every one has, the open parts of a node, and how JSON is printed."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from attrs import frozen

from nlprec.errors import NotReady

if TYPE_CHECKING:
    from nlprec.archive import Archive
    from nlprec.loading import Loaded

EXIT_FAILED, EXIT_CONFIG, EXIT_BUG, EXIT_CANCELLED = 1, 2, 70, 130

Command = TypeVar("Command", bound=Callable[..., Any])


def for_machines(command: Command) -> Command:
    """Add --json and --debug, which every command has."""
    command = click.option("--debug", is_flag=True, help="Show tracebacks.")(command)
    return click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")(command)


def with_settings(command: Command) -> Command:
    """Add --config and --set to a command."""
    help_set = "Override a setting; may be repeated."
    command = click.option("--set", "options", multiple=True, metavar="PATH=VALUE", help=help_set)(command)
    return click.option(
        "--config",
        "-c",
        type=click.Path(path_type=Path),
        default=Path("etc/nlprec.yaml"),
        envvar="NLPREC_CONFIG",
        show_default=True,
        help="The configuration; also NLPREC_CONFIG.",
    )(command)


def with_config(command: Command) -> Command:
    """Add --config, --set, --json and --debug to a command."""
    return with_settings(for_machines(command))


@frozen
class Opened:
    """A configuration and the archive it names."""

    loaded: "Loaded"
    archive: "Archive"

    def live(self, config: Path) -> str:
        """
        Return the digest of the live release.

        Raises:
            NotReady: nothing was published yet.
        """
        releases = self.archive.releases()
        if not releases:
            raise _nothing_yet(self.loaded.settings.archive.path, config)
        return str(releases[0]["digest"])


def load_config(config: Path, options: tuple[str, ...]) -> "Loaded":
    """Return the settings; broken plugins that nobody needs are told on standard error."""
    from nlprec.loading import load

    loaded = load(config, options)
    for warning in loaded.warnings:
        click.echo(f"warning: {warning}", err=True)
    return loaded


def open_up(config: Path, options: tuple[str, ...], make: bool = False) -> Opened:
    """
    Return the settings and the archive; with ``make`` one that is not there is made, else asking leaves nothing behind.

    Raises:
        NotReady: there is no archive yet.
    """
    from nlprec.archive import Archive

    loaded = load_config(config, options)
    path = loaded.settings.archive.path
    if not make and not path.is_dir():
        raise _nothing_yet(path, config)
    return Opened(loaded, Archive(path))


def _nothing_yet(archive: Path, config: Path) -> NotReady:
    return NotReady(f"nothing has been published in {archive} yet; run: nlprec run --config {config}")


def print_json(value: Any) -> None:
    """Print JSON that any reader takes: nan and infinities become null."""
    click.echo(json.dumps(_finite(value), ensure_ascii=False, indent=1, default=str))


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): _finite(each) for key, each in value.items()}
    return [_finite(each) for each in value] if isinstance(value, (list, tuple)) else value
