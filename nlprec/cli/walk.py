"""``nlprec run`` and ``report``: walk the flow in the foreground, show what came of it."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nlprec.cli.common import EXIT_CANCELLED, EXIT_FAILED, Opened, open_up, print_json, with_config
from nlprec.errors import ArchiveError, JobCancelled, UnknownArtifact

if TYPE_CHECKING:
    from nlprec.archive import Archive
    from nlprec.flow import Flow, Outcome
    from nlprec.kit.report import Report


@click.command()
@with_config
@click.pass_context
def run(ctx: click.Context, config: Path, options: tuple[str, ...], as_json: bool, debug: bool) -> None:
    """Walk the flow: read, store, prepare, extract, train, evaluate, publish. Only what changed is computed."""
    from nlprec.cli.progress import Progress

    opened = open_up(config, options, make=True)
    progress = Progress(quiet=as_json)
    outcome = _walk(opened, progress)
    found = _report_of(opened.archive, outcome)
    dirt = _dirt(opened.archive, outcome)
    if as_json:
        print_json(_plain(outcome, found, dirt))
    else:
        _say(outcome, found, dirt, opened.loaded.settings.publish.release)
    for error in {
        str(error): error for error in outcome.errors
    }.values():  # a full disk fails many jobs with one reason
        click.echo(str(error), err=True)
        if debug and "traceback" in error.facts:
            click.echo(error.facts["traceback"], err=True)
    if outcome.errors:
        ctx.exit(EXIT_CANCELLED if any(isinstance(error, JobCancelled) for error in outcome.errors) else EXIT_FAILED)


def _walk(opened: Opened, progress: Any) -> "Outcome":
    from nlprec.flow import Flow

    settings = opened.loaded.settings
    store = settings.store.component
    flow = Flow(settings, opened.loaded.host, opened.archive, store, settings.run.runner.component, progress)
    try:
        with progress, _cancelled_by_signals(flow):
            return flow.run()
    finally:
        store.close()


@contextmanager
def _cancelled_by_signals(flow: "Flow") -> Iterator[None]:
    """Let Ctrl-C and SIGTERM stop the jobs and end the walk in order, instead of breaking it."""
    before = {each: signal.signal(each, lambda *_: flow.cancelled.set()) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _report_of(archive: "Archive", outcome: "Outcome") -> "Report | None":
    from nlprec.flow import load_report

    return load_report(archive, outcome.report) if outcome.ok and outcome.report else None


def _dirt(archive: "Archive", outcome: "Outcome") -> list[dict[str, Any]]:
    """Return what the sources could not use, by source and reason, each with its first place."""
    found = []
    for step in outcome.steps:
        if step.job.stage != "ingest" or not archive.has(step.job.digest):
            continue
        try:
            meta = archive.manifest(step.job.digest).meta
        except ArchiveError:
            continue  # it is not needed any more, so nobody will miss it
        for reason, count in meta["dirt"].items():
            first = next(iter(meta["examples"].get(reason, ())), "")
            found.append({"source": step.job.name, "reason": reason, "count": count, "first": first})
    return found


def _say(outcome: "Outcome", found: "Report | None", dirt: list[dict[str, Any]], release: str) -> None:
    from nlprec.cli.render import dirt_lines, report_tables, steps_summary, verdict_line

    dirt_lines(dirt)
    if found is not None:
        report_tables(found, release)
    steps_summary(outcome)
    verdict_line(outcome)


def _plain(outcome: "Outcome", found: "Report | None", dirt: list[dict[str, Any]]) -> dict[str, Any]:
    steps = [
        {
            "stage": step.job.stage,
            "name": step.job.name,
            "digest": step.job.digest,
            "status": step.status,
            "seconds": step.seconds,
            "peak_memory": step.peak_memory,
            "error": str(step.error) if step.error else None,
        }
        for step in outcome.steps
    ]
    return {
        "steps": steps,
        "dirt": dirt,
        "release": outcome.release,
        "published": outcome.published,
        "verdict": outcome.verdict,
        "errors": [str(error) for error in outcome.errors],
        "seconds": outcome.seconds,
        "report": {"table": found.meta()["table"], "facts": found.facts} if found else None,
    }


@click.command()
@click.argument("digest", required=False)
@with_config
def report(digest: str | None, config: Path, options: tuple[str, ...], as_json: bool, debug: bool) -> None:
    """Show the evaluation of the live release, or of the release or report whose name begins with DIGEST."""
    from nlprec.flow import load_report

    opened = open_up(config, options)
    whole = _whole(opened.archive, digest) if digest else opened.live(config)
    artifact = opened.archive.load(whole)
    release = opened.loaded.settings.publish.release
    if artifact.manifest.kind == "release":
        whole, release = artifact.meta["report"], artifact.meta["release"]
    elif artifact.manifest.kind != "report":
        kind = artifact.manifest.kind
        raise UnknownArtifact(f"{whole} is a {kind}; name a release or a report", digest=whole)
    found = load_report(opened.archive, whole)
    if as_json:
        print_json({"digest": whole, "table": found.meta()["table"], "facts": found.facts})
        return
    from nlprec.cli.render import report_tables

    report_tables(found, release)


def _whole(archive: "Archive", beginning: str) -> str:
    """Return the one digest of the archive that begins so."""
    matching = sorted(each for each in archive.digests() if each.startswith(beginning.lower()))
    if len(matching) == 1:
        return matching[0]
    if not matching:
        raise UnknownArtifact(
            f"no artifact in {archive.root} has a name that begins with {beginning}", digest=beginning
        )
    raise UnknownArtifact(f"{len(matching)} artifacts begin with {beginning}; write more of it", digest=beginning)
