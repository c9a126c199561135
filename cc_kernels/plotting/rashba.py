"""What is known of Rashba electrons in the continuum."""

from __future__ import annotations

from cc_kernels.plotting.study_result import StudyResult


def coupling(result: StudyResult, case: int | None) -> dict[str, float]:
    """Winding of the spin-orbit field, and spin; empty where the model has not both."""
    known = {name: result.parameter(name, case) for name in ("winding", "spin")}
    return {} if None in known.values() else known


def universal_value(result: StudyResult, case: int | None) -> float:
    """Size of the universal intrinsic spin Hall conductivity in e/8pi, 2 winding spin; 0 for other models."""
    known = coupling(result, case)
    return 2 * abs(known["winding"] * known["spin"]) if known else 0.0
