"""The form of an act of title, made from what its request is made of, for every door alike.

Entry points: `acts_of`, `act_form` and `act_sayings`. What the register has is chosen and not
typed; the references of what the act begins are made here. A request's members are those of the
dataclasses in rights/.
"""

import types
import typing
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from fractions import Fraction
from typing import Any

from django import forms
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from filings.dealing import BY_NAME
from filings.forms import ShareField
from filings.kinds import TYPE_OF_ACT, FilingType
from filings.models import AskedAct, Filing
from primitives.identifiers import new_reference
from primitives.shapes import to_json
from registry.descriptions import FIELDS, description_json
from registry.models import DataAsset, Party
from rights.change import Redescription
from rights.facts import Request
from rights.forms import ShanghaiField
from rights.kinds import RECORDS, RemarkKind, RevenueRole
from rights.models import Interest, Remark
from rights.remarks import BODIES, RevenueRule
from rights.targets import Target

MAX_INTEGER = 2**53 - 1
"""The largest that an entry writes exactly."""
SHARE_ROWS = 6
RULE_ROWS = 6
GIVEN = "is_given"
"""The box beside a part of a correction: unless it is ticked, that part was right."""

LABELS: Mapping[str, StrOrPromise] = {
    "after": gettext_lazy("new description"),
    "asset": gettext_lazy("data asset"),
    "authorisation": gettext_lazy("authorisation"),
    "began": gettext_lazy("use began"),
    "binds_derivatives": gettext_lazy("binds derived data"),
    "burdens": gettext_lazy("pledged shares"),
    "buyer": gettext_lazy("buyer"),
    "cause": gettext_lazy("cause"),
    "channel": gettext_lazy("channel"),
    "channels": gettext_lazy("channels"),
    "clearance": gettext_lazy("clearance for export"),
    "creditor": gettext_lazy("new creditor"),
    "currency": gettext_lazy("currency"),
    "destinations": gettext_lazy("destinations"),
    "due_on": gettext_lazy("debt due on"),
    "ended": gettext_lazy("use ended"),
    "environments": gettext_lazy("environments of use"),
    "evidence": gettext_lazy("paper that proves it"),
    "external_at": gettext_lazy("registered there at"),
    "external_number": gettext_lazy("number in another register"),
    "external_registry": gettext_lazy("other register"),
    "favours": gettext_lazy("goes ahead"),
    "fields": gettext_lazy("data fields"),
    "giver": gettext_lazy("transferor"),
    "grantees": gettext_lazy("licensees and their shares"),
    "group": gettext_lazy("group of persons"),
    "interest": gettext_lazy("right"),
    "is_exclusive": gettext_lazy("exclusive"),
    "is_maximum_amount": gettext_lazy("maximum-amount pledge"),
    "kind": gettext_lazy("kind"),
    "limits": gettext_lazy("limits"),
    "max_uses": gettext_lazy("number of uses at most"),
    "may_export": gettext_lazy("may be exported"),
    "may_resell": gettext_lazy("may be resold"),
    "may_sublicense": gettext_lazy("may be sub-licensed"),
    "may_transfer": gettext_lazy("may be transferred"),
    "months": gettext_lazy("term in months"),
    "no_disposal": gettext_lazy("no disposal without the pledgee's consent"),
    "notice": gettext_lazy("paper of the notice to the pledgor"),
    "number": gettext_lazy("number"),
    "occurred_at": gettext_lazy("circulated at"),
    "paper": gettext_lazy("paper"),
    "parent": gettext_lazy("right that it is cut out of"),
    "party": gettext_lazy("party"),
    "parts": gettext_lazy("parts that are released"),
    "pledgee": gettext_lazy("pledgee"),
    "predecessor": gettext_lazy("predecessor"),
    "purpose": gettext_lazy("purpose"),
    "purposes": gettext_lazy("purposes"),
    "quantity": gettext_lazy("number of uses"),
    "reference": gettext_lazy("remark"),
    "remark": gettext_lazy("remark"),
    "rights": gettext_lazy("rights that end"),
    "route": gettext_lazy("way of clearance"),
    "scenario": gettext_lazy("scenario"),
    "scope": gettext_lazy("put the scope right"),
    "secured_fen": gettext_lazy("secured amount in yuan"),
    "shares": gettext_lazy("holders and their shares"),
    "successors": gettext_lazy("successors and their shares"),
    "survives": gettext_lazy("survives the right it is cut out of"),
    "taker": gettext_lazy("transferee"),
    "takers": gettext_lazy("transferees and their shares"),
    "target": gettext_lazy("lies on"),
    "territories": gettext_lazy("territories"),
    "terms": gettext_lazy("put the terms right"),
    "territory": gettext_lazy("territory"),
    "under": gettext_lazy("under the priority notice"),
    "valid_from": gettext_lazy("valid from"),
    "valid_to": gettext_lazy("valid to"),
    "words": gettext_lazy("in words"),
    "yields": gettext_lazy("goes behind"),
}
"""Member of a request -> how a form and a page call it."""

