"""The spin that a model carries: is it one half, does it commute with the positions, and which orbitals are a pair?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from cc_kernels.models import Model, TightBinding
from cc_kernels.models.base import FERMI
from cc_kernels.models.operators_at_k import OperatorsAtK
from cc_kernels.models.wannier.spin_order import pairs_of, spin_dependence

SPIN = ("spin_x", "spin_y", "spin_z")


def spin_lines(model: Model, k: np.ndarray) -> Iterator[tuple[str, str]]:
    """One line each."""
    names = [name for name in SPIN if name in model.operators]
    yield "operators", ", ".join(f"{name} ({one.unit})" for name, one in model.operators.items()) or "none"
    if names and model.statistics == FERMI:  # of bosons, matrices in (b, b^+) are no spins
        values = OperatorsAtK(model, [model.operators[name] for name in names])(k)
        eigenvalues = np.linalg.eigvalsh(values)
        yield "spin eigenvalues", f"{eigenvalues.min():.4f} to {eigenvalues.max():.4f} hbar, of {', '.join(names)}"
        if len(names) == 3:
            square = np.linalg.eigvalsh((values @ values).sum(0))
            yield "s^2", f"{square.min():.4f} to {square.max():.4f} hbar^2; 3/4 is a spin of one half"
    if names:
        mixing = max(model.position_commutator(model.operators[name]) for name in names)
        about = "Eq. (5) is exact" if mixing < 1e-10 else "Eq. (5) is approximate"
        yield "[s, r]", f"{mixing:.2g} angstrom hbar: {about}"
    if isinstance(model, TightBinding) and not model.num_bands % 2 and model.has_mu:
        yield "spin order", _orders(model)


def _orders(model: TightBinding) -> str:
    """How much of H depends on spin, were the orbitals in one of the named orders: little of it in the right one."""
    home = len(model.R) // 2
    shares = {
        name: spin_dependence(pairs_of(name, model.num_bands), model.hoppings, home)
        for name in ("interlaced", "blocks")
    }
    best = min(shares, key=lambda name: shares[name])
    text = ", ".join(f"{share:.1%} if {name}" for name, share in shares.items())
    other = max(shares.values())
    guess = (
        f"looks {best}" if shares[best] < 0.1 and other > 4 * shares[best] else "neither is plain: pairs, or no spin"
    )
    return f"of |H|^2 depends on spin {text}: {guess}"
