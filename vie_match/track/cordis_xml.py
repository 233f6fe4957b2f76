"""CORDIS's dump as XML: one ``<project>`` per file.

Read with the parser of the standard library, which stops at the first declaration of a document type: without
one there are no entities, hence none that grow when read.
"""

from __future__ import annotations

from typing import NoReturn
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from vie_match.errors import SourceChanged
from vie_match.track import grants
from vie_match.track.dumps import Dump
from vie_match.track.gathering import Gathering
from vie_match.track.grants import Grant, Member

FILES = r"\.xml"

# A project is some ten elements deep.
_DEEPEST = 100
# What the parser of the standard library raises for texts it cannot read or decode.
_UNREADABLE = (expat.ExpatError, LookupError, ValueError)


def is_here(dump: Dump) -> bool:
    """Tell whether an archive holds files of XML."""
    return bool(dump.members(FILES))


def parse(dump: Dump, gathering: Gathering) -> None:
    """Read the municipalities' participations of an archive of XML files.

    Parameters
    ----------
    dump : Dump
    gathering : Gathering
        Gets the participations; a file that is no project is rejected there.

    Raises
    ------
    SourceChanged
        If no file is a project with a municipality.
    SourceRefused
        If the archive is not to be trusted.
    """
    names = dump.members(FILES)
    taken = sum(_take(name, dump.content(name), gathering) for name in names)
    if not taken:
        raise SourceChanged(
            f"{dump.name}: found no municipality in {len(names)} files; expected some; look whether "
            "organisations still have legalName, type and category"
        )
    gathering.notice(f"{dump.name}: {taken} organisations in {len(names)} projects are municipalities")


def _take(name: str, content: bytes, gathering: Gathering) -> int:
    try:
        grant, members = parse_project(content, name)
    except SourceChanged as error:
        gathering.reject(name, str(error))
        return 0
    present = {member.pic or member.name for member in members}
    own = [member for member in members if member.is_municipality]
    for member in own:
        grants.take(grant, member, len(present), gathering)
    return len(own)


def parse_project(content: bytes, place: str) -> tuple[Grant, list[Member]]:
    """Read one file.

    Parameters
    ----------
    content : bytes
    place : str
        Name of the file, for messages.

    Returns
    -------
    tuple
        The grant, and all organisations in it.

    Raises
    ------
    SourceChanged
        If it is no XML, declares a document type, or is no project with a number.
    """
    project = _tree(content, place)
    project_id = _text(project, "id")
    if project.tag != "project" or not project_id:
        raise SourceChanged(f"{place}: found <{project.tag}>; expected <project> with an <id>")
    related = {one.get("type", ""): one for one in reversed(project.findall(".//programme"))}
    topic = related.get("relatedTopic")
    basis = related.get("relatedLegalBasis")
    framework = next((one.text for one in project.iter("frameworkProgramme") if one.text), None)
    grant = Grant(
        project_id=project_id,
        acronym=_text(project, "acronym"),
        start=_text(project, "startDate"),
        end=_text(project, "endDate"),
        signed=_text(project, "ecSignatureDate"),
        topic=_text(topic, "code"),
        framework=(framework or _text(basis, "code")).strip(),
    )
    return grant, [_member(one, project_id) for one in project.iter("organization")]


def _member(organisation: Element, project_id: str) -> Member:
    kinds = {one.get("classification"): _text(one, "code") for one in organisation.iter("category")}
    return Member(
        project_id=project_id,
        name=_text(organisation, "legalName"),
        role=organisation.get("type", ""),
        pic=_text(organisation, "id"),
        activity=kinds.get("organizationActivityType", ""),
        city=_text(organisation, "address/city"),
        country=_text(organisation, "address/country"),
        nuts=_nuts(organisation),
        place=_text(organisation, "address/geolocation"),
        total=organisation.get("ecContribution", ""),
        own=organisation.get("netEcContribution", ""),
    )


def _nuts(organisation: Element) -> str:
    """Return the longest code: beside the region stands its country."""
    codes = [_text(one, "nutsCode") for one in organisation.iter("region")]
    return max(codes, key=len, default="")


def _text(element: Element | None, path: str) -> str:
    return (element.findtext(path) or "").strip() if element is not None else ""


def _tree(content: bytes, place: str) -> Element:
    """Return the tree of a file, its names without their namespace."""
    builder = TreeBuilder()
    parser = expat.ParserCreate(namespace_separator="}")
    depth = 0

    def begin(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEEPEST:
            raise SourceChanged(f"{place}: found elements more than {_DEEPEST} deep; expected a project")
        builder.start(name.rpartition("}")[2], attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(name.rpartition("}")[2])

    def refuse(*_: object) -> NoReturn:
        raise SourceChanged(f"{place}: found a document type declaration; expected a project without one")

    parser.StartElementHandler = begin
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(content, True)
    except _UNREADABLE as error:
        raise SourceChanged(f"{place}: found no XML ({error}); expected a project") from error
    return builder.close()
