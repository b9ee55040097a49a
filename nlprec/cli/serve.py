"""``nlprec serve``: the daemon, without plugin discovery of twistd."""

from pathlib import Path

import click

from nlprec.cli.common import with_config


@click.command()
@with_config
@click.option("--node", help="Which node of the configuration to be.")
@click.pass_context
def serve(
    ctx: click.Context, config: Path, options: tuple[str, ...], node: str | None, as_json: bool, debug: bool
) -> None:
    """Serve until Ctrl-C or SIGTERM, as `twistd -n nlprec` does."""
    from nlprec.services.run import serve as run_node

    ctx.exit(run_node(config, list(options), node, debug))
