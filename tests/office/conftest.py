from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User


@pytest.fixture
def sign_in(db: None) -> Callable[[User], Client]:
    def signed_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return signed_in
