"""The limit of look-ups by number and code, which callers without a key share with the pages."""

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from accounts.addresses import address_of, site_of
from accounts.throttles import seconds_to_wait
from primitives.clock import now_utc


class CertificateThrottle(BaseThrottle):
    """Counts callers without a key by address; a key names its owner and has no limit."""

    seconds = 0

    def allow_request(self, request: Request, view: APIView) -> bool:  # noqa: ARG002 # DRF's signature
        """Count the request and say whether it passes."""
        if request.auth is not None:
            return True
        self.seconds = seconds_to_wait(
            site_of(address_of(request)),
            "certificate",
            most=settings.CERTIFICATE_LOOKUPS_PER_HOUR,
            at=now_utc(),
        )
        return not self.seconds

    def wait(self) -> float:
        """Return the seconds for Retry-After."""
        return self.seconds
