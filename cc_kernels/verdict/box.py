"""The edge of a continuum model's box +-k_max: where Fermi lines leave it, and what is occupied there.

A band that rises outward and lies below mu at the edge, or falls outward and lies above it, has a Fermi line there or
beyond: such a mu is refused. A band that is filled at the edge cuts the Fermi sea, and so does a thermal tail:
integrals over the sea may then depend on k_max, and a warning says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cc_kernels.errors import InputError
from cc_kernels.sums.fermi_windows import occupation as fermi
from cc_kernels.sums.mesh import check_mu
from cc_kernels.units import KELVIN

if TYPE_CHECKING:
    import xarray as xr

    from cc_kernels.models import Model

BOTTOM = "edge_bottom"
"""Attribute of sums and responses: the lowest energy at the edge of the box, eV."""
NOTABLE = 1e-6
"""An occupation of the edge above this is worth a warning; 14 k_B T below the edge it is smaller."""
_PER_FACE = 64
_FLAT = 1e-9
"""A band is flat where it gains less than this part of the largest energy over the box: the differences of a
`FunctionModel` are exact to 5e-13 of it."""


@dataclass(frozen=True)
class Edge:
    """The bands at the edge of a box.

    Attributes
    ----------
    lowest : the least mu whose Fermi lines lie inside; -inf if no band falls outward.
    highest : the largest; inf if no band rises outward.
    bottom : the lowest energy. All in eV.
    """

    lowest: float
    highest: float
    bottom: float

    @classmethod
    def of(cls, model: Model) -> Edge:
        """A band that rises somewhere at the edge must lie above mu all along it; one that falls, below.

        It rises where it does along the normal and away from k = 0, both: the one alone fails for tilted ellipses,
        the other for pockets near a corner. One that has turned over, but lies still above its energy at k = 0, does
        not fall: what it does far outside is no part of the model. Where Fermi lines leave the box at every mu (a
        saddle), states at the edge are filled for all mu within their energies, and the warning has to do.
        """
        k, normal = faces(model)
        each = [_energies_and_velocities(model, face) for face in np.split(k, 2 * model.dim)]
        energies, v = (np.concatenate(parts) for parts in zip(*each, strict=True))
        centre = model.levels(np.zeros((1, model.dim)))
        gain = np.stack([np.einsum("xni,xi->xn", v, outward) for outward in (model.k_max * normal, k)])
        flat = _FLAT * max(abs(energies).max(), abs(gain).max())
        rises, falls = (gain > flat).all(0), (gain < -flat).all(0) & (energies < centre)
        if model.dim == 1:  # the two ends of a line are not connected
            energies, rises, falls = (x.reshape(1, -1) for x in (energies, rises, falls))
        lowest = energies.max(0)[falls.any(0)].max(initial=-np.inf)
        highest = energies.min(0)[rises.any(0)].min(initial=np.inf)
        if lowest > highest and not model.is_superconductor:
            lowest, highest = energies.min(), energies.max()
        return cls(float(lowest), float(highest), float(energies.min()))


def faces(model: Model) -> tuple[np.ndarray, np.ndarray]:
    """About 64 points on each face of the box, corners included, and the outward normals: (points, dim) twice."""
    steps = round(_PER_FACE ** (1 / max(model.dim - 1, 1)))
    within = [np.linspace(-1, 1, steps + 1)] * (model.dim - 1)
    face = np.stack(np.meshgrid(*within, [1.0], indexing="ij"), -1).reshape(-1, model.dim)
    normal = np.zeros_like(face)
    normal[:, -1] = 1
    sides = [(axis, sign) for axis in range(model.dim) for sign in (-1, 1)]
    k, normals = (np.concatenate([sign * np.roll(x, axis, 1) for axis, sign in sides]) for x in (face, normal))
    return model.k_max * k, normals


def _energies_and_velocities(model: Model, k: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """eps_n (points, bands) and v_n (points, bands, dim)."""
    solved = model.solve(k, phases=False)
    states = solved.states
    return solved.energies, np.einsum("xan,xiab,xbn->xni", states.conj(), solved.velocity, states, optimize=True).real


def check_box(model: Model, mu: object) -> None:
    """Refuse a chemical potential (eV; a superconductor's is 0) whose Fermi lines leave the box.

    Raises
    ------
    InputError : names mu, or the box of a superconductor, and what is allowed.
    """
    if model.k_max is None:
        return
    mu, edge = check_mu(mu), Edge.of(model)
    outside = mu[(mu < edge.lowest) | (mu > edge.highest)]
    if not outside.size:
        return
    if model.is_superconductor:
        raise InputError("k_max", model.k_max, "a box that holds all states near zero energy")
    box = f"the box |k| <= k_max = {model.k_max:g}"
    allowed = f"{_range(edge.lowest, edge.highest)} eV: beyond, Fermi lines leave {box}"
    raise InputError("mu", float(outside[0]), allowed)


def _range(lowest: float, highest: float) -> str:
    if np.isinf(lowest):
        return f"at most {highest:.6g}"
    return f"at least {lowest:.6g}" if np.isinf(highest) else f"between {lowest:.6g} and {highest:.6g}"


def edge_attributes(model: Model) -> dict[str, float]:
    """What sums carry of the edge; nothing on a lattice."""
    return {} if model.k_max is None else {BOTTOM: Edge.of(model).bottom}


def edge_occupation(result: xr.Dataset) -> float:
    """The largest occupation at the edge of the box, over mu and temperature; 0 on a lattice."""
    if BOTTOM not in result.attrs:
        return 0.0
    mu = float(result["mu"].max()) if "mu" in result.coords else 0.0
    # that of the Fermi sea, where a result of disorder has no other
    kelvin = result["temperature"].values if "temperature" in result.coords else result.attrs["hall_temperature"]
    T = KELVIN * np.asarray(kelvin)
    return float(np.max(fermi((result.attrs[BOTTOM] - mu) / T, T)))


def warning_of(result: xr.Dataset) -> str:
    """A sentence where the edge is occupied, else empty."""
    occupation = edge_occupation(result)
    if not occupation > NOTABLE:
        return ""
    what = "bands filled" if occupation > 0.5 else f"states occupied by heat ({occupation:.1g})"
    k_max = f"k_max = {result.attrs['k_max']:g}" if "k_max" in result.attrs else "k_max"
    return f"{what} at the edge of the box: results depend on {k_max} (see docs/conventions.md)"
