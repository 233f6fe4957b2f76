"""The records in other programs' terms: JSON Schema of the files, field paths of CommonGrants."""

from __future__ import annotations

from typing import Any

from vie_match.records import Budget, Call, Profile


def file_schema(kind: type[Profile] | type[Call]) -> dict[str, Any]:
    """Return the JSON Schema of a file's front matter, where the money stands beside the rest.

    Parameters
    ----------
    kind : type
        ``Profile`` or ``Call``.

    Examples
    --------
    >>> "grant_max_eur" in file_schema(Call)["properties"]
    True
    """
    schema = kind.model_json_schema()
    properties: dict[str, Any] = schema["properties"]
    if properties.pop("budget", None):
        properties |= schema["$defs"].pop("Budget")["properties"]
    # The text is no key of the file: it stands below them.
    del properties["text"]
    schema["required"].remove("text")
    return schema


def commongrants_paths() -> dict[str, str]:
    """Return, for each field of a call that has one, its path in CommonGrants' OpportunityBase.

    Examples
    --------
    >>> commongrants_paths()["grant_max_eur"]
    'funding.maxAwardAmount'
    """
    fields = {**Call.model_fields, **Budget.model_fields}
    return {
        name: str(field.json_schema_extra["commongrants"])
        for name, field in fields.items()
        if isinstance(field.json_schema_extra, dict) and "commongrants" in field.json_schema_extra
    }
