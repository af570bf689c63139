"""The WSGI entry point."""

import os
from typing import Any

import django
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.utils.http import parse_header_parameters

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


class Utf8Request(WSGIRequest):
    """A request that is read in UTF-8, whatever charset it names.

    Django would take any codec of Python, even one that is no encoding of text, and fail before
    there is anyone to answer. The middleware refuses other charsets.
    """

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        try:
            parsed = parse_header_parameters(meta.get("CONTENT_TYPE", ""))
        except (LookupError, ValueError):
            parsed = "", {"charset": "unreadable"}
        self.content_type, self.content_params = parsed


class Utf8Handler(WSGIHandler):
    """Django's application over such requests."""

    request_class = Utf8Request


django.setup(set_prefix=False)
application = Utf8Handler()
