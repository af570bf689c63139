"""Holding every row of a workbook against the forms of a draft; every bad cell is told."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from filings.batch.columns import (
    DIGESTS,
    OF_THE_DATA,
    Column,
    Takes,
    codes_of,
    columns,
    words_of_yes_and_no,
)
from filings.batch.workbook import Finding, Line, Sheet
from filings.claims import WrittenClaim
from filings.forms import DescriptionForm, ShareField, require_whole
from filings.models import Filing
from filings.workflow import FINAL
from primitives.identifiers import is_uscc
from registry.kinds import IdentifierScheme
from registry.models import AssetVersion, Party
from rights.kinds import RightKind

CHUNK = 500
LONGEST_TERM = 1200
SHARE = ShareField()
Progress = Callable[[int], None]
CleanT = TypeVar("CleanT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a row without a fault comes to; its filing is not saved."""

    filing: Filing
    applicants: Sequence[Party]
    claims: Sequence[WrittenClaim]


@dataclass(slots=True)
class Checked:
    """What came of a workbook: drafts, or findings; drafts count only if there are no findings."""

    drafts: list[Draft] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


class RowForm(DescriptionForm):
    """The description in a row: the form of a draft, without what only a page has."""

    data_file = None  # type: ignore[assignment] # Django's way to leave a field out
    procedure = None  # type: ignore[assignment] # as above: a batch follows the usual one

    class Meta(DescriptionForm.Meta):
        fields = OF_THE_DATA

    def _require_digests(self, data: Mapping[str, Any]) -> None:
        for name in DIGESTS:
            if name not in self.errors and data.get(name) in (None, ""):
                self.add_error(name, _("Write the value that was computed of the data file."))


def check(sheet: Sheet, progress: Progress) -> Checked:
    """Hold every row against the rules of a draft; ``progress`` is told how many rows are done."""
    checked, digests = Checked(), dict[str, int]()
    for start in range(0, len(sheet.lines), CHUNK):
        chunk = sheet.lines[start : start + CHUNK]
        parties, taken = _parties(chunk), _taken_digests(chunk)
        for line in chunk:
            row = _Row(line=line, letters=sheet.letters, parties=parties)
            draft = row.draft()
            row.look_at_the_digest(taken, digests)
            checked.findings += row.findings
            if draft and not row.findings:
                checked.drafts.append(draft)
        progress(start + len(chunk))
    return checked


