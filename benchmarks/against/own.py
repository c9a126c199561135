"""One row of this project, of naive numpy or of eigh alone: `python -m benchmarks.against.own CASE ROW THREADS`."""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from importlib.metadata import version

import numpy as np

from benchmarks.against.case import Case
from benchmarks.against.naive import hall_and_magnetization
from benchmarks.against.served import serve

Values = dict[str, list]
BLOCK = 2**18
"""Matrix elements that eigh alone gets at once."""


def naive(case: Case) -> Callable[..., Values]:
    """Naive numpy with the chunk size, of four, that is fastest on this machine."""
    points, mu = int((3e5 / case.bands**2) ** 0.5) + 8, np.linspace(-1, 1, 100)

    def seconds(chunk: int) -> float:
        start = time.perf_counter()
        hall_and_magnetization(case, points, mu, chunk)
        return time.perf_counter() - start

    best = min((128, 512, 2048, 8192), key=lambda chunk: min(seconds(chunk) for _ in range(3)))

    def run(grid: int, mu: Sequence[float], temperature: object = None) -> Values:
        hall, magnetization = hall_and_magnetization(case, grid, np.array(mu), best)
        return {"hall": hall.tolist(), "magnetization": magnetization.tolist()}

    return run


def eigh(case: Case) -> Callable[..., Values]:
    """`numpy.linalg.eigh` on stored matrices, as many as the grid has points."""
    H = case.hamiltonian(int((BLOCK / case.bands**2) ** 0.5))

    def run(grid: int, mu: object = None, temperature: object = None) -> Values:
        for start in range(0, grid**2, len(H)):
            np.linalg.eigh(H[: grid**2 - start])
        return {}

    return run


def model_of(case: Case):
    """This project's model; "s1" to "s3" are the operator and two more like it."""
    from cc_kernels.models import TightBinding

    phases = np.exp(1j * np.outer(np.arange(3), np.arange(case.bands)))
    turned = [case.operator * np.outer(one, one.conj()) for one in phases] if not case.positions.any() else []
    more = {f"s{n}": matrix for n, matrix in enumerate(turned, 1)}
    operators = {"s": case.operator, "charge": np.eye(case.bands), **more}
    return TightBinding(case.lattice, case.R, case.hoppings, case.positions, operators, name=case.name)


def sums_and_responses(
    case: Case,
    responses: Sequence[str],
    variables: Sequence[str] | None = None,
    operator: object = "s",
    symmetry: str = "off",
) -> Callable[..., object]:
    """The way from a grid to labelled responses, without the search for narrow gaps that a public call adds.

    Evaluating mu and T comes once after the sums, whatever the grid; how long it took is an attribute of the result.
    """
    import cc_kernels as cc
    from cc_kernels.responses.registry import state_sums_of
    from cc_kernels.sums.mesh import EnergyMesh
    from cc_kernels.sums.on_grid import sums_on_grid

    model, names = model_of(case), state_sums_of(responses, 2, variables)

    def run(grid: int, mu: Sequence[float], temperature: Sequence[float]) -> object:
        sums = sums_on_grid(model, names, operator, grid, EnergyMesh.covering(mu, temperature), symmetry=symmetry)
        start = time.perf_counter()
        found = cc.evaluate(sums, responses, mu=mu, temperature=temperature, variables=variables)
        return found.assign_attrs(evaluation_seconds=time.perf_counter() - start)

    return run


def public_call(case: Case) -> Callable[..., object]:
    """`cc.transport`, the search for narrow gaps included."""
    import cc_kernels as cc

    return partial(cc.transport, model_of(case), operator="s")


def values(case: Case) -> Callable[..., Values]:
    """What the other programs are compared with: the Hall response of the operator, the magnetization of charge."""
    hall = sums_and_responses(case, ["transport"])
    magnetization = sums_and_responses(case, ["equilibrium"], ["magnetization"], "charge")

    def run(grid: int, mu: Sequence[float], temperature: Sequence[float]) -> Values:
        sigma = hall(grid, mu, temperature).sigma_conventional.sel(i="x", l="y")
        moment = magnetization(grid, mu, temperature).magnetization
        return {"hall": sigma.values.ravel().tolist(), "magnetization": moment.values.ravel().tolist()}

    return run


TWO = ["sigma_conventional", "sigma_intrinsic"]
ROWS: dict[str, Callable[[Case], Callable[..., object]]] = {
    "values": values,
    "naive": naive,
    "eigh": eigh,
    "transport": partial(sums_and_responses, responses=["transport"]),
    "two variables": partial(sums_and_responses, responses=["transport"], variables=TWO),
    "hall and magnetization": partial(
        sums_and_responses,
        responses=["equilibrium", "transport"],
        variables=["sigma_conventional", "magnetization"],
    ),
    "transport, folded": partial(sums_and_responses, responses=["transport"], symmetry="auto"),
    "hall and magnetization, folded": partial(
        sums_and_responses,
        responses=["equilibrium", "transport"],
        variables=["sigma_conventional", "magnetization"],
        symmetry="auto",
    ),
    "three operators": partial(sums_and_responses, responses=["transport"], operator=["s1", "s2", "s3"]),
    "public call": public_call,
}


def main() -> None:
    import dask

    warnings.simplefilter("ignore")  # a short grid is no result, and need not say so
    path, name, threads = sys.argv[1:]
    scheduler = {"scheduler": "threads", "num_workers": int(threads)} if int(threads) > 1 else {"scheduler": "sync"}
    with dask.config.set(**scheduler):
        versions = {key: version(key) for key in ("numpy", "numba")}
        serve(lambda: ROWS[name](Case.load(path)), {"grid": 8, "mu": [0.0], "temperature": [300.0]}, versions)


if __name__ == "__main__":
    main()
