"""The description agrees with what it describes."""

import re

import msgspec
from twisted.trial.unittest import SynchronousTestCase

from nlprec.services.web import types
from nlprec.services.web.table import ROUTES
from tests.unit.services.web.bench import Bench


def nodes(value):
    """Yield every object inside a JSON value."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from nodes(each)


class TestDocument(SynchronousTestCase):
    """The document as a client gets it."""

    @classmethod
    def setUpClass(cls):
        cls.document = Bench().ask("GET", "/openapi.json").json
        cls.operations = [
            (path, method, each) for path, methods in cls.document["paths"].items() for method, each in methods.items()
        ]

    def test_its_version(self):
        """OpenAPI 3.1."""
        assert self.document["openapi"] == "3.1.0"

    def test_every_route_is_described(self):
        """Neither more nor fewer than there are."""
        found = sorted((method.upper(), path) for path, method, _ in self.operations)
        assert found == sorted((route.method, route.template) for route in ROUTES)

    def test_every_reference_resolves(self):
        """Each ``$ref`` names a schema that is there."""
        known = {f"#/components/schemas/{name}" for name in self.document["components"]["schemas"]}
        assert {each["$ref"] for each in nodes(self.document) if "$ref" in each} - known == set()

    def test_every_type_is_described(self):
        """Each type of the API is a schema, with a sentence."""
        kinds = {
            name
            for name, kind in vars(types).items()
            if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and kind is not msgspec.Struct
        }
        schemas = self.document["components"]["schemas"]
        assert (set(schemas), [name for name, each in schemas.items() if not each.get("description")]) == (kinds, [])

    def test_names_are_unique(self):
        """Each operation has an id of its own, for generated clients."""
        ids = [each["operationId"] for _, _, each in self.operations]
        assert len(ids) == len(set(ids))

    def test_path_parameters_are_declared(self):
        """Each name in a template is a required parameter."""
        for path, _, each in self.operations:
            declared = [one["name"] for one in each["parameters"] if one["in"] == "path" and one["required"]]
            assert declared == re.findall(r"\{(\w+)\}", path)

    def test_failures_are_problems(self):
        """Every error status of every route answers with a Problem."""
        problem = {"$ref": "#/components/schemas/Problem"}
        failures = [
            one for _, _, each in self.operations for status, one in each["responses"].items() if status >= "400"
        ]
        assert all(one["content"]["application/problem+json"]["schema"] == problem for one in failures)

    def test_locked_routes_say_so(self):
        """401 is documented just where a key may be needed."""
        found = {(method.upper(), path) for path, method, each in self.operations if "401" in each["responses"]}
        assert found == {(route.method, route.template) for route in ROUTES if route.scope}

    def test_bodies_are_required_where_they_are(self):
        """Only a run may be asked for without a body."""
        optional = [
            path for path, _, each in self.operations if not each.get("requestBody", {"required": True})["required"]
        ]
        assert optional == ["/v1/runs"]
