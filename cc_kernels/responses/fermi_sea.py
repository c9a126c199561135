"""What the response `disorder` needs of the Fermi sea: the Hall part of Eq. (15). The rest is on Fermi lines."""

from __future__ import annotations

from cc_kernels.responses import transport
from cc_kernels.sums.variables import Variable


def table(dim: int) -> dict[str, Variable]:
    return {"sigma_hall": transport.table(dim)["sigma_hall"]}
