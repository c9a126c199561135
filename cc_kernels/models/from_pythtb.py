"""Models of PythTB, 1.8 (`tb_model`) and 2 (`TBModel`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from cc_kernels.errors import InputError, stated
from cc_kernels.models.operators import charge, spins
from cc_kernels.models.tight_binding import TightBinding

if TYPE_CHECKING:
    from cc_kernels.arguments import NamedOperators, Names

_ALLOWED = "a model of PythTB 1.8 (tb_model) or 2 (TBModel) with periodic directions"
_Hop = tuple[Any, int, int, Any]


def from_pythtb(pythtb_model: Any, *, operators: NamedOperators | None = None, **labels: Unpack[Names]) -> TightBinding:
    """Return the tight-binding model of a PythTB model, in eV and angstrom as far as that is.

    Parameters
    ----------
    pythtb_model : a `tb_model` of PythTB 1.8, or a `TBModel` of PythTB 2 without free parameters. Of directions that
        are not periodic (a ribbon, a slab) only positions along the periodic ones are kept.
    operators : {name: `Operator` or Hermitian (nb, nb) matrix}, beside charge and, of a spinful model, spin_x, spin_y,
        spin_z in hbar. States are in PythTB's order, the two spins of an orbital next to each other.
    labels : name, description, parameters, degeneracy_tolerance.

    Errors: `InputError` for what is no such model, and for free parameters.

    Examples
    --------
    >>> import cc_kernels as cc
    >>> from pythtb import tb_model
    >>> chain = tb_model(1, 1, lat=[[1.0]], orb=[[0.0]])
    >>> chain.set_hop(-1.0, 0, 0, [1])
    >>> cc.from_pythtb(chain).levels([[0.0]]).item()
    -2.0
    """
    try:
        lattice, orbitals, periodic, nspin, onsite, hops = _parts(pythtb_model)
    except (AttributeError, KeyError) as error:
        given = stated(f"a {type(pythtb_model).__name__} ({error})")
        raise InputError("pythtb_model", given, _ALLOWED) from None
    if not periodic:
        raise InputError("pythtb_model", stated("a model without a periodic direction"), _ALLOWED)
    frame = _frame_of(lattice[periodic])
    bands = len(orbitals) * nspin
    blocks: dict[tuple[int, ...], np.ndarray] = {}

    def add(i: int, j: int, R: tuple[int, ...], value: Any) -> None:
        block = blocks.setdefault(R, np.zeros((bands, bands), dtype=complex))
        block[i * nspin : (i + 1) * nspin, j * nspin : (j + 1) * nspin] += value

    for i, energy in enumerate(onsite):
        add(i, i, (0,) * len(periodic), energy)
    for value, i, j, cell in hops:
        R = tuple(int(cell[axis]) for axis in periodic)
        add(i, j, R, value)
        add(j, i, tuple(-n for n in R), np.conj(np.transpose(value)))
    own = charge(bands) | (spins(0.5, len(orbitals)) if nspin == 2 else {})
    return TightBinding(
        lattice[periodic] @ frame.T,
        list(blocks),
        np.array(list(blocks.values())),
        np.repeat(orbitals @ lattice @ frame.T, nspin, axis=0),
        {**own, **(operators or {})},
        **labels,
    )


def _parts(model: Any) -> tuple[np.ndarray, np.ndarray, list[int], int, Any, Iterator[_Hop]]:
    """Lattice (rows), reduced positions, periodic directions, spins, energies of orbitals, and hoppings."""
    if hasattr(model, "lat_vecs"):  # 2
        if any(getattr(model, name, None) for name in ("_onsite_param_terms", "_hopping_param_terms")):
            given = stated("a TBModel with free parameters")
            raise InputError("pythtb_model", given, "one with numbers for all of its terms")
        nothing = [0] * len(model.lat_vecs)
        hops = (
            (hop["amplitude"], hop["from_orbital"], hop["to_orbital"], hop.get("lattice_vector", nothing))
            for hop in model.hoppings
        )
        return model.lat_vecs, model.orb_vecs, list(model.periodic_dirs), int(model.nspin), model.onsite, hops
    nothing = [0] * len(model._lat)
    hops = ((hop[0], hop[1], hop[2], hop[3] if len(hop) > 3 else nothing) for hop in model._hoppings)
    return model._lat, model._orb, list(model._per), int(model._nspin), model._site_energies, hops


def _frame_of(vectors: np.ndarray) -> np.ndarray:
    """(periodic, dim) Cartesian axes of the model: PythTB's own where the vectors lie along as many of them; else those
    of the vectors, the first of them along x."""
    axes = np.flatnonzero(np.abs(vectors).max(axis=0) > 1e-12 * np.abs(vectors).max())
    if len(axes) == len(vectors):
        return np.eye(vectors.shape[1])[axes]
    q, r = np.linalg.qr(vectors.T)
    return (q * np.sign(np.diag(r))).T
