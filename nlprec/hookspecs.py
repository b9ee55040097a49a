"""
Every hook: who offers something, and when something happened.

Offers return things, news return nothing and may fail without harm, one decision takes the first answer.
A hook never computes a recommendation: what YAML can name is a component (``nlprec.interfaces``).
"""

from typing import Any

from pluggy import HookspecMarker

hookspec = HookspecMarker("nlprec")


class Offers:
    """What a plugin adds; asked once, when the plugin is loaded."""

    @hookspec
    def nlprec_components(self) -> "list[type] | None":
        """
        Return component classes, each implementing exactly one component interface.

        Called once, right after the plugin's module was imported. The registry files each class under its kind and
        name.
        """

    @hookspec
    def nlprec_commands(self, cli: Any) -> None:
        """
        Add commands to the ``nlprec`` command line.

        Args:
            cli: the click group; called once, before the command line is parsed.
        """


class News:
    """What happened; results are ignored, a failing listener is logged and forgotten."""

    @hookspec
    def nlprec_node_started(self, node: str) -> None:
        """Called after every service of the node has started."""

    @hookspec
    def nlprec_node_stopping(self, node: str) -> None:
        """Called before the first service of the node stops."""

    @hookspec
    def nlprec_stage_started(self, stage: str, name: str, digest: str) -> None:
        """Called in the driving process when a job is handed to the runner."""

    @hookspec
    def nlprec_stage_finished(self, stage: str, name: str, digest: str, seconds: float) -> None:
        """Called in the driving process when a job's artifact is in the archive."""

    @hookspec
    def nlprec_stage_failed(self, stage: str, name: str, digest: str, error: str) -> None:
        """Called in the driving process when a job failed; ``error`` is one line with its code."""

    @hookspec
    def nlprec_release_published(self, digest: str) -> None:
        """Called after the pointer moved to a new release."""

    @hookspec
    def nlprec_ranking_served(self, release: str, n_items: int, seconds: float) -> None:
        """Called after each answer of a serving node; keep it cheap, it runs in the reactor thread."""


class Decisions:
    """What a plugin may decide; the first answer that is not None wins."""

    @hookspec(firstresult=True)
    def nlprec_may_publish(self, report: Any, champion: Any) -> "bool | None":
        """
        Say whether a candidate may become the live release.

        Args:
            report: the candidate's ``nlprec.kit.report.Report``.
            champion: the live release's Report, or None when there is none.

        Returns:
            True or False to decide, None to leave it to the configured gate.
        """


EVERY_SPEC = (Offers, News, Decisions)
