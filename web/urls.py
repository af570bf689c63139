"""Addresses of the people's door."""

from django.urls import path
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from web import (
    applications,
    desk,
    log,
    members,
    negative_list,
    notices,
    preferences,
    public,
    title,
    verification,
)

app_name = "web"
urlpatterns = [
    path("", public.home, name="home"),
    path("assets/", public.search, name="search"),
    path("assets/<str:number>/", public.asset, name="asset"),
    path("assets/<str:number>/title/", title.title, name="title"),
    path("assets/<str:number>/title/rank/", title.rank, name="rank"),
    path("notices/", notices.notices, name="notices"),
    path("notices/<str:number>/", notices.notice, name="notice"),
    path("notices/<str:number>/object/", notices.object_to, name="object"),
    path("negative-list/", negative_list.negative_list, name="negative-list"),
    path("objections/", notices.status, name="objection"),
    path("verify/", verification.verify, name="verify"),
    path("verify/file/", verification.verify_upload, name="verify-upload"),
    path("verify/digest/", verification.verify_digest, name="verify-digest"),
    path("verify/number/", verification.verify_number, name="verify-number"),
    # Printed in the QR code of every certificate: this address never changes.
    path("v/<str:number>", verification.certificate_record, name="certificate"),
    path("v/<str:number>/proof", verification.certificate_proof, name="certificate-proof"),
    path("log/checkpoint", log.checkpoint, name="log-checkpoint"),
    path("log/tile/<path:path>", log.tile, name="log-tile"),
    path("log/key", log.key, name="log-key"),
    path("log/state/<path:key>", log.state, name="log-state"),
    path("log/keys", log.keys, name="log-keys"),
    path("log/trust.pem", log.trust, name="trust"),
    path("log/tsa_trust.pem", log.tsa_trust, name="tsa-trust"),
    path("healthz", log.health, name="health"),
    path("language/", require_POST(set_language), name="language"),
    path("type-size/", preferences.set_type_size, name="type-size"),
    path("desk/", desk.desk, name="desk"),
    path("desk/organisations/<str:uscc>/members/", members.members, name="members"),
    path(
        "desk/organisations/<str:uscc>/members/<str:reference>/",
        members.change_member,
        name="change-member",
    ),
    path("desk/invitations/<str:token>/", members.invitation, name="invitation"),
    path("desk/applications/", applications.new, name="new-application"),
    path("desk/applications/data/", applications.new_data, name="new-data"),
    path("desk/applications/acts/", applications.new_acts, name="new-acts"),
    path("desk/cases/<str:number>/", desk.case, name="case"),
    path("desk/cases/<str:number>/data/", applications.data, name="draft-data"),
    path("desk/cases/<str:number>/rights/", applications.rights, name="draft-rights"),
    path("desk/cases/<str:number>/sources/", applications.sources, name="draft-sources"),
    path(
        "desk/cases/<str:number>/sources/<int:key>/drop/",
        applications.drop_claimed_source,
        name="drop-source",
    ),
    path("desk/cases/<str:number>/acts/", applications.acts, name="draft-acts"),
    path("desk/cases/<str:number>/acts/<int:key>/drop/", applications.drop_act, name="drop-act"),
    path(
        "desk/cases/<str:number>/papers/<int:key>/drop/",
        applications.drop_paper,
        name="drop-paper",
    ),
    path("desk/cases/<str:number>/withdraw/", applications.withdraw_case, name="withdraw"),
    path("desk/cases/<str:number>/papers/", desk.add_paper, name="add-paper"),
    path("desk/cases/<str:number>/letters/<str:letter>.pdf", desk.letter, name="letter"),
    path("desk/cases/<str:number>/consent/", desk.consent, name="consent"),
    path("desk/cases/<str:number>/submit/", desk.resubmit, name="resubmit"),
    path(
        "desk/certificates/<str:number>.pdf",
        desk.certificate_file,
        name="desk-certificate",
    ),
    path(
        "desk/certificates/<str:number>.pdf.tlog-proof",
        desk.certificate_proof,
        name="desk-proof",
    ),
    path("desk/certificates/<str:number>.zip", desk.certificate_kit, name="desk-kit"),
]
