"""What a node tells Prometheus: one registry a node, no module global."""

import math
from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from nlprec.kit.events import Receipt

CONTENT_TYPE = CONTENT_TYPE_LATEST  #: of what ``render`` returns
LATENCIES = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  #: seconds, upper bounds
SIZES = (1, 2, 4, 8, 16, 32, 64)  #: questions answered together, upper bounds


class Metrics:
    """The counters and gauges of one node. Used from the reactor thread."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._requests = Counter(
            "nlprec_http_requests", "Answered requests.", ["route", "method", "status"], registry=self.registry
        )
        self._latency = Histogram(
            "nlprec_http_request_seconds", "Time to answer.", ["route"], buckets=LATENCIES, registry=self.registry
        )
        self._questions = Counter(
            "nlprec_questions", "Questions to the release, by outcome.", ["outcome"], registry=self.registry
        )
        self._batches = Histogram(
            "nlprec_question_batch_size", "Questions answered together.", buckets=SIZES, registry=self.registry
        )
        self._runs = Counter("nlprec_runs", "Walks of the flow, by how they ended.", ["state"], registry=self.registry)
        self._running = Gauge("nlprec_run_in_progress", "1 while the flow is walked.", registry=self.registry)
        self._records = Counter(
            "nlprec_records_appended", "Records the store has taken.", ["kind"], registry=self.registry
        )
        self._reloads = Counter("nlprec_reloads", "SIGHUPs, by outcome.", ["outcome"], registry=self.registry)
        self._queues = Gauge("nlprec_queue_length", "What is waiting.", ["queue"], registry=self.registry)
        self._age = Gauge(
            "nlprec_release_age_seconds", "Seconds since the live release was published.", registry=self.registry
        )
        self._age.set(math.nan)

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count an answered HTTP request; ``route`` is the template, never the path."""
        self._requests.labels(route, method, str(status)).inc()
        self._latency.labels(route).observe(seconds)

    def question(self, outcome: str, n: int = 1) -> None:
        """Count questions by outcome: model, fallback, unknown, overloaded, not_ready or failed."""
        self._questions.labels(outcome).inc(n)

    def batch(self, size: int) -> None:
        """Count how many questions were answered together."""
        self._batches.observe(size)

    def run_started(self) -> None:
        """Note that the flow is being walked."""
        self._running.set(1)

    def run_ended(self, state: str) -> None:
        """Count a run by how it ended: done, failed or cancelled."""
        self._running.set(0)
        self._runs.labels(state).inc()

    def appended(self, receipt: Receipt) -> None:
        """Count what the store has taken."""
        for kind in ("users", "items", "interactions", "known"):
            self._records.labels(kind).inc(getattr(receipt, kind))

    def reload(self, outcome: str) -> None:
        """Count a reload: adopted, refused or restart_needed."""
        self._reloads.labels(outcome).inc()

    def watch_queue(self, queue: str, length: Callable[[], float]) -> None:
        """Ask for the length of a queue whenever somebody looks."""
        self._queues.labels(queue).set_function(length)

    def watch_release(self, age: Callable[[], float]) -> None:
        """Ask for the release's age in seconds (nan: none) whenever somebody looks."""
        self._age.set_function(age)

    def render(self) -> bytes:
        """Return everything in Prometheus' text format."""
        return generate_latest(self.registry)