@dataclass(slots=True, kw_only=True)
class _Row:
    """One row while it is looked at."""

    line: Line
    letters: Mapping[str, str]
    parties: Mapping[str, Party]
    findings: list[Finding] = field(default_factory=list)

    def draft(self) -> Draft | None:
        """Return what the row asks for, or None where something is found."""
        by_name = {column.name: column for column in columns()}
        for name in self.line.formulas:
            self.find(name, _("A formula is not computed here. Paste its value."))
        applicants = self._applicants()
        form = RowForm({name: self._written(by_name[name]) for name in OF_THE_DATA})
        for name, errors in form.errors.items():
            for message in errors:
                self.find(name if name in by_name else "name", str(message))
        claims = self._claims(applicants)
        if not claims and not self._has_findings_on_rights():
            self.find(f"{RightKind.HOLD}-months", _("Apply for at least one right."))
        if self.findings:
            return None
        return Draft(filing=form.instance, applicants=applicants, claims=claims)

    def look_at_the_digest(self, taken: Mapping[str, str], digests: dict[str, int]) -> None:
        """Find data that is registered, applied for, or stands in another row."""
        digest = self.line.texts.get("sha256", "").lower()
        if not digest:
            return
        if digest in taken:
            self.find(
                "sha256", _("This data is there already: %(where)s.") % {"where": taken[digest]}
            )
        elif digest in digests:
            self.find(
                "sha256", _("The same data stands in row %(row)s.") % {"row": digests[digest]}
            )
        else:
            digests[digest] = self.line.row

    def find(self, name: str, message: str) -> None:
        """Keep what is wrong with a cell, one thing once, and after a formula nothing more."""
        column = next(column for column in columns() if column.name == name)
        letter = self.letters[name]
        if any(found.column == letter for found in self.findings):
            return
        self.findings.append(
            Finding(row=self.line.row, column=letter, heading=column.heading(), message=message)
        )

    def _written(self, column: Column) -> str | bool:
        text = self.line.texts.get(column.name, "") or column.default
        if column.takes is Takes.CODE:
            return codes_of(column.name).get(text, text)
        if column.takes is Takes.YES_OR_NO and text:
            words = words_of_yes_and_no()
            if text.lower() not in words:
                self.find(column.name, _("Write yes or no."))
            return words.get(text.lower(), False)
        return text.lower() if column.name in DIGESTS else text

    def _applicants(self) -> list[Party]:
        text = self.line.texts.get("applicants", "")
        codes = [code.strip() for code in text.replace("；", ";").split(";") if code.strip()]
        if not codes:
            self.find("applicants", _("Name the applicant by its unified social credit code."))
        found = [self._party("applicants", code) for code in codes]
        return [party for party in found if party]

    def _party(self, name: str, code: str) -> Party | None:
        code = code.upper()
        if not is_uscc(code):
            self.find(
                name,
                _("%(code)s is not a unified social credit code.") % {"code": code[:40]},
            )
            return None
        if code not in self.parties:
            self.find(
                name,
                _("No party with the code %(code)s is entered. Enter it first.") % {"code": code},
            )
        return self.parties.get(code)

    def _claims(self, applicants: Sequence[Party]) -> list[WrittenClaim]:
        claims = []
        for kind in RightKind:
            months = self._months(f"{kind}-months")
            if months is None:
                continue
            claims.append(
                WrittenClaim(
                    kind=kind,
                    term_months=months,
                    limits=self._limits(f"{kind}-limits"),
                    holders=self._holders(f"{kind}-holders", applicants),
                )
            )
        return claims

    def _months(self, name: str) -> int | None:
        text = self.line.texts.get(name, "")
        if not text:
            return None
        taken = forms.IntegerField(min_value=1, max_value=LONGEST_TERM)
        return self._cleaned(name, lambda: int(taken.clean(text)))

    def _limits(self, name: str) -> str:
        taken = forms.CharField(required=False, max_length=400)
        return self._cleaned(name, lambda: str(taken.clean(self.line.texts.get(name, "")))) or ""

    def _holders(self, name: str, applicants: Sequence[Party]) -> list[tuple[Party, Fraction]]:
        text = self.line.texts.get(name, "")
        if not text:
            if len(applicants) != 1 and "applicants" not in self._found():
                self.find(name, _("There are several applicants: write who holds which share."))
            return [(party, Fraction(1)) for party in applicants[:1]]
        holders = []
        for part in text.replace("；", ";").split(";"):
            code, _space, share = part.strip().partition(" ")
            party = self._party(name, code) if code else None
            fraction = self._cleaned(name, partial(SHARE.clean, share))
            if party and fraction:
                holders.append((party, fraction))
        if name not in self._found():
            self._cleaned(name, lambda: require_whole(holders))
        return holders

    def _cleaned(self, name: str, clean: Callable[[], CleanT]) -> CleanT | None:
        try:
            return clean()
        except ValidationError as error:
            self.find(name, " ".join(error.messages))
            return None

    def _found(self) -> set[str]:
        letters = {found.column for found in self.findings}
        return {name for name, letter in self.letters.items() if letter in letters}

    def _has_findings_on_rights(self) -> bool:
        return any(name.startswith(tuple(RightKind)) for name in self._found())


def _codes(lines: Sequence[Line]) -> Iterator[str]:
    for line in lines:
        for name, text in line.texts.items():
            if name == "applicants" or name.endswith("-holders"):
                for part in text.replace("；", ";").split(";"):
                    yield part.strip().partition(" ")[0].upper()


def _parties(lines: Sequence[Line]) -> dict[str, Party]:
    found = Party.objects.filter(
        identifier_scheme=IdentifierScheme.USCC, identifier__in=set(_codes(lines)) - {""}
    )
    return {party.identifier: party for party in found}


def _taken_digests(lines: Sequence[Line]) -> dict[str, str]:
    """Return which digests of the rows are registered or applied for, and where."""
    digests = {line.texts.get("sha256", "").lower() for line in lines} - {""}
    filed = Filing.objects.filter(sha256__in=digests).exclude(state__in=FINAL)
    registered = AssetVersion.objects.filter(sha256__in=digests)
    return dict(filed.values_list("sha256", "number")) | dict(
        registered.values_list("sha256", "asset__number")
    )
