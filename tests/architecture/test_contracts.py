"""No interface without a contract, and no shipped component that did not go through it."""

import inspect

import pytest

from nlprec.registry import KINDS
from nlprec.testing import contracts


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_contract(kind):
    """``nlprec.testing.contracts`` holds one for each kind of component, with promises in it."""
    contract = getattr(contracts, f"{kind.capitalize()}Contract")
    assert len([name for name in dir(contract) if name.startswith("test_")]) >= 4


@pytest.mark.parametrize("node", ["Rankings", "Intake", "Pipeline"])
def test_every_node_interface_has_a_contract(node):
    """Services, their fakes and, one day, their remote stubs keep the same word."""
    assert hasattr(contracts, f"{node}Contract")


@pytest.mark.parametrize("name", contracts.__all__)
def test_every_promise_of_a_contract_is_in_words(name):
    """Each test of a contract says what it promises: it is what an author reads when it fails."""
    tests = [each for each in vars(getattr(contracts, name)).values() if inspect.isfunction(each)]
    assert [each.__name__ for each in tests if each.__name__.startswith("test_") and not each.__doc__] == []


def test_a_component_nobody_tried_is_named(host, forgotten):
    """The count at the end of a whole run finds a component without a contract test."""
    assert len(forgotten(host.registry, set())) == len(list(host.registry))


def test_a_component_that_kept_every_promise_is_not_named(host, forgotten):
    """What ran whole is not complained of."""
    entry = host.registry.get("metric", "ndcg")
    name = f"{entry.component.__module__}.{entry.component.__qualname__}"
    ran = {(name, each) for each in dir(contracts.MetricContract) if each.startswith("test_")}
    assert forgotten([entry], ran) == []
