"""Addresses of version 1."""

from django.urls import path, re_path

from api.v1.assets import AssetsView, AssetView
from api.v1.certificates import CertificateView
from api.v1.documents import DocumentView
from api.v1.ledger import CheckpointView
from api.v1.parties import PartiesView, PortfolioView, SecuredView
from api.v1.rights import RightsView
from api.v1.start import DescriptionView, StartView
from api.v1.title import HistoryView, RemarksView
from api.v1.verification import VerifyFileView, VerifyNumberView, VerifyPaperView

app_name = "v1"
urlpatterns = [
    path("", StartView.as_view(), name="start"),
    path("openapi.json", DescriptionView.as_view(), name="openapi"),
    path("assets", AssetsView.as_view(), name="assets"),
    re_path(r"^assets/(?P<number>DA-[0-9]{9,})\Z", AssetView.as_view(), name="asset"),
    re_path(r"^assets/(?P<number>DA-[0-9]{9,})/rights\Z", RightsView.as_view(), name="rights"),
    re_path(r"^assets/(?P<number>DA-[0-9]{9,})/remarks\Z", RemarksView.as_view(), name="remarks"),
    re_path(r"^assets/(?P<number>DA-[0-9]{9,})/history\Z", HistoryView.as_view(), name="history"),
    path("parties", PartiesView.as_view(), name="parties"),
    re_path(
        r"^parties/(?P<reference>P-[0-9A-Z]{1,18})/portfolio\Z",
        PortfolioView.as_view(),
        name="portfolio",
    ),
    re_path(
        r"^parties/(?P<reference>P-[0-9A-Z]{1,18})/secured\Z",
        SecuredView.as_view(),
        name="secured",
    ),
    re_path(
        r"^certificates/(?P<number>[A-Za-z0-9]{15})\Z",
        CertificateView.as_view(),
        name="certificate",
    ),
    re_path(
        r"^documents/(?P<number>[A-Za-z0-9]{12,15})\Z", DocumentView.as_view(), name="document"
    ),
    path("ledger/checkpoint", CheckpointView.as_view(), name="checkpoint"),
    path("verify/number", VerifyNumberView.as_view(), name="verify-number"),
    path("verify/paper", VerifyPaperView.as_view(), name="verify-paper"),
    path("verify/file", VerifyFileView.as_view(), name="verify-file"),
]