BEGUN = {"reference": "N", "record": "N"}
"""Members that name what an act begins, and the letter of such references."""
KNOWN_BY_REFERENCE = frozenset({"pledge_change", "pledge_assignment", "release", "enforcement"})
"""Acts whose ``reference`` names a remark that is there."""
MADE_BY_US = frozenset({"filed_at", "marks", "assets"})
"""Members that no form asks for."""
INTERESTS = frozenset({"interest", "parent"})
REMARKS = frozenset({"remark", "authorisation", "clearance", "under", "yields", "favours"})
PARTIES = frozenset({"giver", "taker", "party", "pledgee", "creditor", "buyer", "predecessor"})
PAPERS = frozenset({"paper", "evidence", "notice"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """What a form offers to choose from: value and label of each."""

    interests: list[tuple[str, str]]
    remarks: list[tuple[str, str]]
    parties: list[tuple[str, str]]
    papers: list[tuple[str, str]]
    kinds: list[str] = field(default_factory=list)


def offered(filing: Filing, asset: DataAsset) -> Offered:
    """Return the rights and remarks on the asset that have not ended, and who and what is named."""
    interests = Interest.objects.filter(asset=asset, ended_by=None).prefetch_related(
        "shares__party"
    )
    remarks = Remark.objects.filter(asset=asset, ended_by=None).select_related("party")
    rows = list(interests.order_by("pk"))
    marks = list(remarks.order_by("pk"))
    parties: dict[str, Party] = {party.reference: party for party in filing.applicants.all()}
    for row in rows:
        parties |= {share.party.reference: share.party for share in row.shares.all()}
    parties |= {mark.party.reference: mark.party for mark in marks if mark.party}
    papers = filing.papers.select_related("instrument").order_by("pk")
    return Offered(
        interests=[(row.reference, interest_words(row)) for row in rows],
        remarks=[(mark.reference, remark_words(mark)) for mark in marks],
        parties=[(reference, str(party)) for reference, party in parties.items()],
        papers=[(paper.instrument.reference, str(paper.instrument)) for paper in papers],
        kinds=sorted({mark.kind for mark in marks if RemarkKind(mark.kind) not in RECORDS}),
    )


def interest_words(row: Interest) -> str:
    """Return a right in words: its kind, its holders, until when."""
    holders = "、".join(f"{share.party} {share.fraction}" for share in row.shares.all())
    return f"{row.get_kind_display()} · {holders} · {localtime(row.until):%Y-%m-%d}"


def remark_words(row: Remark) -> str:
    """Return a remark in words: its kind, whom it favours, until when."""
    until = "" if row.until.year == date.max.year else f" · {localtime(row.until):%Y-%m-%d}"
    return f"{row.get_kind_display()} · {row.party or '–'}{until} · {row.reference}"


class ActForm(forms.Form):
    """What one act asks; `request` gives it to the law of title."""

    build: Callable[[Mapping[str, Any]], Request]
    act: str

    def clean(self) -> dict[str, Any]:
        """Refuse half a row: a party without its share, or a share without its party."""
        data = super().clean() or self.cleaned_data
        for name in self.fields:
            start, dash, end = name.rpartition("-")
            if not dash or end != "share" or f"{start}-party" not in self.fields:
                continue
            party, share = data.get(f"{start}-party"), data.get(name)
            if bool(party) != bool(share) and name not in self.errors:
                self.add_error(name, _("Choose a party and write its share, or leave both empty."))
        return data

    def request(self) -> Request:
        """Return the request of a valid form."""
        return type(self).build(self.cleaned_data)


def acts_of(filing: Filing) -> list[str]:
    """Return the names of the acts that a filing of this type may ask for."""
    is_any = filing.type == FilingType.ORDER
    return [name for name, own in TYPE_OF_ACT.items() if is_any or own == filing.type]


def act_form(act: str, filing: Filing, asset: DataAsset, *, at: datetime) -> type[ActForm]:
    """Return the form class of an act on an asset, as it may be asked for at ``at``."""
    request = BY_NAME[act].request
    maker = _Maker(act=act, asset=asset, choices=offered(filing, asset), at=at)
    made = dict(maker.fields_of(request))
    return type(
        "ActForm",
        (ActForm,),
        {**made, "act": act, "build": staticmethod(lambda data: maker.built(request, data))},
    )


def act_sayings(
    asked: AskedAct, *, without: Collection[str] = ()
) -> list[tuple[StrOrPromise, str]]:
    """Return what an act asks for as labels and words; parties by name, rights in words.

    ``without`` are members that are shown otherwise.
    """
    flat = list(_flat({name: v for name, v in asked.asked.items() if name not in without}))
    references = {value for _name, value in flat}
    rights = Interest.objects.filter(reference__in=references).prefetch_related("shares__party")
    names = {row.reference: interest_words(row) for row in rights}
    marks = Remark.objects.filter(reference__in=references).select_related("party")
    names |= {row.reference: remark_words(row) for row in marks}
    parties = references | {name for name, _value in flat}
    names |= {party.reference: str(party) for party in Party.objects.filter(reference__in=parties)}
    names |= dict(_codes_of(BY_NAME[asked.act].request))
    return [
        (_label(name, names), names.get(value, value))
        for name, value in flat
        if name not in {"reference", "record"} or value in names
    ]


def _label(name: str, names: Mapping[str, str]) -> StrOrPromise:
    if name in LABELS:
        return LABELS[name]
    return FIELDS[name].verbose_name if name in FIELDS else names.get(name, name)


def _codes_of(shape: type) -> Iterator[tuple[str, str]]:
    """Return the codes that a request's members may hold, each with its words."""
    for hint in typing.get_type_hints(shape).values():
        kind = _plain(hint)
        if not isinstance(kind, type):
            continue
        if issubclass(kind, Enum):
            yield from ((str(code.value), str(getattr(code, "label", code))) for code in kind)
        elif is_dataclass(kind):
            yield from _codes_of(kind)


def _flat(asked: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in asked.items():
        if isinstance(value, Mapping):
            yield from _flat(value)
        elif isinstance(value, list):
            yield from ((name, str(each)) for each in value or ("–",))
        elif name == "secured_fen":
            yield name, f"{value // 100:,}.{value % 100:02d}"
        elif isinstance(value, bool):
            yield name, _("yes") if value else _("no")
        elif value not in (None, ""):
            yield name, str(value)


class YuanField(forms.DecimalField):
    """An amount in yuan, kept in fen."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 # Django's options
        super().__init__(min_value=0, max_digits=15, decimal_places=2, **options)

    def clean(self, value: Any) -> Any:  # noqa: ANN401 # Django's signature
        """Return whole fen."""
        amount = super().clean(value)
        return None if amount is None else int(amount * 100)


class CodesField(forms.CharField):
    """Codes with commas between them; nothing means everything."""

    def clean(self, value: Any) -> Any:  # noqa: ANN401 # Django's signature
        """Return the codes, or None for everything."""
        text = super().clean(value).replace("，", ",").replace("、", ",")
        return frozenset(code.strip() for code in text.split(",") if code.strip()) or None


PLAIN: Mapping[type, Callable[[], forms.Field]] = {
    bool: forms.BooleanField,
    int: lambda: forms.IntegerField(min_value=1, max_value=MAX_INTEGER),
    datetime: ShanghaiField,
    date: lambda: forms.DateField(widget=forms.DateInput(attrs={"type": "date"})),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Maker:
    """Makes fields of the members of a request, and the request of their values."""

    act: str
    asset: DataAsset
    choices: Offered
    at: datetime

    def fields_of(self, shape: type, prefix: str = "") -> Iterator[tuple[str, forms.Field]]:
        hints = typing.get_type_hints(shape)
        if issubclass(shape, Target):
            whole = (f"asset {self.asset.number}", _("the whole asset"))
            rights = [(f"interest {key}", label) for key, label in self.choices.interests]
            yield "target", forms.ChoiceField(label=LABELS["target"], choices=[whole, *rights])
        for member in fields(shape):
            name, hint = member.name, hints[member.name]
            if self._is_ours(shape, name):
                continue
            is_needed = member.default is member.default_factory is MISSING
            yield from self._fields_of_member(shape, prefix + name, hint, is_needed=is_needed)

    def _fields_of_member(
        self,
        shape: type,
        path: str,
        hint: Any,  # noqa: ANN401 # a type annotation
        *,
        is_needed: bool,
    ) -> Iterator[tuple[str, forms.Field]]:
        inner, name = _plain(hint), path.rpartition("-")[2]
        if _is_shares(inner):
            yield from self._share_rows(path)
        elif name == "rules":
            yield from self._revenue_rows()
        elif name == "body":
            yield from self._bodies()
        elif issubclass(shape, Redescription) and name == "after":
            yield from self._description()
        elif isinstance(inner, type) and is_dataclass(inner):
            parts = self.fields_of(inner, f"{path}-")
            yield from parts if inner is hint else _optional(parts, f"{path}-", LABELS[name])
        else:
            made = self._field(name, inner, is_needed=is_needed and inner is hint)
            made.label = LABELS[name]
            yield path, made

    def built(self, shape: type, data: Mapping[str, Any], prefix: str = "") -> Any:  # noqa: ANN401 # any request
        """Return the value of a shape from the cleaned data of its fields."""
        hints, values = typing.get_type_hints(shape), dict[str, Any]()
        if issubclass(shape, Target):
            target, _space, reference = data["target"].partition(" ")
            values[target] = reference
        for member in fields(shape):
            name = member.name
            if self._is_ours(shape, name):
                values |= self._made(shape, name, hints)
            else:
                values |= self._given(shape, name, hints[name], data, prefix)
        return shape(**values)

    def _made(self, shape: type, name: str, hints: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is not asked for: new references, the asset, the instant of filing."""
        if name in BEGUN:
            return {name: new_reference("I" if "grantees" in hints else BEGUN[name])}
        if name == "filed_at":
            return {name: self.at}
        if name == "marks":
            return {name: {key: new_reference("N") for key, _label in self.choices.interests}}
        if name == "asset" and not issubclass(shape, Target):
            return {name: self.asset.number}
        return {}

    def _given(
        self,
        shape: type,
        name: str,
        hint: Any,  # noqa: ANN401 # a type annotation
        data: Mapping[str, Any],
        prefix: str,
    ) -> dict[str, Any]:
        inner, whole = _plain(hint), dict[str, Any]()
        if _is_shares(inner):
            shares = self._shares(prefix + name, data)
            whole = {name: shares} if shares or inner is hint else {}
        elif name == "rules":
            whole = {name: tuple(self._revenue_rules(data))}
        elif name == "body":
            whole = self._body(data)
        elif issubclass(shape, Redescription) and name == "after":
            whole = {name: self._changed(data)}
        elif isinstance(inner, type) and is_dataclass(inner):
            nested = f"{prefix}{name}-"
            is_given = inner is hint or data.get(nested + GIVEN)
            whole = {name: self.built(inner, data, nested)} if is_given else {}
        elif name == "rights":
            whole = {name: tuple(data.get(prefix + name) or ())}
        elif (value := data.get(prefix + name)) not in (None, ""):
            whole = {name: value}
        return whole

    def _is_ours(self, shape: type, name: str) -> bool:
        if name in MADE_BY_US or (name in BEGUN and not self._is_known(name)):
            return True
        if self.act == "succeed" and name in ("favours", "rights"):
            return True
        return name in ("asset", "interest") and (name == "asset" or issubclass(shape, Target))

    def _is_known(self, name: str) -> bool:
        return name == "reference" and self.act in KNOWN_BY_REFERENCE

    def _field(self, name: str, kind: Any, *, is_needed: bool) -> forms.Field:  # noqa: ANN401 # a type
        if chosen := self._chosen(name):
            blank = [] if is_needed else [("", "–")]
            return forms.ChoiceField(choices=[*blank, *chosen], required=is_needed)
        if name == "secured_fen":
            return YuanField(required=is_needed)
        if name == "rights":
            return forms.MultipleChoiceField(
                choices=self.choices.interests,
                required=False,
                widget=forms.CheckboxSelectMultiple,
            )
        return self._plain_field(name, kind, is_needed=is_needed)

    def _chosen(self, name: str) -> list[tuple[str, str]] | None:
        if name in INTERESTS:
            return self.choices.interests
        if name in REMARKS or name == "reference":
            return self.choices.remarks
        if name in PARTIES:
            return self.choices.parties
        return self.choices.papers if name in PAPERS else None

    def _plain_field(self, name: str, kind: Any, *, is_needed: bool) -> forms.Field:  # noqa: ANN401 # a type
        if typing.get_origin(kind) is frozenset:
            return CodesField(required=False, max_length=400)
        if issubclass(kind, Enum):
            options = [(member.value, str(getattr(member, "label", member))) for member in kind]
            return forms.TypedChoiceField(choices=options, coerce=kind, required=is_needed)
        if make := PLAIN.get(kind):
            made = make()
            made.required = is_needed and kind is not bool
            made.initial = name == "no_disposal" if kind is bool else None
            return made
        widget = forms.Textarea(attrs={"rows": 3}) if name == "words" else None
        first = "CNY" if name == "currency" else None
        return forms.CharField(required=is_needed, max_length=400, widget=widget, initial=first)

    def _bodies(self) -> Iterator[tuple[str, forms.Field]]:
        """Yield the parts of each kind of remark that lies on the asset."""
        for kind in self.choices.kinds:
            label = _("put right: %(kind)s") % {"kind": RemarkKind(kind).label}
            start = f"body-{kind}-"
            yield from _optional(self.fields_of(BODIES[RemarkKind(kind)], start), start, label)

    def _body(self, data: Mapping[str, Any]) -> dict[str, Any]:
        for kind in self.choices.kinds:
            if data.get(f"body-{kind}-{GIVEN}"):
                return {"body": self.built(BODIES[RemarkKind(kind)], data, f"body-{kind}-")}
        return {}

    def _revenue_rows(self) -> Iterator[tuple[str, forms.Field]]:
        for row in range(RULE_ROWS):
            number = {"row": row + 1}
            yield (
                f"rules-{row}-role",
                forms.TypedChoiceField(
                    label=_("role %(row)s") % number,
                    choices=[("", "–"), *RevenueRole.choices],
                    coerce=RevenueRole,
                    empty_value=None,
                    required=False,
                ),
            )
            yield (
                f"rules-{row}-party",
                forms.ChoiceField(
                    label=_("payee %(row)s") % number,
                    choices=[("", _("whoever has the role")), *self.choices.parties],
                    required=False,
                ),
            )
            yield f"rules-{row}-rate", ShareField(label=_("rate %(row)s") % number, required=False)
            yield (
                f"rules-{row}-per_use_fen",
                YuanField(label=_("yuan per use %(row)s") % number, required=False),
            )
            yield (
                f"rules-{row}-per_year_fen",
                YuanField(label=_("yuan per year %(row)s") % number, required=False),
            )

    def _revenue_rules(self, data: Mapping[str, Any]) -> Iterator[RevenueRule]:
        for row in range(RULE_ROWS):
            start = f"rules-{row}"
            if role := data.get(f"{start}-role"):
                yield RevenueRule(
                    role=role,
                    party=data.get(f"{start}-party") or "",
                    rate=data.get(f"{start}-rate") or Fraction(0),
                    per_use_fen=data.get(f"{start}-per_use_fen") or 0,
                    per_year_fen=data.get(f"{start}-per_year_fen") or 0,
                )

    def _share_rows(self, name: str) -> Iterator[tuple[str, forms.Field]]:
        label = LABELS[name.rpartition("-")[2]]
        for row in range(SHARE_ROWS):
            yield (
                f"{name}-{row}-party",
                forms.ChoiceField(
                    label=f"{label} {row + 1}",
                    choices=[("", "–"), *self.choices.parties],
                    required=False,
                ),
            )
            yield (
                f"{name}-{row}-share",
                ShareField(label=_("share %(row)s") % {"row": row + 1}, required=False),
            )

    def _shares(self, name: str, data: Mapping[str, Any]) -> dict[str, Fraction]:
        found: dict[str, Fraction] = {}
        for row in range(SHARE_ROWS):
            party, share = data.get(f"{name}-{row}-party"), data.get(f"{name}-{row}-share")
            if party and share:
                found[party] = found.get(party, Fraction(0)) + share
        return found

    def _description(self) -> Iterator[tuple[str, forms.Field]]:
        for name in description_json(self.asset):
            made = FIELDS[name].formfield()
            if isinstance(made, forms.Field):
                made.initial = getattr(self.asset, name)
                yield f"after-{name}", made

    def _changed(self, data: Mapping[str, Any]) -> dict[str, Any]:
        before = description_json(self.asset)
        written = {
            name: to_json(data[f"after-{name}"]) for name in before if f"after-{name}" in data
        }
        written = {
            name: "" if value is None and before[name] == "" else value
            for name, value in written.items()
        }
        return {name: value for name, value in written.items() if value != before[name]}


def _optional(
    parts: Iterator[tuple[str, forms.Field]], prefix: str, label: StrOrPromise
) -> Iterator[tuple[str, forms.Field]]:
    """Yield a box and the fields of a part that may be left as it is."""
    yield prefix + GIVEN, forms.BooleanField(label=label, required=False)
    for name, made in parts:
        # Whoever does not tick the box fills in nothing below it.
        made.required = False
        yield name, made


def _plain(hint: Any) -> Any:  # noqa: ANN401 # a type annotation
    """Return the type without its None, but keep codes, in which None means everything."""
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        (inner,) = (one for one in typing.get_args(hint) if one is not type(None))
        return inner
    return hint


def _is_shares(kind: Any) -> bool:  # noqa: ANN401 # a type annotation
    origin = typing.get_origin(kind)
    return (
        isinstance(origin, type)
        and issubclass(origin, Mapping)
        and typing.get_args(kind)[1] is Fraction
    )
