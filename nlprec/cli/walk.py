"""``nlprec run`` and ``report``: walk the flow in the foreground, show what came of it."""

import signal
from pathlib import Path
from typing import Any

import click

from nlprec.cli.common import EXIT_CANCELLED, EXIT_FAILED, open_up, print_json, with_config
from nlprec.errors import JobCancelled, NotReady


@click.command()
@with_config
@click.pass_context
def run(ctx: click.Context, config: Path, options: tuple[str, ...], as_json: bool, debug: bool) -> None:
    """Walk the flow: read, store, prepare, extract, train, evaluate, publish. Only what changed is computed."""
    from nlprec.cli.render import Progress, report_tables, steps_table, verdict_line
    from nlprec.flow import Flow, load_report

    opened = open_up(config, options)
    settings = opened.loaded.settings
    progress = Progress(quiet=as_json)
    store = settings.store.component
    flow = Flow(settings, opened.loaded.host, opened.archive, store, settings.run.runner.component, progress)
    before = signal.signal(signal.SIGINT, lambda *_: flow.cancelled.set())
    terminated = signal.signal(signal.SIGTERM, lambda *_: flow.cancelled.set())
    try:
        with progress:
            outcome = flow.run()
    finally:
        signal.signal(signal.SIGINT, before)
        signal.signal(signal.SIGTERM, terminated)
        store.close()
    report = load_report(opened.archive, outcome.report) if outcome.ok and outcome.report else None
    if as_json:
        print_json(_plain(outcome, report))
    else:
        if report is not None:
            report_tables(report, settings.publish.release)
        steps_table(outcome)
        verdict_line(outcome)
    if outcome.errors:
        for error in outcome.errors:
            click.echo(
                str(error) + (f"\n{error.facts['traceback']}" if debug and "traceback" in error.facts else ""), err=True
            )
        ctx.exit(EXIT_CANCELLED if any(isinstance(error, JobCancelled) for error in outcome.errors) else EXIT_FAILED)


def _plain(outcome: Any, report: Any) -> dict[str, Any]:
    steps = [
        {"stage": step.job.stage, "name": step.job.name, "digest": step.job.digest, "status": step.status, "seconds": step.seconds,
         "peak_memory": step.peak_memory, "error": str(step.error) if step.error else None}
        for step in outcome.steps
    ]  # fmt: skip
    found = report.meta() if report is not None else None
    return {
        "steps": steps,
        "release": outcome.release,
        "published": outcome.published,
        "verdict": outcome.verdict,
        "errors": [str(error) for error in outcome.errors],
        "seconds": outcome.seconds,
        "report": {"table": found["table"], "facts": found["facts"]} if found else None,
    }


@click.command()
@click.argument("digest", required=False)
@with_config
def report(digest: str | None, config: Path, options: tuple[str, ...], as_json: bool, debug: bool) -> None:
    """Show the evaluation of the live release, or of the release or report named DIGEST."""
    from nlprec.cli.render import report_tables
    from nlprec.flow import load_report

    opened = open_up(config, options)
    release = opened.loaded.settings.publish.release
    if digest is None:
        releases = opened.archive.releases()
        if not releases:
            raise NotReady(f"nothing has been published yet; run: nlprec run --config {config}")
        digest = str(releases[0]["digest"])
    artifact = opened.archive.load(digest)
    if artifact.manifest.kind == "release":
        digest, release = artifact.meta["report"], artifact.meta["release"]
    found = load_report(opened.archive, digest)
    if as_json:
        print_json({"digest": digest, "table": found.meta()["table"], "facts": found.facts})
    else:
        report_tables(found, release)
