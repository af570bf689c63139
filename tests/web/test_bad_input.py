"""What only a broken or hostile client sends is refused in words, at every door."""

from collections.abc import Callable
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from config.wsgi import application

NUL = [
    "/assets/%00/",
    "/assets/?q=a%00b",
    "/v/%00?c=%00",
    "/v/SJ3702026110001?c=%00",
    "/verify/digest/?sha256=%00",
    "/office/autocomplete/?term=%00",
    "/office/registry/party/?kind__exact=%00",
]
CHARSETS = ["unicode_escape", "utf-7", "no-such-charset", "gb18030"]


@pytest.mark.django_db
@pytest.mark.parametrize("address", NUL)
def test_a_nul_in_the_address_is_a_bad_request(english_client: Client, address: str) -> None:
    response = english_client.get(address)

    assert response.status_code == 400
    assert "The request could not be understood" in response.content.decode()
    assert "Content-Security-Policy" in response.headers


@pytest.mark.django_db
def test_a_nul_in_a_cookie_is_a_bad_request(client: Client) -> None:
    response = client.get("/desk/", headers={"cookie": r'sessionid="abcdefgh\000ijkl"'})

    assert response.status_code == 400


@pytest.mark.django_db
def test_an_escaped_percent_sign_before_two_zeros_is_no_nul(client: Client) -> None:
    assert client.get("/assets/?q=%2500").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("charset", CHARSETS)
@pytest.mark.parametrize("address", ["/assets/?q=%5Cud800", "/v/SJ3702026110001?c=a"])
def test_a_charset_that_is_not_utf_8_is_a_bad_request(
    client: Client, address: str, charset: str
) -> None:
    response = client.get(address, headers={"content-type": f"text/plain; charset={charset}"})

    assert response.status_code == 400


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/assets/", "/verify/file/", "/login/", "/api/v1/assets"])
@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain; charset=rot13",
        "text/plain; charset*=rot13''%41",
        "multipart/form-data; boundary=x; charset=rot13",
        "multipart/form-data; boundary=x; charset=hex",
    ],
)
def test_a_charset_that_is_no_encoding_of_text_is_a_bad_request(
    path: str, content_type: str
) -> None:
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": path,
        "QUERY_STRING": "q=a",
        "CONTENT_TYPE": content_type,
        "HTTP_HOST": "localhost",
    }
    setup_testing_defaults(environ)
    statuses: list[object] = []

    def start_response(status: str, *_rest: object) -> Callable[[bytes], object]:
        statuses.append(status)
        return statuses.append

    body = b"".join(application(environ, start_response))

    assert statuses == ["400 Bad Request"]
    assert body


@pytest.mark.django_db
@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", "utf8", '"utf-8"'])
def test_utf_8_is_taken_however_it_is_written(client: Client, charset: str) -> None:
    content_type = f"text/plain; charset={charset}"

    assert client.get("/assets/?q=a", headers={"content-type": content_type}).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "content_type"),
    [
        ("/api/v1/assets/%00", "application/json"),
        ("/api/v1/assets?q=%00", "application/json"),
        ("/api/v1/assets?q=a", "text/plain; charset=utf-7"),
        ("/api/nowhere?q=%00", "application/json"),
    ],
)
def test_the_api_says_the_same_as_a_problem(
    client: Client, address: str, content_type: str
) -> None:
    headers = {"content-type": content_type, "accept-language": "en"}
    response = client.get(address, headers=headers)

    assert response.status_code == 400
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.headers["Content-Language"] == "en"
    assert response.json()["title"] == "The request is malformed"


@pytest.mark.django_db
def test_a_nul_in_a_form_is_refused_by_the_form(client: Client) -> None:
    file = SimpleUploadedFile("a\0.pdf", b"%PDF")

    assert client.post("/login/", {"login": "a\0", "password": "b"}).status_code == 200
    assert client.post("/verify/file/", {"file": file, "proof": "\0"}).status_code < 500


@pytest.mark.django_db
def test_a_length_beyond_all_measure_is_too_large(client: Client) -> None:
    response = client.post("/verify/file/", headers={"content-length": "9" * 5000})

    assert response.status_code == 413
