"""``nlprec check``, ``show``, ``plugins``, ``doctor`` and ``version``: look at what is there before anything runs."""

import platform
from pathlib import Path
from textwrap import shorten
from typing import Any

import click

from nlprec.cli.common import EXIT_CONFIG, EXIT_FAILED, for_machines, load_config, print_json, with_config
from nlprec.errors import ConfigError

SHOWN = 100  #: characters of a first offender
CONFIGURED = "configured sources"  #: what --data without a file stands for


@click.command()
@with_config
@click.option(
    "--data",
    is_flag=False,
    flag_value=CONFIGURED,
    metavar="[FILE]",
    help="Also read the configured sources, or FILE (a folder, .jsonl, .csv, .tsv), and report on what they hold; "
    "nothing is stored.",
)
@click.pass_context
def check(
    ctx: click.Context, config: Path, options: tuple[str, ...], data: str | None, as_json: bool, debug: bool
) -> None:
    """Check a configuration: every mistake at once, each with its line and a hint. With --data, the data too."""
    from nlprec.loading import load

    try:
        loaded = load(config, options)
    except ConfigError as error:
        _say_problems(error, as_json)
        ctx.exit(EXIT_CONFIG)
    reports = _data_reports(loaded, data)
    if as_json:
        warnings = list(loaded.warnings)
        print_json({"ok": True, "digest": loaded.settings.digest(), "warnings": warnings, "data": reports})
        return
    for warning in loaded.warnings:
        click.echo(f"warning: {warning}")
    click.echo(f"{config}: no problems, settings {loaded.settings.digest()}")
    for report in reports:
        _say_data(report)


def _say_problems(error: ConfigError, as_json: bool) -> None:
    if as_json:
        import attrs

        print_json({"ok": False, "problems": [attrs.asdict(problem) for problem in error.problems]})
        return
    for problem in error.problems:
        click.echo(str(problem))
    click.echo(f"{len(error.problems)} problem{'s' if len(error.problems) > 1 else ''}")


def _data_reports(loaded: Any, data: str | None) -> list[dict[str, Any]]:
    if data is None:
        return []
    from nlprec.cli.checks import examine, sources_of

    file = None if data == CONFIGURED else Path(data)
    return [examine(name, source) for name, source in sources_of(loaded, file)]


def _say_data(report: dict[str, Any]) -> None:
    span = f", {report['times'][0]} to {report['times'][1]}" if report["times"] else ""
    click.echo(f"{report['source']}: {_listed(report['counts'])}{span}")
    if report["kinds"]:
        click.echo(f"  kinds: {_listed(report['kinds'])}")
    for finding in report["findings"]:
        first = f"; first: {shorten(finding['first'], SHOWN, placeholder=' …')}" if finding["first"] else ""
        click.echo(f"  {finding['count']:6} {finding['what']} ({finding['meaning']}){first}")
    if not report["findings"]:
        click.echo("  nothing to complain of")


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items())


@click.command()
@with_config
def show(config: Path, options: tuple[str, ...], as_json: bool, debug: bool) -> None:
    """Print the complete settings, with where each value came from. The output is a configuration itself."""
    from nlprec.cli.yamlout import annotated
    from nlprec.settings import plain

    loaded = load_config(config, options)
    settings, digest = plain(loaded.settings), loaded.settings.digest()
    if as_json:
        print_json({"digest": digest, "settings": settings, "origins": dict(loaded.origins)})
        return
    click.echo(f"# settings {digest}, from {config}")
    click.echo(annotated(settings, loaded.origins))


@click.command()
@with_config
@click.option(
    "--trace", is_flag=True, help="Print every hook call while plugins are asked for commands and a decision."
)
def plugins(config: Path, options: tuple[str, ...], trace: bool, as_json: bool, debug: bool) -> None:
    """List every plugin with its fate: what it brought, or where it broke and why. Needs no valid configuration."""
    from nlprec.host import load_host
    from nlprec.loading import plugin_settings

    wanted = plugin_settings(config, options)
    host = load_host(wanted.paths, wanted.disabled)
    if trace:
        host.trace(lambda line: click.echo(f"hook {line}", err=True))
        host.may_publish(None, None)
    host.add_commands(click.Group())  # one whose commands break is told like any other
    if as_json:
        import attrs

        print_json([attrs.asdict(fate) for fate in host.fates])
        return
    from nlprec.cli.render import plugin_tables

    plugin_tables(host.fates)


@click.command()
@with_config
@click.pass_context
def doctor(ctx: click.Context, config: Path, options: tuple[str, ...], as_json: bool, debug: bool) -> None:
    """Print what a bug report needs: versions, machine, threads, disk, configuration, store, archive. No secrets."""
    from nlprec.cli.doctor import examine

    facts, troubles = examine(config, options)
    if as_json:
        print_json({"facts": facts, "troubles": troubles})
    else:
        for name, value in facts.items():
            click.echo(f"{name:22} {value}")
        for trouble in troubles:
            click.echo(f"trouble: {trouble}")
        click.echo(f"troubles: {len(troubles)}" if troubles else "no trouble found")
    if troubles:
        ctx.exit(EXIT_FAILED)


@click.command()
@for_machines
def version(as_json: bool, debug: bool) -> None:
    """Print the versions of nlprec, of the plugins it ships with, and of Python."""
    from nlprec.cli.versions import installed

    found = {name: installed(name) for name in ("nlprec", "nlprec-plugins")} | {"Python": platform.python_version()}
    if as_json:
        print_json(found)
        return
    for name, value in found.items():
        click.echo(f"{name} {value}")
