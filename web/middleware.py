"""What every request passes: the site's language, and the refusal of what nobody can read."""

import codecs
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers


class ChineseFirstLocaleMiddleware:
    """Serves each request in the language of the reader's cookie; ``Accept-Language`` is ignored.

    An official register speaks its own language first, and the same address shows the same page to
    everyone who has not asked for another one.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer in the cookie's language, and say in which."""
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        # What every cache may keep for everyone reads the same in every language.
        if "public" not in response.headers.get("Cache-Control", ""):
            response.headers.setdefault("Content-Language", language)
            patch_vary_headers(response, ["Cookie"])
        return response


class ReadableRequestMiddleware:
    """Refuses what only a broken or hostile client sends, before it reaches a form or a query.

    PostgreSQL keeps no NUL in text, and this site reads and writes UTF-8 only.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass on what can be read.

        Raises:
            BadRequest: a NUL in path, query or cookies, or a charset that is not UTF-8.
        """
        if _holds_nul(request):
            raise BadRequest("The request holds a NUL character")
        if not _is_utf8((request.content_params or {}).get("charset", "utf-8")):
            raise BadRequest("The request is not in UTF-8")
        return self.get_response(request)


def _holds_nul(request: HttpRequest) -> bool:
    query = request.META.get("QUERY_STRING", "")
    texts = (request.path_info, query.replace("%00", "\0"), *request.COOKIES.values())
    return any("\0" in text for text in texts)


def _is_utf8(charset: str) -> bool:
    try:
        return codecs.lookup(charset).name == "utf-8"
    except (LookupError, ValueError):
        return False
