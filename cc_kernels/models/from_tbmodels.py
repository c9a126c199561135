"""Models of TBmodels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from cc_kernels.errors import InputError, stated
from cc_kernels.models.operators import charge
from cc_kernels.models.tight_binding import TightBinding

if TYPE_CHECKING:
    from cc_kernels.arguments import NamedOperators, Names


def from_tbmodels(
    tbmodels_model: Any, *, operators: NamedOperators | None = None, **labels: Unpack[Names]
) -> TightBinding:
    """Return the tight-binding model of a `tbmodels.Model`, whose `uc` is in angstrom.

    Parameters
    ----------
    tbmodels_model : of its attributes `hop` {R: matrix} (one of each pair R, -R, and half of R = 0), `pos` and `uc`.
    operators : {name: `Operator` or Hermitian (nb, nb) matrix}, beside charge.
    labels : name, description, parameters, degeneracy_tolerance.

    Errors: `InputError` for what is no such model, and for one without a unit cell.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> import cc_kernels as cc
    >>> hop = {(0,): [[0.5]], (1,): [[-1.0]]}  # as tbmodels.Model(on_site=[1.0], hop=..., uc=[[1.0]]) keeps it
    >>> chain = SimpleNamespace(hop=hop, pos=[[0.0]], uc=[[1.0]])
    >>> cc.from_tbmodels(chain).levels([[0.0]]).item()
    -1.0
    """
    try:
        hop, pos, uc = tbmodels_model.hop, tbmodels_model.pos, tbmodels_model.uc
    except AttributeError as error:
        given = stated(f"a {type(tbmodels_model).__name__} ({error})")
        raise InputError("tbmodels_model", given, "a tbmodels.Model") from None
    if uc is None:
        raise InputError("tbmodels_model", stated("a model without a unit cell"), "one with `uc`, for its velocities")
    blocks: dict[tuple[int, ...], np.ndarray] = {}
    for cell, matrix in hop.items():
        block = np.array(matrix.toarray() if hasattr(matrix, "toarray") else matrix, dtype=complex)
        for R, half in ((tuple(cell), block), (tuple(-n for n in cell), block.conj().T)):
            blocks[R] = blocks.get(R, 0) + half
    cells, matrices = list(blocks), np.array(list(blocks.values()))
    own = charge(matrices.shape[-1] if matrices.ndim == 3 else 0)
    return TightBinding(uc, cells, matrices, np.asarray(pos) @ np.asarray(uc), {**own, **(operators or {})}, **labels)
