"""The promises of every interface as tests to inherit: set ``component`` and run pytest."""

from nlprec.testing.contracts._blenders import BlenderContract
from nlprec.testing.contracts._extractors import ExtractorContract
from nlprec.testing.contracts._filters import FilterContract
from nlprec.testing.contracts._metrics import MetricContract
from nlprec.testing.contracts._preparers import PreparerContract
from nlprec.testing.contracts._recommenders import RecommenderContract
from nlprec.testing.contracts._runners import RunnerContract
from nlprec.testing.contracts._services import IntakeContract, PipelineContract, RankingsContract
from nlprec.testing.contracts._sources import SourceContract
from nlprec.testing.contracts._splitters import SplitterContract
from nlprec.testing.contracts._stores import StoreContract

__all__ = [
    "BlenderContract",
    "ExtractorContract",
    "FilterContract",
    "IntakeContract",
    "MetricContract",
    "PipelineContract",
    "PreparerContract",
    "RankingsContract",
    "RecommenderContract",
    "RunnerContract",
    "SourceContract",
    "SplitterContract",
    "StoreContract",
]
