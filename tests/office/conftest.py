from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from tests import factories


@pytest.fixture
def sign_in(db: None) -> Callable[[User], Client]:
    return factories.sign_in
