"""``nlprec sample``: an invented shop to play with."""

from pathlib import Path

import click

from nlprec.cli.common import for_machines, print_json


@click.command()
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
@click.option("--seed", type=click.IntRange(0), default=7, show_default=True, help="Another seed, another shop.")
@click.option("--users", type=click.IntRange(1), default=1500, show_default=True, help="Users.")
@click.option("--items", type=click.IntRange(1), default=2500, show_default=True, help="Items.")
@click.option("--events", type=click.IntRange(1), default=60_000, show_default=True, help="Interactions.")
@click.option("--force", is_flag=True, help="Write over files that are there.")
@for_machines
def sample(
    directory: Path, seed: int, users: int, items: int, events: int, force: bool, as_json: bool, debug: bool
) -> None:
    """Write a small invented shop to DIRECTORY: users, items with texts, interactions with reviews."""
    import attrs

    from nlprec.sample import write

    summary = write(directory, seed=seed, n_users=users, n_items=items, n_events=events, force=force)
    facts = attrs.asdict(summary)
    if as_json:
        print_json(facts)
        return
    counts = {name.replace("_", " "): value for name, value in facts.items() if isinstance(value, int)}
    click.echo(f"{directory}: {', '.join(f'{value} {name}' for name, value in counts.items())}")
