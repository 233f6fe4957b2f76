"""Records ↔ pandas DataFrames, with columns that stay.

Calls have one column per field in the flat form of their files (:data:`CALL_COLUMNS`); of profiles the
city's fields become ``city_name``, ``city_country``, … (:data:`PROFILE_COLUMNS`). Lists stay lists, what
is unknown is None. Columns are only ever added at the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

from vie_match.records import Budget, Call, City, Profile
from vie_match.results import Match

if TYPE_CHECKING:
    import pandas as pd

R = TypeVar("R", Call, Profile)

CALL_COLUMNS = (
    *(name for name in Call.model_fields if name not in ("budget", "text", "conditions")),
    *Budget.model_fields,
    "text",
    "conditions",
)
_CITY = "city_"
PROFILE_COLUMNS = (
    *(name for name in Profile.model_fields if name not in ("city", "text")),
    *(f"{_CITY}{name}" for name in City.model_fields),
    "text",
)
MATCH_COLUMNS = (
    "profile",
    "rank",
    "identifier",
    "title",
    "programme",
    "status",
    "deadline",
    "score",
    "probability",
    "grant_min_eur",
    "grant_max_eur",
    "cofunding_rate",
    "url",
    "audience",
    "profile_sentence",
    "call_sentence",
)


def calls_frame(calls: Iterable[Call]) -> pd.DataFrame:
    """Return calls as a DataFrame with :data:`CALL_COLUMNS`, one row a call.

    Parameters
    ----------
    calls : iterable of Call

    Returns
    -------
    pandas.DataFrame

    Examples
    --------
    >>> call = Call(identifier="X-1", title="Shade", programme="LIFE", text="Trees.",
    ...             deadlines=["2099-10-07"])
    >>> calls_frame([call]).loc[0, ["identifier", "deadlines", "grant_max_eur"]].tolist()
    ['X-1', ['2099-10-07'], None]
    """
    return _frame([call.flat() for call in calls], CALL_COLUMNS)


def profiles_frame(profiles: Iterable[Profile]) -> pd.DataFrame:
    """Return profiles as a DataFrame with :data:`PROFILE_COLUMNS`, one row a profile.

    Parameters
    ----------
    profiles : iterable of Profile

    Returns
    -------
    pandas.DataFrame

    Examples
    --------
    >>> profile = Profile(id="a", title="Trees", language="en", text="Trees.",
    ...                   city={"name": "Hamm", "country": "DE"})
    >>> profiles_frame([profile]).loc[0, ["id", "city_name", "budget_eur"]].tolist()
    ['a', 'Hamm', None]
    """
    return _frame([_profile_row(profile) for profile in profiles], PROFILE_COLUMNS)


def matches_frame(matches: Iterable[Match]) -> pd.DataFrame:
    """Return matches as a DataFrame with :data:`MATCH_COLUMNS`, one row a match.

    Parameters
    ----------
    matches : iterable of Match

    Returns
    -------
    pandas.DataFrame

    Examples
    --------
    >>> from vie_match import HashingEncoder, Matcher
    >>> call = Call(identifier="X-1", title="Shade", programme="LIFE", text="Trees.",
    ...             deadlines=["2099-10-07"])
    >>> profile = Profile(id="a", title="Trees", language="en", text="Trees.",
    ...                   city={"name": "Hamm", "country": "DE"})
    >>> ranked = Matcher(HashingEncoder()).fit([call]).rank([profile])[0]
    >>> matches_frame(ranked.matches)[["profile", "rank", "identifier"]].values.tolist()
    [['a', 1, 'X-1']]
    """
    return _frame([match_row(match) for match in matches], MATCH_COLUMNS)


def calls_from_frame(frame: pd.DataFrame) -> list[Call]:
    """Return the calls of a DataFrame; missing columns and empty cells are unknown.

    Parameters
    ----------
    frame : pandas.DataFrame
        With columns of :data:`CALL_COLUMNS`.

    Returns
    -------
    list of Call

    Raises
    ------
    pydantic.ValidationError
        If a row does not fit; its ``title`` names the row, counted from 0.

    Examples
    --------
    >>> call = Call(identifier="X-1", title="Shade", programme="LIFE", text="Trees.",
    ...             deadlines=["2099-10-07"])
    >>> calls_from_frame(calls_frame([call])) == [call]
    True
    """
    return [_record(Call, row, number) for number, row in enumerate(_rows(frame))]


def profiles_from_frame(frame: pd.DataFrame) -> list[Profile]:
    """Return the profiles of a DataFrame; missing columns and empty cells are unknown.

    Parameters
    ----------
    frame : pandas.DataFrame
        With columns of :data:`PROFILE_COLUMNS`.

    Returns
    -------
    list of Profile

    Raises
    ------
    pydantic.ValidationError
        If a row does not fit; its ``title`` names the row, counted from 0.

    Examples
    --------
    >>> profile = Profile(id="a", title="Trees", language="en", text="Trees.",
    ...                   city={"name": "Hamm", "country": "DE"})
    >>> profiles_from_frame(profiles_frame([profile])) == [profile]
    True
    """
    profiles = []
    for number, row in enumerate(_rows(frame)):
        city = {name.removeprefix(_CITY): value for name, value in row.items() if name.startswith(_CITY)}
        rest = {name: value for name, value in row.items() if not name.startswith(_CITY)}
        profiles.append(_record(Profile, rest | {"city": city}, number))
    return profiles


def match_row(match: Match) -> dict[str, Any]:
    """Return a match as one row with :data:`MATCH_COLUMNS`."""
    budget, first = match.call.budget, match.evidence[0] if match.evidence else None
    return {
        "profile": match.profile_id,
        "rank": match.rank,
        "identifier": match.call.identifier,
        "title": match.call.title,
        "programme": match.call.programme.value,
        "status": match.status.value,
        "deadline": str(match.deadline) if match.deadline else None,
        "score": match.score,
        "probability": match.probability,
        "grant_min_eur": budget.grant_min_eur,
        "grant_max_eur": budget.grant_max_eur,
        "cofunding_rate": budget.cofunding_rate,
        "url": match.call.url,
        "audience": match.audience,
        "profile_sentence": first.profile_sentence.text if first else None,
        "call_sentence": first.call_sentence.text if first else None,
    }


def safe_cell(value: Any) -> Any:
    """Return a cell that a spreadsheet shows instead of running it as a formula.

    Examples
    --------
    >>> safe_cell("=1+1"), safe_cell("plain"), safe_cell(-2)
    ("'=1+1", 'plain', -2)
    """
    # The characters that spreadsheets read as the start of a formula (OWASP, "CSV injection").
    return (
        f"'{value}"
        if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r"))
        else value
    )


def _record(kind: type[R], row: dict[str, Any], number: int) -> R:
    try:
        return kind.model_validate(row)
    except ValidationError as error:
        faults = error.errors(include_url=False)
        title = f"row {number} of {kind.__name__}s"
        raise ValidationError.from_exception_data(title, _line_errors(faults)) from None


def _line_errors(faults: list[Any]) -> list[InitErrorDetails]:
    """Return faults in the form from which pydantic makes an error with another title."""
    return [
        InitErrorDetails(
            type=PydanticCustomError(fault["type"], fault["msg"]),
            loc=fault["loc"],
            input=fault["input"],
        )
        for fault in faults
    ]


def _profile_row(profile: Profile) -> dict[str, Any]:
    row = profile.model_dump(mode="json")
    city: Mapping[str, Any] = row.pop("city")
    return row | {f"{_CITY}{name}": value for name, value in city.items()}


def _frame(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> pd.DataFrame:
    import pandas as pd

    # object: a missing whole number must not turn a column of numbers into floats.
    return pd.DataFrame(rows, columns=list(columns), dtype=object)


def _rows(frame: pd.DataFrame) -> Iterable[dict[str, Any]]:
    import pandas as pd

    for row in frame.to_dict(orient="records"):
        yield {
            str(name): value
            for name, value in row.items()
            if not (pd.api.types.is_scalar(value) and pd.isna(value))
        }
