"""What a figure needs of the studies that it shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cc_kernels.responses.registry import names_of

if TYPE_CHECKING:
    import xarray as xr

SIGNATURE = {
    "transport": "sigma_intrinsic",
    "companions": "sigma_hall_projector",
    "disorder": "sigma_dipole_scattering",
    "equilibrium": "net_current",
    "superconductor": "magnetization_moment",
    "thermal": "alpha_conventional",
    "thermal_companions": "alpha_torque_kubo",
}
"""The variable by which a response is recognized."""


@dataclass(frozen=True)
class Needs:
    """What a study must have to be shown.

    Attributes
    ----------
    responses : responses that the study must have, all of them.
    any_of : responses of which the study must have at least one.
    variables : of the responses, where those that a response always has are not enough.
    drawn : all that is drawn of the responses, for studies that have chosen their variables; None: not known, so that
        such a study cannot be shown.
    levels : whether the responses on the coarser grids are shown too.
    map_variables : variables of the study's maps over the zone; empty where no maps are needed.
    """

    responses: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    drawn: tuple[str, ...] | None = None
    levels: bool = False
    map_variables: tuple[str, ...] = ()

    @property
    def maps(self) -> bool:
        """Whether the figure shows maps over the zone."""
        return bool(self.map_variables)

    def missing_responses(self, available: set[str]) -> str:
        """What is missing among the responses, in words; empty if nothing is."""
        missing = [name for name in self.responses if name not in available]
        if self.any_of and not available.intersection(self.any_of):
            missing.append(" or ".join(self.any_of))
        return ", ".join(missing)


def responses_in(response: xr.Dataset) -> set[str]:
    """Names of the responses that a dataset holds, or has chosen variables of."""
    every = {name: set(names_of([name])) for name in SIGNATURE}
    found = set()
    for name, variable in SIGNATURE.items():
        alone = every[name].difference(*(others for other, others in every.items() if other != name))
        if variable in response or alone.intersection(map(str, response.data_vars)):
            found.add(name)
    return found
