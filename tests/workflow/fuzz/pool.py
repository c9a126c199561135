"""Values that nobody means, of every type."""

from __future__ import annotations

import datetime
import random
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import xarray as xr

HUGE = 10**30
ABSURD = (float("nan"), float("inf"), -float("inf"), 1e30, -1e30, 1e300, HUGE, -HUGE)
"""Numbers that no argument may have."""


def nested(levels: int) -> list:
    value: list = []
    for _ in range(levels):
        value = [value]
    return value


PLAIN: tuple = (
    *ABSURD,
    *(None, True, False, 0, 1, -1, 2, 3, 0.5, -0.0, 1e-300, -1e-300, 5e-324, 10**9, 2**31, 2**63, 1.5),
    *("", "text", "nan", "1", "1e400", "é", "a" * 300, "\0", "../..", "x\ny", " ", "~", "*"),
    *([], {}, [[]], [None], [1, [2]], [float("nan")], [1e30], ["a"], [True], [0, 0], [1, 2, 3], [-1, 1], nested(30)),
    *({"a": 1}, {1: 2}, {"start": 0, "stop": 1, "num": 3}, {"name": "x"}),
)
"""What a YAML file can hold, too."""

OBJECTS: tuple = (
    *PLAIN,
    *(1j, complex("nan"), b"x", (), (1, 2), {1}, frozenset(), range(3), 10**5000, object(), object, len, lambda: 0),
    *(
        Decimal(1),
        Fraction(1, 2),
        Path("x"),
        datetime.date(2021, 1, 1),
        Ellipsis,
        NotImplemented,
        iter([1]),
        [0] * 10**6,
    ),
    *(np.float32(0.5), np.float64("nan"), np.int8(2), np.bool_(True), np.str_("x"), np.datetime64("2021-01-01")),
    *(
        np.array([]),
        np.zeros((0, 2)),
        np.zeros((2, 0, 2)),
        np.eye(2),
        np.eye(3),
        np.ones((2, 3)),
        np.ones(()),
        np.ones(5),
    ),
    *(np.array([1, None]), np.array(["a"]), np.array([1j]), np.array([np.nan, 1]), np.array([1e200]), np.array([True])),
    *(np.ma.masked, np.ma.array([0.5, 1.0], mask=[False, True]), np.ma.array(np.eye(2), mask=np.eye(2))),
    *([np.ma.array([0.1, 0.2], mask=[0, 1])], [0.5, np.ma.masked], np.ma.array([1, 2])),
    *(np.zeros(2, [("a", "f8")]), np.float16(0.5), np.array([1, 2], np.uint8), np.asfortranarray(np.ones((2, 2)))),
    *(xr.Dataset(), xr.DataArray([0.5, np.nan]), xr.Dataset({"a": 1.0}, attrs={"mesh": "{}", "pieces": "[]"})),
)


def is_absurd(value: object) -> bool:
    """Not a number, or none that could be meant, wherever it stands."""
    if isinstance(value, bool | str | bytes):
        return False
    if value is np.ma.masked or (isinstance(value, np.ma.MaskedArray) and np.ma.is_masked(value)):
        return True
    if isinstance(value, dict):
        return any(map(is_absurd, value.values()))
    if isinstance(value, list | tuple):
        return any(map(is_absurd, value[:10]))
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "fc" and value.size > 0 and not bool((abs(value) < 1e20).all())
    if isinstance(value, int):
        return abs(value) >= 10**20
    return isinstance(value, float | complex | np.number) and not abs(complex(value)) < 1e20


def one_of(draw: random.Random, values: tuple) -> object:
    return values[draw.randrange(len(values))]


def text_of(value: object) -> str:
    """A value in a few words."""
    try:
        text = repr(value[:20] if isinstance(value, list | str | tuple) and len(value) > 20 else value)
    except Exception:
        text = f"<{type(value).__name__}>"
    text = " ".join(text.split())
    return f"{type(value).__name__} {text if len(text) < 100 else text[:100] + '...'}"
