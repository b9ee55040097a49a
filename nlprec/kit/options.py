"""
The options objects: the one parameter of a plugin's method that may grow.

Fields marked *input* may change a number and are part of an artifact's digest; fields marked *means* may not.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from attrs import Factory, field, frozen

from nlprec.errors import JobTimedOut
from nlprec.kit.features import Features


def no_progress(fraction: float, message: str = "") -> None:
    """Ignore progress (the default of every options object)."""


def no_note(message: str, **counts: Any) -> None:
    """Ignore notes (the default of every options object)."""


@frozen
class Options:
    """What every component may be told; the base of all options."""

    rng: np.random.Generator = Factory(lambda: np.random.default_rng(0))  #: input: seeded for this job alone
    threads: int = 1  #: means: BLAS and OpenMP threads it may use
    memory: int = 0  #: means: bytes it may take; 0 is no limit
    deadline: float = 0.0  #: means: ``time.monotonic()`` seconds; 0 is none
    progress: Callable[..., None] = no_progress  #: means: call with (fraction done 0..1, message)
    note: Callable[..., None] = no_note  #: means: call with (message, counts) for the report

    def check_deadline(self) -> None:
        """
        Raise when the time is used up; iterative components call it once an iteration.

        Raises:
            JobTimedOut: ``deadline`` has passed.
        """
        if self.deadline and time.monotonic() > self.deadline:
            raise JobTimedOut("the time limit was reached; raise run.limit or ask for less work")


@frozen
class FitOptions(Options):
    """Options of ``IRecommender.fit`` and ``IExtractor.fit``."""

    features: Features | None = None  #: input: the features its ``features`` field names, [item, feature]
    previous: Mapping[str, np.ndarray] | None = None  #: input: state of the last release's model, for a fast start
    resume: Mapping[str, np.ndarray] | None = None  #: means: state of an unfinished fit


@frozen
class ScoreOptions(Options):
    """Options of ``score``, ``explain``, ``blend`` and ``measure``."""


@frozen
class FilterOptions(Options):
    """Options of ``IFilter.keep``."""

    catalogue: Any = None  #: input: ``nlprec.kit.dataset.Catalogue`` of the items


@frozen
class StoreOptions(Options):
    """Options of ``IStore`` methods."""

    limit: int = 10_000  #: input: rows at most


@frozen
class RunnerOptions:
    """What a runner needs to make its processes useful."""

    entry: str = ""  #: ``"module:callable"``, importable in every process of the runner
    setup: Mapping[str, Any] = Factory(dict)  #: plain values (JSON), given to the entry once a process


@frozen
class Task:
    """One piece of work for a runner: plain values only."""

    name: str = ""  #: for people: shown in progress and logs
    body: Mapping[str, Any] = Factory(dict)  #: plain values (JSON), given to ``perform``
    limit: float = 0.0  #: seconds it may take; 0 is no limit
    progress: Callable[..., None] = field(
        default=no_progress, eq=False
    )  #: called in the caller's process, from any thread
