"""The fixture with which a test states an identity: it asserts, and it leaves the error for `make identities`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from cc_kernels.models import Model
from tests.identities.table import IDENTITIES, Entry


@pytest.fixture
def identity(record_property: Callable[[str, object], None]) -> Callable[..., None]:
    """identity(name, model, error, tolerance, series=()): assert error <= tolerance, and record both.

    name : a row of `table.IDENTITIES`.
    error, tolerance : relative to the scale that the test names.
    series : (label, error) of a statement that converges.
    """

    def state(
        name: str, model: Model, error: float, tolerance: float, series: Sequence[tuple[str, float]] = ()
    ) -> None:
        assert name in IDENTITIES
        random = model.name == "unnamed"
        about = "" if random else model.name, model.dim, model.num_bands
        entry = Entry(name, *about, float(error), float(tolerance), model.statistics)
        # Plain tuples and numbers: with several workers the report comes from another process.
        record_property("identity", (tuple(entry), tuple((label, float(error)) for label, error in series)))
        assert error <= tolerance, f"{name}: {error:.2e} > {tolerance:.2e}"

    return state
