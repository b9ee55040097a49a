"""The fakes keep the contracts of the real ones."""

from twisted.trial.unittest import SynchronousTestCase

from nlprec.testing.contracts import IntakeContract, PipelineContract, RankingsContract
from nlprec.testing.fakes_services import FakeIntake, FakePipeline, FakeRankings, FakeRelease


class TestFakeRankings(RankingsContract, SynchronousTestCase):
    """Rankings without time."""

    def make(self, live):
        return FakeRankings(FakeRelease() if live else None)


class TestFakeIntake(IntakeContract, SynchronousTestCase):
    """An intake without a store."""

    def make(self):
        return FakeIntake()


class TestFakePipeline(PipelineContract, SynchronousTestCase):
    """A pipeline without runs."""

    def make(self):
        return FakePipeline()

    def finish(self, pipeline):
        pipeline.finish()
