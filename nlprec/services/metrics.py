"""Numbers for Prometheus, one registry a node, labelled by route template and never by id."""

import time
from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  #: seconds


class Metrics:
    """Everything a node counts."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        labels = ["route", "method", "status"]
        self._requests = Counter("nlprec_http_requests", "Answered requests", labels, registry=self.registry)
        self._seconds = Histogram("nlprec_http_request_seconds", "Time from request to answer", ["route"], buckets=BUCKETS, registry=self.registry)
        self.rankings = Counter("nlprec_rankings", "Rankings served", ["step"], registry=self.registry)
        self.batch = Histogram("nlprec_ranking_batch", "Questions answered in one batch", buckets=(1, 2, 4, 8, 16, 32, 64), registry=self.registry)
        self.records = Counter("nlprec_records", "Records stored", ["kind"], registry=self.registry)
        self.commits = Counter("nlprec_commits", "Commits of the store", registry=self.registry)
        self.runs = Counter("nlprec_runs", "Finished runs of the flow", ["state"], registry=self.registry)
        self.jobs = Histogram("nlprec_job_seconds", "Wall time of jobs", ["stage"], buckets=(0.1, 1, 10, 60, 600, 3600), registry=self.registry)
        self.release_time = Gauge("nlprec_release_timestamp_seconds", "When the live release went live here", registry=self.registry)
        self._started = Gauge("nlprec_start_timestamp_seconds", "When the node started", registry=self.registry)
        self._started.set(time.time())

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one answered request under its route template."""
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def watch(self, name: str, text: str, read: Callable[[], float]) -> None:
        """Add a gauge that is read when somebody asks (queue lengths)."""
        Gauge(f"nlprec_{name}", text, registry=self.registry).set_function(read)

    def render(self) -> bytes:
        """Return the text Prometheus scrapes."""
        return generate_latest(self.registry)
