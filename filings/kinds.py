"""The types of filing (NDA35 art. 32), and which act of title is asked for in which. Pure."""

from collections.abc import Mapping

from django.db import models
from django.utils.translation import gettext_lazy as _

from rights.acts import ACTS
from rights.cancellation import CANCELLATION
from rights.change import DESCRIPTION_CHANGE, LIMITS_CHANGE
from rights.control import CONTROL, CONTROL_LIFTING
from rights.correction import DESCRIPTION_CORRECTION, REMARK_CORRECTION, RIGHT_CORRECTION
from rights.facts import ActOfTitle
from rights.freeze import FREEZE, FREEZE_LIFTING, FREEZE_RENEWAL
from rights.renewal import RENEWAL
from rights.succession import SUCCESSION
from rights.surrender import NARROWING, SURRENDER
from rights.transfer import TRANSFER


class FilingType(models.TextChoices):
    """What kind of application it is.

    The first five are those of NDA35 art. 32. A remark is what art. 23 has recorded on a right; an
    order is what a court or another body commands.
    """

    INITIAL = "INITIAL", _("Initial registration")
    TRANSFER = "TRANSFER", _("Registration of a transfer")
    CHANGE = "CHANGE", _("Registration of a change")
    RENEWAL = "RENEWAL", _("Registration of a renewal")
    CANCELLATION = "CANCELLATION", _("Registration of a cancellation")
    REMARK = "REMARK", _("Entry of a remark")
    ORDER = "ORDER", _("Execution of an order")


_NAMED: Mapping[FilingType, tuple[ActOfTitle, ...]] = {  # type: ignore[type-arg] # of every request
    FilingType.TRANSFER: (TRANSFER, SUCCESSION),
    FilingType.CHANGE: (
        DESCRIPTION_CHANGE,
        LIMITS_CHANGE,
        RIGHT_CORRECTION,
        REMARK_CORRECTION,
        DESCRIPTION_CORRECTION,
    ),
    FilingType.RENEWAL: (RENEWAL,),
    FilingType.CANCELLATION: (CANCELLATION, SURRENDER, NARROWING),
    FilingType.ORDER: (FREEZE, FREEZE_RENEWAL, FREEZE_LIFTING, CONTROL, CONTROL_LIFTING),
}
_OF_ITS_TYPE = {act.name: filing_type for filing_type, acts in _NAMED.items() for act in acts}

TYPE_OF_ACT: Mapping[str, FilingType] = {
    act.name: _OF_ITS_TYPE.get(act.name, FilingType.REMARK) for act in ACTS
}
"""Name of an act -> the type of filing that asks for it; an order may command any act."""


class LetterKind(models.TextChoices):
    """What a letter tells."""

    RECEIPT = "RECEIPT", _("Receipt of an application")
    ACCEPTANCE = "ACCEPTANCE", _("Notice of acceptance")
    CORRECTION = "CORRECTION", _("Notice of correction")
    NON_ACCEPTANCE = "NON_ACCEPTANCE", _("Notice of non-acceptance")
    SUPPLEMENT = "SUPPLEMENT", _("Notice of supplement")
    EXTENSION = "EXTENSION", _("Notice of extension")
    PUBLICITY = "PUBLICITY", _("Notice of publicity")
    OBJECTION = "OBJECTION", _("Notice of an objection")
    LATER = "LATER", _("Notice of a later objection")
    CONCLUSION = "CONCLUSION", _("Notice of the conclusion on objections")
    REGISTRATION = "REGISTRATION", _("Notice of registration")
    REFUSAL = "REFUSAL", _("Notice of refusal")
    TERMINATION = "TERMINATION", _("Notice of termination")
    LAPSE = "LAPSE", _("Notice of lapse")
    WITHDRAWAL = "WITHDRAWAL", _("Confirmation of withdrawal")


class Outcome(models.TextChoices):
    """What was decided on an objection (NDA35 art. 25, 29)."""

    SUSTAINED = "SUSTAINED", _("Sustained")
    DISMISSED = "DISMISSED", _("Dismissed")
    WITHDRAWN = "WITHDRAWN", _("Withdrawn by the objector")
    REFERRED = "REFERRED", _("Referred to arbitration or court")


class Forum(models.TextChoices):
    """Who else settles a dispute (NDA35 art. 29)."""

    MEDIATION = "MEDIATION", _("Mediation")
    ARBITRATION = "ARBITRATION", _("Arbitration")
    COURT = "COURT", _("Court")


BINDING = frozenset({Forum.ARBITRATION, Forum.COURT})
"""Whose effective document the registrar follows, and for whose result it waits."""


class Result(models.TextChoices):
    """How a proceeding ended for the objector."""

    UPHELD = "UPHELD", _("For the objector")
    PARTLY = "PARTLY", _("Partly for the objector")
    REJECTED = "REJECTED", _("Against the objector")
    SETTLED = "SETTLED", _("Settled between the parties")
    ENDED = "ENDED", _("Ended without a decision")
