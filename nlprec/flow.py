"""
Walk the flow: look at the world, plan, hand jobs to the runner, publish. Synchronous; a daemon gives it a thread of its
own.
"""

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Any

from attrs import Factory, define, evolve, field, frozen

from nlprec.archive import Archive
from nlprec.errors import ArchiveError, CorruptArtifact, JobCancelled, NlprecError
from nlprec.host import PluginHost
from nlprec.kit.options import RunnerOptions, StoreOptions, Task
from nlprec.kit.report import Report
from nlprec.plan import Job, World, needed, plan, recipe
from nlprec.settings import Settings
from nlprec.stages.publish import decide
from nlprec.workshop import ENTRY, Workshop

REPAIRS = 5  #: corrupt artifacts made anew in one run before it gives up
APPENDS = 3  #: times the store may move under a run before it gives up waiting for a quiet head
TICK = 0.2  #: seconds between two looks at the cancel flag


@frozen
class Step:
    """What became of one job."""

    job: Job
    status: str  #: waiting, running, cached, done, failed or skipped
    seconds: float = 0.0
    peak_memory: int = 0  #: bytes
    fraction: float = 0.0  #: done, 0..1
    message: str = ""
    error: NlprecError | None = None


@frozen
class Outcome:
    """What a run came to."""

    steps: tuple[Step, ...]
    release: str = ""  #: digest of the candidate, empty when there is none
    published: bool = False  #: the pointer moved
    verdict: str = ""
    report: str = ""  #: digest
    errors: tuple[NlprecError, ...] = ()
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Return whether every job was done."""
        return not self.errors


Listener = Callable[[Step], None]


def no_listener(step: Step) -> None:
    """Ignore the step."""


@define
class Flow:
    """One walk. Made anew for each run; ``run`` is called once."""

    settings: Settings
    host: PluginHost
    archive: Archive
    store: Any  #: IStore, open
    runner: Any  #: IRunner, not started yet
    listener: Listener = no_listener
    cancelled: threading.Event = Factory(threading.Event)
    _steps: dict[str, Step] = field(factory=dict, init=False)
    _repaired: int = field(default=0, init=False)
    _running: bool = field(default=False, init=False)
    _head: str = field(default="", init=False)  #: of the snapshot this run goes on with, once it has one of its own

    def run(self) -> Outcome:
        """
        Walk until the plan has nothing left to do, or something failed.

        Jobs that do not lean on a failed one are still done, so that mending one mistake costs one job.
        """
        start = time.monotonic()
        try:
            jobs = self._walk()
        except NlprecError as error:
            return self._outcome((), (error,), start)
        finally:
            if self._running:
                self.runner.stop()
        errors = tuple(step.error for step in self._steps.values() if step.error is not None)
        return self._outcome(jobs, errors, start)

    def observe(self) -> World:
        """Return what the plan depends on: what sources would read, where the store stands."""
        prints = {f"ingest[{at}]": source.component.fingerprint() for at, source in enumerate(self.settings.ingest)}
        split = self.settings.prepare.split.component
        if hasattr(split, "fingerprint"):
            prints["prepare.split"] = split.fingerprint()
        head = self.store.head(StoreOptions())
        return World(prints, evolve(head, name=self._head) if self._head else head)

    def _walk(self) -> tuple[Job, ...]:
        for _ in range(APPENDS + REPAIRS):
            jobs = plan(self.settings, self.observe())
            waiting = needed(jobs, self.archive.digests())
            self._note_cached(jobs, waiting)
            before = (self._repaired, self._head)
            self._do(waiting)
            failed = any(step.status == "failed" for step in self._steps.values())
            if failed or (not _appends(jobs) and (self._repaired, self._head) == before):
                return jobs
        raise ArchiveError("the run did not come to rest: the store or the archive kept changing under it; try again")

    def _note_cached(self, jobs: tuple[Job, ...], waiting: tuple[Job, ...]) -> None:
        todo = {each.digest for each in waiting}
        for each in jobs:
            if each.digest in todo:
                self._tell(Step(each, "waiting"))
            elif each.digest not in self._steps:
                self._tell(Step(each, "cached", fraction=1.0))

    def _tell(self, step: Step) -> None:
        self._steps[step.job.digest] = step
        self.listener(step)

    def _do(self, waiting: tuple[Job, ...]) -> None:
        """Run jobs as their inputs appear, as many at once as the runner can use."""
        todo, head = list(waiting), self._head
        running: dict[Future[Any], Job] = {}
        missing = {each.digest for each in todo}
        while todo or running:
            if self.cancelled.is_set():
                self._abandon(running)
                raise JobCancelled("the run was cancelled")
            for each in list(todo):
                if not missing & set(each.inputs.values()) and (not running or len(running) < self.runner.capacity()):
                    todo.remove(each)
                    running[self._start(each)] = each
            if not running:
                break  # what is left leans on something that failed
            done, _ = wait(running, timeout=TICK, return_when=FIRST_COMPLETED)
            for future in done:
                missing.discard(self._finish(running.pop(future), future))
            if self._head != head:
                return  # the store moved on while it was read: plan again from what was read
        for each in todo:
            self._tell(Step(each, "skipped", message="an input could not be made"))

    def _start(self, job: Job) -> "Future[Any]":
        self._tell(Step(job, "running"))
        self.host.fire("nlprec_stage_started", stage=job.stage, name=job.name, digest=job.digest)
        body = {**job.plain(), "limit": self.settings.run.limit}
        if job.stage == "store" and not self.store.shared:
            return self._here(job, body)
        if not self._running:
            self.runner.start(RunnerOptions(ENTRY, self._setup()))
            self._running = True
        return self.runner.run(Task(job.name, body, self.settings.run.limit, self._progress(job)))  # type: ignore[no-any-return]

    def _here(self, job: Job, body: Mapping[str, Any]) -> "Future[Any]":
        """Do a job in this process: a store that lives in memory cannot be opened by another."""
        future: Future[Any] = Future()
        start = time.monotonic()
        try:
            answer = Workshop(self.archive, self.host, self.store).perform(body, self._progress(job))
            future.set_result({**answer, "seconds": time.monotonic() - start, "peak_memory": 0})
        except NlprecError as error:
            future.set_exception(error)
        return future

    def _setup(self) -> dict[str, Any]:
        runner = self.settings.run.runner.component
        plugins = self.settings.plugins
        return {
            "archive": str(self.archive.root.absolute()),
            "plugins": {"paths": [str(path.absolute()) for path in plugins.paths], "disabled": list(plugins.disabled)},
            "store": recipe(self.settings.store),
            "threads": max(1, int(getattr(runner, "threads", 1))),
            "memory": self.settings.run.memory or _free_memory() * 3 // 4 // max(1, self.runner.capacity()),
        }

    def _progress(self, job: Job) -> Callable[..., None]:
        def progress(fraction: float, message: str = "") -> None:
            if self._steps[job.digest].status == "running":  # a late word must not undo the answer
                self._tell(Step(job, "running", fraction=fraction, message=message))

        return progress

    def _finish(self, job: Job, future: "Future[Any]") -> str:
        """Take a job's answer; return the digest that is there now, empty when it failed."""
        try:
            answer = future.result()
        except CorruptArtifact as error:
            self._repair(job, error)
            return ""
        except NlprecError as error:
            self._tell(Step(job, "failed", error=error, message=error.message))
            self.host.fire("nlprec_stage_failed", stage=job.stage, name=job.name, digest=job.digest, error=str(error))
            return ""
        if answer["digest"] not in ("", job.digest):
            self._head = str(self.archive.manifest(answer["digest"]).meta["head"])
            self._steps.pop(job.digest, None)
            return ""
        status = "cached" if answer["cached"] else "done"
        self._tell(Step(job, status, answer["seconds"], answer["peak_memory"], 1.0))
        self.host.fire(
            "nlprec_stage_finished", stage=job.stage, name=job.name, digest=job.digest, seconds=answer["seconds"]
        )
        return job.digest

    def _repair(self, job: Job, error: CorruptArtifact) -> None:
        """Take a corrupt input out of the way and plan again; give up when it keeps happening."""
        digest = str(error.facts.get("digest", ""))
        self._repaired += 1
        if not digest or self._repaired > REPAIRS:
            self._tell(Step(job, "failed", error=error, message=error.message))
            return
        self.archive.refuse(digest)
        self._steps.pop(digest, None)
        self._tell(Step(job, "waiting", message=f"{error.message}; making it again"))

    def _abandon(self, running: Mapping["Future[Any]", Job]) -> None:
        for future, job in running.items():
            future.cancel()
            self._tell(Step(job, "failed", error=JobCancelled("cancelled"), message="cancelled"))

    def _outcome(self, jobs: tuple[Job, ...], errors: tuple[NlprecError, ...], start: float) -> Outcome:
        digests = {each.stage: each.digest for each in jobs}
        release, report = digests.get("publish", ""), digests.get("evaluate", "")
        published, verdict = False, ""
        if release and not errors:
            try:
                published, verdict = self._publish(release, report)
            except NlprecError as error:
                errors = (error,)
        return Outcome(
            tuple(self._steps.values()), release, published, verdict, report, errors, time.monotonic() - start
        )

    def _publish(self, release: str, report: str) -> tuple[bool, str]:
        """Move the pointer when the gate lets the candidate pass."""
        live = self.archive.releases()
        if live and live[0]["digest"] == release:
            return False, "already live"
        candidate = load_report(self.archive, report)
        champion, champion_model = self._champion(live)
        settings = self.settings.publish
        decision = self.host.may_publish(candidate, champion)
        verdict = decide(candidate, champion, settings.release, champion_model, settings.gate)
        if decision is False or (decision is None and not verdict.publish):
            return False, "a plugin refused it" if decision is False else verdict.reason
        self.archive.point(release, self.settings.archive.keep)
        self.host.fire("nlprec_release_published", digest=release)
        self.archive.sweep(frozenset(each["digest"] for each in self.archive.releases()))
        return True, "a plugin allowed it" if decision else verdict.reason

    def _champion(self, live: list[dict[str, Any]]) -> tuple[Report | None, str]:
        """Return the live release's report and model; a champion that cannot be read is none."""
        if not live:
            return None, ""
        try:
            meta = self.archive.load(live[0]["digest"]).meta
            return load_report(self.archive, meta["report"]), meta["release"]
        except ArchiveError:
            return None, ""


def load_report(archive: Archive, digest: str) -> Report:
    """Return the Report of a digest."""
    artifact = archive.load(digest)
    return Report.restore(artifact.arrays, artifact.meta)


def _appends(jobs: tuple[Job, ...]) -> bool:
    return any(each.stage == "store" and each.settings["append"] for each in jobs)


def _free_memory() -> int:
    """Return the bytes this machine could give, 0 when it does not say."""
    try:
        with open("/proc/meminfo") as handle:
            fields = dict(line.split(":", 1) for line in handle)
        return int(fields["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError, ValueError):
        return 0
