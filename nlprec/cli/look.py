"""``nlprec check``, ``show``, ``plugins`` and ``doctor``: look at what is there before anything runs."""

from pathlib import Path
from typing import Any

import click

from nlprec.cli.common import EXIT_CONFIG, EXIT_FAILED, open_up, print_json, with_config
from nlprec.errors import ConfigError


@click.command()
@with_config
@click.option(
    "--data", is_flag=True, help="Also read the configured sources and report on what they hold; nothing is stored."
)
@click.option(
    "--file",
    "data_file",
    type=click.Path(path_type=Path),
    help="Report on this file or folder (.jsonl, .csv, .tsv) instead of the configured sources.",
)
@click.pass_context
def check(
    ctx: click.Context,
    config: Path,
    options: tuple[str, ...],
    data: bool,
    data_file: Path | None,
    as_json: bool,
    debug: bool,
) -> None:
    """Check a configuration: every mistake at once, each with its line and a hint. With --data, the data too."""
    from nlprec.loading import load

    try:
        loaded = load(config, options)
    except ConfigError as error:
        if as_json:
            import attrs

            print_json({"ok": False, "problems": [attrs.asdict(problem) for problem in error.problems]})
        else:
            for problem in error.problems:
                click.echo(str(problem))
            click.echo(f"{len(error.problems)} problems")
        ctx.exit(EXIT_CONFIG)
    reports = []
    if data or data_file is not None:
        from nlprec.cli.data import examine, sources_of

        reports = [examine(name, source) for name, source in sources_of(loaded, data_file)]
    if as_json:
        print_json({"ok": True, "digest": loaded.settings.digest(), "warnings": list(loaded.warnings), "data": reports})
        return
    for warning in loaded.warnings:
        click.echo(f"warning: {warning}")
    click.echo(f"{config}: no problems, settings {loaded.settings.digest()}")
    for report in reports:
        _say_data(report)


def _say_data(report: dict[str, Any]) -> None:
    click.echo(f"{report['source']}: {', '.join(f'{count} {name}' for name, count in report['counts'].items())}")
    for finding in report["findings"]:
        click.echo(
            f"  {finding['count']:6} {finding['what']}" + (f"; first: {finding['first']}" if finding["first"] else "")
        )
    if not report["findings"]:
        click.echo("  nothing to complain of")


@click.command()
@with_config
def show(config: Path, options: tuple[str, ...], as_json: bool, debug: bool) -> None:
    """
    Print the complete settings with every default and where each value came from. The output is a configuration itself.
    """
    from nlprec.cli.yamlout import annotated
    from nlprec.settings import plain

    loaded = open_up(config, options).loaded
    if as_json:
        print_json(
            {"digest": loaded.settings.digest(), "settings": plain(loaded.settings), "origins": dict(loaded.origins)}
        )
        return
    click.echo(f"# settings {loaded.settings.digest()}, from {config}")
    click.echo(annotated(plain(loaded.settings), loaded.origins))


@click.command()
@with_config
@click.option(
    "--trace", is_flag=True, help="Print every hook call while plugins are asked for their commands and a decision."
)
def plugins(config: Path, options: tuple[str, ...], trace: bool, as_json: bool, debug: bool) -> None:
    """
    List every plugin with its fate: what it brought, or where it broke, why, and what to do. Needs no valid
    configuration.
    """
    import attrs

    from nlprec.host import load_host
    from nlprec.loading import plugin_settings

    wanted = plugin_settings(config, options)
    host = load_host(wanted.paths, wanted.disabled)
    if trace:
        host.trace(lambda line: click.echo(f"hook {line}", err=True))
        host.add_commands(click.Group())
        host.may_publish(None, None)
    if as_json:
        print_json([attrs.asdict(fate) for fate in host.fates])
        return
    _plugin_tables(host.fates)


def _plugin_tables(fates: Any) -> None:
    from rich.table import Table

    from nlprec.cli.render import console

    out = console()
    table = Table("plugin", "from", "brings")
    for fate in fates:
        if fate.status == "loaded":
            table.add_row(
                fate.name, f"{fate.distribution} {fate.version}".strip() or fate.source, ", ".join(fate.components)
            )
    out.print(table)
    for fate in fates:
        if fate.status == "disabled":
            out.print(f"disabled: {fate.name} ({fate.distribution or fate.source})", markup=False)
        if fate.status == "broken":
            out.print(
                f"broken: {fate.name} ({f'{fate.distribution} {fate.version}'.strip() or fate.source}), at {fate.stage}",
                markup=False,
            )
            out.print(f"    {fate.error}", markup=False)
            out.print(f"    hint: {fate.hint}", markup=False)


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
        click.echo(f"{len(troubles)} troubles" if troubles else "no trouble found")
    if troubles:
        ctx.exit(EXIT_FAILED)
