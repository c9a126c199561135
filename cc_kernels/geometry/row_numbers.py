"""The number of each quantity in the arrays `quantities.places` and `quantities.wanted`, for compiled kernels."""

from __future__ import annotations

from cc_kernels.geometry.quantities import COMPANIONS, PACKED

_INDEX = {name: index for index, name in enumerate(PACKED)}

ENERGY = _INDEX["energy"]
GROUP_ENERGY = _INDEX["group_energy"]
BELOW = _INDEX["below_zero"]
VELOCITY = _INDEX["velocity"]
SQUARE = _INDEX["velocity_squared"]
METRIC = _INDEX["quantum_metric"]
CLOSE = _INDEX["close_metric"]
CURVATURE = _INDEX["berry_curvature"]
EXPECTATION = _INDEX["operator_expectation"]
CURRENT = _INDEX["operator_current"]
DIPOLE = _INDEX["s_dipole"]
TORQUE = _INDEX["torque_dipole"]
TORQUE_CURVATURE = _INDEX["torque_berry_curvature"]
S_CURVATURE = _INDEX["s_berry_curvature"]
CURRENT_DIPOLE = _INDEX["current_dipole"]
CURVATURE_OPERATOR = _INDEX["berry_curvature_operator"]
MIXED = _INDEX["mixed_curvature"]
FAR_TORQUE = _INDEX["far_torque_curvature"]
NEAR_TORQUE = _INDEX["near_torque"]
NEAR_CORRECTION = _INDEX["near_torque_correction"]
FAR_DIPOLE = _INDEX["far_current_dipole"]
NEAR_DIPOLE = _INDEX["near_current_dipole"]
FAR_CURVATURE = _INDEX["far_s_curvature"]
NEAR_CURVATURE = _INDEX["near_s_curvature"]
FIRST_COMPANION = _INDEX["projector_increment"]

OWN = tuple(
    (_INDEX[name], len(quantity.indices))
    for name, quantity in PACKED.items()
    if quantity.operator and name not in COMPANIONS
)
"""(number, Cartesian indices) of the quantities of one operator that `pair_sums` fills."""
