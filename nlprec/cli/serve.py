"""``nlprec serve``: the daemon, without plugin discovery of twistd."""

from pathlib import Path

import click

from nlprec.cli.common import with_settings


@click.command()
@with_settings
@click.option("--node", help="Which node of the configuration to be.")
@click.option("--debug", is_flag=True, help="Log everything, tracebacks too.")
@click.pass_context
def serve(ctx: click.Context, config: Path, options: tuple[str, ...], node: str | None, debug: bool) -> None:
    """Serve until Ctrl-C or SIGTERM, as `twistd -n nlprec` does: JSON-lines logs, short lines on a terminal."""
    from nlprec.services.run import serve as run_node

    ctx.exit(run_node(config, list(options), node, debug))
