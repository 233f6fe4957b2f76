"""How a record looks in a notebook: escaped HTML cards and tables.

Every string is escaped here and nowhere else; links are kept only when they are http(s).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from html import escape
from urllib.parse import urlsplit

_CARD = (
    '<div class="vie-match" style="border:1px solid #8886;border-radius:6px;'
    'padding:.6em 1em;max-width:60em;margin:.4em 0">'
)

# Would end a line of a calendar or of a mail's header.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def safe_url(url: str | None) -> str | None:
    r"""Return the address if it is http(s) with a host and on one line, else None.

    Examples
    --------
    >>> safe_url("https://example.org/a"), safe_url("javascript:alert(1)"), safe_url("https://a.eu/\nBcc: b")
    ('https://example.org/a', None, None)
    """
    if not url or _CONTROL.search(url.strip()):
        return None
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return None
    return url.strip() if parts.scheme in ("http", "https") and parts.netloc else None


def link(text: str, url: str | None) -> str:
    """Return an HTML link, or the escaped text alone when the address is not http(s).

    Examples
    --------
    >>> link("<b>", "javascript:x")
    '&lt;b&gt;'
    """
    address = safe_url(url)
    if address is None:
        return escape(text)
    return f'<a href="{escape(address, quote=True)}" rel="noopener noreferrer">{escape(text)}</a>'


def money(amount: int | None) -> str:
    """Return an amount with its thousands apart; nothing when unknown.

    Examples
    --------
    >>> money(1800000), money(None)
    ('1 800 000', '')
    """
    return "" if amount is None else f"{amount:,}".replace(",", " ")


def span(low: int | None, high: int | None, show: Callable[[int | None], str] = money) -> str:
    """Return a range of amounts, either end of which may be unknown.

    Parameters
    ----------
    low, high : int or None
    show : callable, optional
        Writes one amount.

    Examples
    --------
    >>> span(1000, 2000), span(None, 5), span(5, None), span(5, 5)
    ('1 000 to 2 000', 'up to 5', 'from 5', '5')
    """
    if low == high:
        return show(high)
    if low is None or high is None:
        return f"up to {show(high)}" if low is None else f"from {show(low)}"
    return f"{show(low)} to {show(high)}"


def card(title: str, rows: Iterable[tuple[str, object]], url: str | None = None) -> str:
    """Return a card with a title and label-value rows; empty values are left out."""
    body = "".join(
        f"<tr><th style='text-align:left;vertical-align:top;padding-right:1em'>{escape(label)}</th>"
        f"<td style='text-align:left'>{escape(str(value))}</td></tr>"
        for label, value in rows
        if value not in (None, "", ())
    )
    return f"{_CARD}<strong>{link(title, url)}</strong><table>{body}</table></div>"


def table(headers: Sequence[str], rows: Iterable[Sequence[str]], caption: str = "") -> str:
    """Return an HTML table; the cells must already be escaped (see :func:`link`)."""
    head = "".join(f"<th scope='col' style='text-align:left'>{escape(name)}</th>" for name in headers)
    body = "".join(
        "<tr>" + "".join(f"<td style='text-align:left'>{cell}</td>" for cell in row) + "</tr>" for row in rows
    )
    return (
        f"{_CARD}<table><caption style='text-align:left'><strong>{escape(caption)}</strong></caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )
