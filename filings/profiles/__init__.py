"""Rule profiles: the procedure of one jurisdiction as data, read from the files beside this module.

Entry points: `profile_named`, `profile_on`, `offered`. Every figure names its article. Each version
is a file of its own and stays as long as a case follows it. A file that is not whole and consistent
is an error at start (see filings/checks.py), not on the day on which it is needed.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings

from filings.kinds import FilingType
from registry.kinds import InstrumentKind

FOLDER = Path(__file__).parent


class ProfileError(Exception):
    """A profile is not what it must be; the message names the file, the member and the fault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A number and the article that fixes it.

    Attributes:
        value: working days, or what the member's name says.
        is_recalled: it is not confirmed by a text, and an installation should look at it.
    """

    value: int
    article: str
    is_recalled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeRules:
    """What one type of filing needs.

    Attributes:
        papers: kinds of instrument without which it is not accepted.
        publicity: working days for which it is public; none if it is not bound to publicity.
        is_reviewed: an examiner reviews it; otherwise it goes from acceptance to the decision.
    """

    papers: frozenset[str]
    papers_article: str
    publicity: Term | None
    is_reviewed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What the applicant declares when they submit; its text is that of the profile's version."""

    name: str
    article: str
    text_zh: str
    text_en: str

    def text(self, language: str) -> str:
        """Return it in the reader's language."""
        return self.text_zh if language.startswith("zh") else self.text_en


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One version of one jurisdiction's procedure; days are working days.

    Attributes:
        acceptance: to tell the applicant the result; silence means acceptance.
        answer: for the applicant to answer a correction or a supplement.
        completion, extension: from acceptance to registration, and what may be added once.
        objection: to decide an objection received in publicity.
        later_objection: to notify the registrant of one received after registration.
        max_term: months, the longest term of a right.
        renewal: months before the end from which a renewal is taken.
        near_name: in hundredths, how alike two names are whose data an examiner compares.
        declarations: what every applicant declares; the executor of an order declares nothing.
    """

    name: str
    version: int
    title_zh: str
    title_en: str
    effective_from: date
    effective_to: date | None
    acceptance: Term
    answer: Term
    completion: Term
    extension: Term
    objection: Term
    later_objection: Term
    max_term: Term
    renewal: Term
    near_name: Term
    types: Mapping[FilingType, TypeRules]
    declarations: tuple[Declared, ...] = ()

    def title(self, language: str) -> str:
        """Return its name in the reader's language."""
        return self.title_zh if language.startswith("zh") else self.title_en

    def is_in_force(self, day: date) -> bool:
        """Say whether filings may be drafted under it on ``day``."""
        return self.effective_from <= day and (
            self.effective_to is None or day <= self.effective_to
        )


TERMS = (
    "acceptance",
    "answer",
    "completion",
    "extension",
    "objection",
    "later_objection",
    "max_term",
    "renewal",
    "near_name",
)
HEAD = ("name", "version", "title_zh", "title_en", "effective_from", "effective_to")


@cache
def profiles() -> Mapping[str, Mapping[int, Profile]]:
    """Return every version of every profile, by name and number.

    Raises:
        ProfileError: a file is not what it must be.
    """
    found: dict[str, dict[int, Profile]] = {}
    for path in sorted(FOLDER.glob("*.toml")):
        profile = read(path)
        versions = found.setdefault(profile.name, {})
        if profile.version in versions:
            raise ProfileError(f"{path.name}: version {profile.version} is there twice")
        versions[profile.version] = profile
    return found


def profile_named(name: str, version: int | None = None) -> Profile:
    """Return a version of a profile, the last one if none is named.

    Raises:
        ProfileError: there is none of that name, or no such version of it.
    """
    versions = profiles().get(name, {})
    if not versions:
        raise ProfileError(f"there is no rule profile {name!r}")
    found = versions.get(max(versions) if version is None else version)
    if found is None:
        raise ProfileError(f"there is no version {version} of the rule profile {name!r}")
    return found


def profile_on(name: str, day: date) -> Profile:
    """Return the version of a profile that is in force on ``day``.

    Of two in force the later version counts; if none is, the last one that was, or else the first.

    Raises:
        ProfileError: there is none of that name.
    """
    profile_named(name)
    versions = profiles()[name]
    in_force = [number for number, one in versions.items() if one.is_in_force(day)]
    begun = [number for number, one in versions.items() if one.effective_from <= day]
    return versions[max(in_force or begun or [min(versions)])]


