"""The one exception for input that a user can mend."""

from __future__ import annotations


class InputError(ValueError):
    """Bad input: names the key or argument, what was given and what is allowed.

    Parameters
    ----------
    key : the configuration key or argument, as the user writes it (``studies.rashba.grid.start``).
    given : the offending value.
    allowed : what would have been accepted, in words.

    Examples
    --------
    >>> import cc_kernels as cc
    >>> try:
    ...     cc.build_model("rashba_square", alfa=0.4)
    ... except cc.InputError as error:
    ...     print(error.key)
    parameter of the model rashba_square
    """

    def __init__(self, key: str, given: object, allowed: str) -> None:
        self.key, self.given, self.allowed = key, given, allowed
        super().__init__(f"{key}: got {_shorten(given)}; allowed: {allowed}")


def _shorten(value: object, limit: int = 120) -> str:
    text = value if isinstance(value, _Verbatim) else _repr(value, limit)
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 3] + "..."


def _repr(value: object, limit: int) -> str:
    """Of what is long, its beginning: millions of numbers would take seconds, and no more of them is shown."""
    try:
        if isinstance(value, list | tuple | str | bytes) and len(value) > limit:
            value = value[:limit]
        return repr(value)
    except Exception:  # whole numbers of thousands of digits, and what objects of others raise
        return f"<{type(value).__name__}>"


class _Verbatim(str):
    """Text to print as it stands, without quotes ("a matrix of shape (2, 3)")."""


def stated(text: str) -> str:
    """Mark `text`, so that the message of an `InputError` shows it without quotes."""
    return _Verbatim(text)
