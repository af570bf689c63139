import pytest
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.test import Client, RequestFactory

from web import errors


def test_a_missing_page_has_the_sites_look_and_repeats_no_address(english_client: Client) -> None:
    response = english_client.get("/nothing-<script>")

    assert response.status_code == 404
    text = response.content.decode()
    assert "There is no such page" in text
    assert "quanji.css" in text


def test_a_bad_request_is_told_apart_from_one_that_is_too_large(rf: RequestFactory) -> None:
    assert errors.bad_request(rf.get("/"), SuspiciousOperation()).status_code == 400
    assert errors.bad_request(rf.get("/"), RequestDataTooBig()).status_code == 413


def test_a_refusal_says_what_is_needed(rf: RequestFactory) -> None:
    response = errors.permission_denied(rf.get("/"), PermissionDenied("This needs the role X."))

    assert response.status_code == 403
    assert "This needs the role X." in response.content.decode()


@pytest.mark.django_db
def test_an_old_form_is_refused_in_words(english_client: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = english_client.cookies
    response = strict.post("/language/", {"language": "en"})

    assert response.status_code == 403
    assert "The form was too old" in response.content.decode()


def test_the_page_for_our_own_faults_needs_no_database(rf: RequestFactory) -> None:
    response = errors.server_error(rf.get("/"))

    assert response.status_code == 500
    assert "The fault is ours" in response.content.decode()
