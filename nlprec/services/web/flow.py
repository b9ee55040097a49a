"""Releases and runs."""

from typing import Any

import msgspec

from nlprec.archive import Archive
from nlprec.errors import ArchiveError, UnknownName
from nlprec.services.desk import Desk
from nlprec.services.web.routes import Call, Reply
from nlprec.services.web.types import Measured, ReleaseAnswer, ReleasesAnswer, Run, RunsAnswer


async def releases(desk: Desk, call: Call) -> Reply:
    """Return the releases that are kept, the live one first."""
    return Reply(ReleasesAnswer(await call.means.in_thread(_releases, desk.archive, _live(desk))))


async def release(desk: Desk, call: Call) -> Reply:
    """Return one release with its evaluation."""
    found = await call.means.in_thread(_releases, desk.archive, _live(desk))
    for each in found:
        if each.digest == call.path["digest"]:
            return Reply(each)
    raise UnknownName(f"there is no release '{call.path['digest']}'; /v1/releases lists those that are kept")


async def request_run(desk: Desk, call: Call) -> Reply:
    """Ask for a walk of the flow; when one runs already, another follows it."""
    record: Any = desk.pipeline.request(call.body.why)
    return Reply(_run(record), 202, {"Location": f"/v1/runs/{record.id}"})


async def runs(desk: Desk, call: Call) -> Reply:
    """Return the last runs, newest first."""
    return Reply(RunsAnswer([_run(record) for record in desk.pipeline.runs()]))


async def run(desk: Desk, call: Call) -> Reply:
    """Return one run with the progress of its jobs."""
    record: Any = desk.pipeline.run(call.path["id"])
    if record is None:
        raise UnknownName(f"there is no run '{call.path['id']}'; /v1/runs lists the last ones")
    return Reply(_run(record))


def _live(desk: Desk) -> str:
    live = desk.rankings.release()
    return live.digest if live is not None else ""


def _releases(archive: Archive, live: str) -> list[ReleaseAnswer]:
    """Return the releases with what their manifests say; runs in a thread, since it reads files."""
    found = []
    for each in archive.releases():
        answer = ReleaseAnswer(str(each["digest"]), float(each["published"]), each["digest"] == live)
        try:
            meta = archive.manifest(answer.digest).meta
            answer.model = meta["release"]
            answer.models = [name for name, _ in [*meta["recommenders"], *meta["blends"]]]
            answer.data = dict(meta["data"])
            answer.table = msgspec.convert(
                archive.manifest(meta["report"]).meta["table"], dict[str, dict[str, Measured]]
            )
        except ArchiveError as error:
            answer.problem = error.code  # swept away, refused or damaged; the pointer still remembers it
        found.append(answer)
    return found


def _run(record: Any) -> Run:
    return msgspec.convert(record.plain(), Run)
