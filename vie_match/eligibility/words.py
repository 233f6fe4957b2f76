"""One text in every language there is, written when somebody asks for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from vie_match.speech import SOURCE, languages, speech

Writer = Callable[[str], str]


class Words(Mapping[str, str]):
    """One text in every language of :func:`vie_match.speech.languages`.

    Two are equal if their English texts are. As JSON it is an object: language → text.

    Parameters
    ----------
    write : callable
        Language → text; called once for each language that is asked for.

    Raises
    ------
    BadValue
        When a text is asked for in a language that there is no catalogue of.

    Examples
    --------
    >>> both = Words(lambda language: speech(language).gettext("not known"))
    >>> both["de"], both == Words.given({"en": "not known"})
    ('nicht bekannt', True)
    """

    __slots__ = ("_write", "_written")

    def __init__(self, write: Writer) -> None:
        self._write = write
        self._written: dict[str, str] = {}

    @classmethod
    def given(cls, texts: Mapping[str, str]) -> Words:
        """Return texts that are written already; what lacks is said in English.

        Parameters
        ----------
        texts : mapping
            Language → text, English among them.

        Examples
        --------
        >>> Words.given({"en": "city"})["de"]
        'city'
        """
        english = texts[SOURCE]
        return cls(lambda language: texts.get(language, english))

    def __getitem__(self, language: str) -> str:
        """Return the text in a language."""
        if language not in self._written:
            self._written[language] = self._write(speech(language).language)
        return self._written[language]

    def __contains__(self, language: object) -> bool:
        return language in languages()

    def __iter__(self) -> Iterator[str]:
        return iter(languages())

    def __len__(self) -> int:
        return len(languages())

    def __eq__(self, other: object) -> bool:
        return self[SOURCE] == other[SOURCE] if isinstance(other, Words) else NotImplemented

    def __hash__(self) -> int:
        return hash(self[SOURCE])

    def __repr__(self) -> str:
        return f"Words({self[SOURCE]!r})"

    def __reduce__(self) -> tuple[Callable[[Mapping[str, str]], Words], tuple[dict[str, str]]]:
        return type(self).given, (dict(self),)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Take words as they are, or an object with English among its languages; give an object."""
        texts = core_schema.chain_schema(
            [
                core_schema.dict_schema(core_schema.str_schema(), core_schema.str_schema()),
                core_schema.no_info_plain_validator_function(_with_english),
            ]
        )
        return core_schema.union_schema(
            [core_schema.is_instance_schema(cls), texts],
            serialization=core_schema.plain_serializer_function_ser_schema(dict),
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Return the schema of the object."""
        return {"type": "object", "additionalProperties": {"type": "string"}, "required": [SOURCE]}


def _with_english(texts: dict[str, str]) -> Words:
    if SOURCE not in texts:
        raise ValueError(
            f"found texts in {', '.join(texts) or 'no language'}; expected English ({SOURCE}) among them"
        )
    return Words.given(texts)


def of_message(message: str, **gaps: str) -> Words:
    """Return one message in every language.

    Parameters
    ----------
    message : str
        Marked with ``N_``.
    **gaps : str
        What stands in its braces.

    Examples
    --------
    >>> of_message("not known")["de"]
    'nicht bekannt'
    """
    return Words(lambda language: speech(language).gettext(message).format(**gaps))


class _Named(Protocol):
    @property
    def en(self) -> str: ...
    @property
    def de(self) -> str: ...


def of_data(one: _Named) -> Words:
    """Return what an entry of the data files is called: they hold English and German themselves.

    Parameters
    ----------
    one : object
        With ``en`` and ``de``.
    """
    return Words.given({"en": one.en, "de": one.de})
