"""Two linear spin-orbit fields at once: the intrinsic conductivity has diagonal elements (tests/README.md)."""

from __future__ import annotations

import numpy as np
import pytest

from cc_kernels import build_model, transport
from tests.analytic.systems import UNIT, RashbaDresselhaus


@pytest.mark.parametrize(("alpha", "beta"), [(0.7, 0.28), (0.7, -0.28), (0.28, 0.7), (-0.5, 0.3), (0.7, 0.0)])
def test_linear_fields_in_the_continuum(alpha: float, beta: float) -> None:
    """At 600 K (0.0517 eV) and mu = 1 eV the crossing costs exp(-1/0.0517) = 4e-9, the grid exp(-26)."""
    system = RashbaDresselhaus(alpha, beta)
    result = transport(system.model, operator="spin_z", grid=256, mu=1.0, temperature=600.0)
    sigma = result.sigma_intrinsic.values[0, 0]
    np.testing.assert_allclose(sigma / UNIT, system.sigma_intrinsic() / UNIT, rtol=0, atol=1e-7)
    assert np.abs(result.sigma_hall).max() < 1e-14 * UNIT  # s_n = 0


def test_small_contours_on_the_lattice() -> None:
    """sin k = k - k^3/6: with k_F half as large, the diagonal elements are off by a quarter; the others by nothing."""
    expected = RashbaDresselhaus(0.5, 0.2).sigma_intrinsic() / UNIT
    off = []
    for scale, grid in ((0.5, 512), (0.25, 1024)):  # energies fall as k_F^2, and the grid follows k_F
        model = build_model("rashba_dresselhaus", alpha=0.5 * scale, beta=0.2 * scale)
        result = transport(model, operator="spin_z", grid=grid, mu=1.6 * scale**2, temperature=1000.0 * scale**2)
        sigma = result.sigma_intrinsic.values[0, 0] / UNIT
        assert sigma[0, 1] == pytest.approx(-1, abs=1e-6)
        assert sigma[1, 1] == pytest.approx(-sigma[0, 0], abs=1e-10)
        off.append(sigma[0, 0] - expected[0, 0])
    assert abs(off[0]) < 0.01
    assert off[0] / off[1] == pytest.approx(4, rel=0.1)  # the next order is k_F^4: 7 % of it are seen
