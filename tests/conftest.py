"""What every test may use: research data where it is, Hypothesis profiles by environment."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"

for name, examples in (("fast", 20), ("ci", 100), ("big", 5000)):
    settings.register_profile(name, max_examples=examples, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("NLPREC_HYPOTHESIS", "fast"))


@pytest.fixture(scope="session")
def real_data():
    """Return a function that gives the folder of a research data set, or skips with the reason."""

    def folder(data_set):
        path = DATA / data_set
        if not path.is_dir():
            pytest.skip(f"the research data set {data_set} is not there ({DATA})")
        return path

    return folder
