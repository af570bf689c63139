from collections.abc import Iterator

import pytest
from django.utils import translation

from tests.factories import Office, make_office


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Messages outside of requests are compared in English; pages choose their own language."""
    with translation.override("en"):
        yield


@pytest.fixture
def office(db: None) -> Office:
    return make_office()
