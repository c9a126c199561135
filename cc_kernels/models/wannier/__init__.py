"""Models from the files of Wannier90: Hamiltonian, positions and spin between Wannier functions."""

from cc_kernels.models.wannier.reader import read_wannier90

__all__ = ["read_wannier90"]
