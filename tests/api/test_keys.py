"""Keys of callers: reading needs none, a wrong one is always refused."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import ApiKey
from tests.api.conftest import Conforms
from tests.factories import NOON, Office

ASSETS = "/api/v1/assets"
FILE = "/api/v1/verify/file"


def test_reading_needs_no_key_and_takes_one(client: Client, key: str) -> None:
    assert client.get(ASSETS).status_code == 200
    assert client.get(ASSETS, headers={"authorization": f"Bearer {key}"}).status_code == 200
    assert client.get(ASSETS, headers={"authorization": f"bearer  {key} "}).status_code == 200


@pytest.mark.parametrize(
    "credentials",
    [
        "Bearer qj_wrong",
        "Bearer",
        "",
        "Basic YTpi",
        "qj_wrong",
        "Bearer qj_\xe9",
        "Bearer " + "x" * 9000,
    ],
)
def test_a_wrong_key_is_refused_even_where_none_is_needed(
    client: Client, db: None, conforms: Conforms, credentials: str
) -> None:
    response = client.get(ASSETS, headers={"authorization": credentials})

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="quanji"'
    assert conforms(response)["status"] == 401


def test_verifying_a_file_needs_a_key_before_anything_is_read(
    client: Client, db: None, conforms: Conforms
) -> None:
    response = client.post(FILE, b"%PDF", content_type="application/pdf")

    assert response.status_code == 401
    assert conforms(response)["status"] == 401


def test_a_revoked_key_is_refused(client: Client, key: str) -> None:
    ApiKey.objects.update(revoked_at=NOON)

    assert client.get(ASSETS, headers={"authorization": f"Bearer {key}"}).status_code == 401


def test_a_key_dies_with_its_owners_account(client: Client, key: str, office: Office) -> None:
    office.alice.is_active = False
    office.alice.save()

    assert client.get(ASSETS, headers={"authorization": f"Bearer {key}"}).status_code == 401


def test_a_signed_in_session_is_no_key(client: Client, office: Office) -> None:
    client.force_login(office.alice)

    assert client.post(FILE, b"%PDF", content_type="application/pdf").status_code == 401


def test_the_command_prints_a_key_that_works_and_keeps_only_its_digest(
    client: Client, office: Office
) -> None:
    out = StringIO()

    call_command("create_api_key", "alice", "bank", stdout=out)

    secret = out.getvalue().strip()
    assert client.get(ASSETS, headers={"authorization": f"Bearer {secret}"}).status_code == 200
    assert secret not in str(ApiKey.objects.values_list())
    assert ApiKey.objects.get().owner == office.alice


def test_the_command_knows_only_active_users(office: Office) -> None:
    with pytest.raises(CommandError, match="nobody"):
        call_command("create_api_key", "nobody", "bank")