def offered(day: date) -> list[Profile]:
    """Return the profiles under which this installation drafts filings on ``day``, usual one first.

    Raises:
        ProfileError: the settings name one that there is not.
    """
    found = [profile_on(name, day) for name in settings.PROFILES]
    return [one for one in found if one.is_in_force(day)]


def read(path: Path) -> Profile:
    """Return the profile that stands in a file.

    Raises:
        ProfileError: names the member that is missing, unknown or of another type.
    """
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ProfileError(f"{path.name}: {error}") from error
    where = path.name
    _only(where, data, {*HEAD, *TERMS, "types", "declarations"})
    head: dict[str, Any] = {name: data.get(name) for name in HEAD}
    for name, kind in (("name", str), ("version", int), ("title_zh", str), ("title_en", str)):
        _is(where, name, head[name], kind)
    _is(where, "effective_from", head["effective_from"], date)
    if head["effective_to"] is not None:
        _is(where, "effective_to", head["effective_to"], date)
        if head["effective_to"] < head["effective_from"]:
            raise ProfileError(f"{where}: effective_to lies before effective_from")
    types: dict[str, Any] = data.get("types", {})
    _is(where, "types", types, dict)
    if missing := set(FilingType) - set(types):
        raise ProfileError(f"{where}: types lacks {', '.join(sorted(missing))}")
    _only(f"{where}: types", types, set(FilingType))
    terms: dict[str, Any] = {name: _term(f"{where}: {name}", data.get(name)) for name in TERMS}
    return Profile(
        **head,
        **terms,
        types={
            FilingType(name): _type(f"{where}: types.{name}", rules)
            for name, rules in types.items()
        },
        declarations=_declarations(f"{where}: declarations", data.get("declarations", [])),
    )


def _declarations(where: str, data: Any) -> tuple[Declared, ...]:  # noqa: ANN401 # as below
    _is(where, "it", data, list)
    members = ("name", "article", "text_zh", "text_en")
    for row in data:
        _is(where, "an entry", row, dict)
        _only(where, row, set(members))
        for member in members:
            _is(where, member, row.get(member), str)
    if len({row["name"] for row in data}) < len(data):
        raise ProfileError(f"{where}: a name is there twice")
    return tuple(Declared(**row) for row in data)


def _type(where: str, data: Any) -> TypeRules:  # noqa: ANN401 # whatever the file holds
    _is(where, "it", data, dict)
    _only(where, data, {"papers", "papers_article", "publicity", "is_reviewed"})
    papers = data.get("papers")
    _is(where, "papers", papers, list)
    if unknown := set(papers) - set(InstrumentKind):
        raise ProfileError(f"{where}: papers of no kind: {sorted(unknown)}")
    article = data.get("papers_article")
    _is(where, "papers_article", article, str)
    is_reviewed = data.get("is_reviewed", True)
    _is(where, "is_reviewed", is_reviewed, bool)
    publicity = data.get("publicity")
    return TypeRules(
        papers=frozenset(papers),
        papers_article=article,
        publicity=_term(f"{where}.publicity", publicity) if publicity is not None else None,
        is_reviewed=is_reviewed,
    )


def _term(where: str, data: Any) -> Term:  # noqa: ANN401 # as above
    _is(where, "it", data, dict)
    _only(where, data, {"value", "article", "is_recalled"})
    value, article = data.get("value"), data.get("article")
    _is(where, "value", value, int)
    _is(where, "article", article, str)
    if value < 1:
        raise ProfileError(f"{where}: value is below one")
    is_recalled = data.get("is_recalled", False)
    _is(where, "is_recalled", is_recalled, bool)
    return Term(value=value, article=article, is_recalled=is_recalled)


def _only(where: str, data: Mapping[str, Any], known: set[str]) -> None:
    if unknown := set(data) - known:
        raise ProfileError(f"{where}: unknown {', '.join(sorted(unknown))}")


def _is(where: str, name: str, value: Any, kind: type) -> None:  # noqa: ANN401 # as above
    if type(value) is not kind or value == "":
        raise ProfileError(f"{where}: {name} is missing or no {kind.__name__}")
