"""How often a key may call, and a caller without one look up by number and code."""

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from accounts.addresses import address_of, site_of
from accounts.models import ApiKey
from accounts.throttles import seconds_to_wait
from primitives.clock import now_utc


class QuotaThrottle(BaseThrottle):
    """Counts the requests of a key against its quota, whatever they ask."""

    seconds = 0

    def allow_request(self, request: Request, view: APIView) -> bool:  # noqa: ARG002 # DRF's signature
        """Count the request and say whether it passes."""
        if isinstance(request.auth, ApiKey):
            quota = request.auth.requests_per_hour
            most = settings.API_REQUESTS_PER_HOUR if quota is None else quota
            return self.count(str(request.auth.pk), "key", most=most)
        return True

    def count(self, caller: str, page: str, *, most: int) -> bool:
        """Count a request of a caller; say whether it is within ``most`` an hour."""
        self.seconds = seconds_to_wait(caller, page, most=most, at=now_utc())
        return not self.seconds

    def wait(self) -> float:
        """Return the seconds for Retry-After."""
        return self.seconds


class CertificateThrottle(QuotaThrottle):
    """Counts callers without a key by address, together with the pages; a key has its quota."""

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Count the request and say whether it passes."""
        if request.auth is not None:
            return super().allow_request(request, view)
        caller = site_of(address_of(request))
        return self.count(caller, "certificate", most=settings.CERTIFICATE_LOOKUPS_PER_HOUR)
