"""Responses at any chemical potential and temperature, each a table of integrals over states."""

from cc_kernels.response.equilibrium import equilibrium
from cc_kernels.response.superconductor import superconductor
from cc_kernels.response.transport import transport

__all__ = ["equilibrium", "superconductor", "transport"]
