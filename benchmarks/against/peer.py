"""One row of another library, in that library's own environment: `python -m benchmarks.against.peer CASE ROW`.

Every row returns {quantity: value at each mu} in this project's sign and unit (e = hbar = 1, angstrom): "hall" is
sigma_xy = int f Omega^{yxs}, "magnetization" that of charge.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from importlib.metadata import version

import numpy as np

from benchmarks.against.case import Case
from benchmarks.against.served import serve

Row = Callable[[int, np.ndarray], dict[str, np.ndarray]]
"""Grid and mu -> values."""


def pythtb_model(case: Case):
    """The model in PythTB; its `set_hop` adds the conjugate by itself, so one of each pair is given."""
    from pythtb import tb_model

    positions = np.linalg.solve(case.lattice.T, case.positions.T).T
    model = tb_model(2, 2, case.lattice, positions)
    onsite = case.hoppings[(case.R == 0).all(axis=1)][0]
    model.set_onsite(np.diag(onsite).real)
    for cell, matrix in zip(case.R, case.hoppings, strict=True):
        for i, j in np.argwhere(matrix):
            if tuple(cell) > (0, 0) or (not cell.any() and i < j):
                model.set_hop(matrix[i, j], int(i), int(j), [int(n) for n in cell])
    return model


def wannierberri(case: Case, quantities: tuple[str, ...]) -> Row:
    """Its static calculators, without the external terms (the basis has none) and without symmetry."""
    import wannierberri as wb
    from wannierberri.calculators.static import AHC, SHC, Morb
    from wannierberri.system import System_R

    system = System_R.from_pythtb(pythtb_model(case), silent=True)
    area = abs(np.linalg.det(case.lattice))
    if not case.is_charge:
        spin = np.zeros((case.bands, case.bands, 3), dtype=complex)
        spin[:, :, 2] = case.operator
        system.set_R_mat("SS", spin, R=[0, 0, 0])
    internal = {"external_terms": False}

    def run(grid: int, mu: np.ndarray) -> dict[str, np.ndarray]:
        keywords = {"Efermi": mu, "constant_factor": 1.0, "save_mode": ""}
        calculators = {}
        if "hall" in quantities and case.is_charge:
            calculators["hall"] = AHC(**keywords, kwargs_formula=internal)
        elif "hall" in quantities:
            simple = {"spin_current_type": "simple", **internal}
            calculators["hall"] = SHC(**keywords, kwargs_formula=simple)
        if "magnetization" in quantities:
            calculators["magnetization"] = Morb(**keywords, kwargs_formula=internal)
        found = wb.run(
            system,
            wb.Grid(system, NK=[grid, grid, 1], use_symmetry=False),
            calculators,
            use_irred_kpt=False,
            symmetrize=False,
            parallel=False,
            fout_name="",
        ).results
        values = {}
        if "hall" in calculators:
            data = found["hall"].data
            values["hall"] = -data[:, 2] if case.is_charge else -data[:, 0, 1, 2]
        if "magnetization" in calculators:
            values["magnetization"] = found["magnetization"].data[:, 2] / area / 2
        return values

    return run


def sisl(case: Case) -> Row:
    """`sisl.physics.electron.ahc`, with the operator in the current as its `shc` does."""
    import sisl as library
    from sisl.physics.electron import _ahc_const, ahc

    cell = np.diag([0.0, 0.0, 20.0])
    cell[:2, :2] = case.lattice
    sites = np.hstack([case.positions, np.zeros((case.bands, 1))])
    lattice = library.Lattice(cell, nsc=[3, 3, 1])
    lattice.pbc = [True, True, False]
    geometry = library.Geometry(sites, library.Atom(1, R=9.0), lattice)
    hamiltonian = library.Hamiltonian(geometry, dtype=np.complex128)
    for R, matrix in zip(case.R, case.hoppings, strict=True):
        for i, j in np.argwhere(matrix):
            hamiltonian[int(i), int(j), (int(R[0]), int(R[1]), 0)] = matrix[i, j]

    def current(velocity: np.ndarray, _: int) -> np.ndarray:
        return (velocity @ case.operator + case.operator @ velocity) / 2

    operators = {} if case.is_charge else {"operator": (current, lambda velocity, _: velocity)}

    def run(grid: int, mu: np.ndarray) -> dict[str, np.ndarray]:
        found = ahc(
            library.MonkhorstPack(hamiltonian, [grid, grid, 1], trs=False),
            distribution=library.get_distribution("step", x0=np.reshape(mu, (-1, 1))),
            eigenstate_kwargs={"format": "array", "gauge": "atomic"},
            derivative_kwargs={"axes": "xy"},
            **operators,
        )
        return {"hall": found[0, 1].real / _ahc_const}

    return run


def pythtb(case: Case) -> Row:
    """Berry flux of the lower half of the bands: the Hall conductivity in the gap, one number and no scan of mu."""
    from pythtb import wf_array

    model = pythtb_model(case)

    def run(grid: int, mu: np.ndarray) -> dict[str, np.ndarray]:
        states = wf_array(model, [grid + 1, grid + 1])
        states.solve_on_grid([0.0, 0.0])
        flux = states.berry_flux(list(range(case.bands // 2)))
        return {"hall": np.full(len(mu), -flux / (2 * np.pi) ** 2)}

    return run


ROWS: dict[str, Callable[[Case], Row]] = {
    "wannierberri hall": lambda case: wannierberri(case, ("hall",)),
    "wannierberri magnetization": lambda case: wannierberri(case, ("magnetization",)),
    "wannierberri both": lambda case: wannierberri(case, ("hall", "magnetization")),
    "sisl hall": sisl,
    "pythtb hall": pythtb,
}


def main() -> None:
    warnings.simplefilter("ignore")
    path, name = sys.argv[1:]

    def build() -> Callable[..., dict[str, list[float]]]:
        row = ROWS[name](Case.load(path))

        def run(grid: int, mu: list[float], temperature: object = None) -> dict[str, list[float]]:
            return {key: np.ravel(value).tolist() for key, value in row(grid, np.array(mu)).items()}

        return run

    serve(build, {"grid": 4, "mu": [0.0, 0.1]}, {key: version(key) for key in ("numpy", name.split()[0])})


if __name__ == "__main__":
    main()
