"""Models from a Python function h(k): lowered to `TightBinding` on a lattice, kept as it is in the continuum."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from cc_kernels import checks
from cc_kernels.errors import InputError, stated
from cc_kernels.models.base import Model, checked_lattice
from cc_kernels.models.tight_binding import TightBinding

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from cc_kernels.arguments import Labels, NamedOperators, OfK

EDGE_TOLERANCE = 1e-12  # of the largest hopping: where the box of hoppings ends
DROP_TOLERANCE = 1e-15  # of the largest hopping: the rounding of the Fourier transform, about eps
REPRODUCTION_TOLERANCE = 1e-10  # of |h|: the tail behind the edge, summed, and the user's own rounding
LARGEST_GRID = {1: 8192, 2: 512, 3: 64}  # points per axis by dimension: some 10^5 evaluations of h

# f'(x) = sum_j c_j (f(x + j step) - f(x - j step)) / step + step^8 f^(9)(x) / 630, j = 1 .. 4
DIFFERENCE_COEFFICIENTS = (4 / 5, -1 / 5, 4 / 105, -1 / 280)
# The step in units of k_max. With h analytic within kappa around the real axis the truncation error, relative to
# |h|/kappa, is of order (8! 9/630) (step/kappa)^8 = 576 (step/kappa)^8: 5e-14 for structure as fine as
# kappa = k_max/10. Rounding contributes 2 eps/step, 5e-13 of |h|/k_max. A smaller step would only add rounding.
DIFFERENCE_STEP = 1 / 1024
# A velocity of the user's own may be there because h is too sharp for that step, or in single precision too noisy for
# a finer one. So it may agree with either: the finer one is exact to 576 (1/8)^8 = 3e-5 down to kappa = k_max/2000.
FINE_STEP, VELOCITY_TOLERANCE = 1 / 16384, 1e-3


def from_function(
    h: OfK,
    *,
    dim: int,
    lattice: ArrayLike | None = None,
    operators: NamedOperators | None = None,
    positions: ArrayLike | None = None,
    k_max: float | None = None,
    velocity: OfK | None = None,
    **labels: Unpack[Labels],
) -> Model:
    """Return the model of a function h(k).

    Parameters
    ----------
    h : takes k (N, dim) in 1/angstrom and returns (N, nb, nb) in eV; a function of one k (dim,) is recognized.
    dim : 1, 2 or 3.
    lattice : (dim, dim), rows are the primitive vectors, angstrom. The model is then lowered to `TightBinding` by a
        Fourier transform of h on a grid that doubles until the outermost hoppings are below 1e-12 of the largest.
    operators : {name: `Operator` or Hermitian (nb, nb) matrix}.
    positions : (nb, dim) orbital positions tau, angstrom, where h contains the phases exp(i k.(tau_j - tau_i)).
        Without them h must be periodic in k.
    k_max : for a continuum model (no lattice), the half width of its k box, 1/angstrom.
    velocity : for a continuum model, v(k) = dh/dk (N, dim, nb, nb) in eV angstrom; by default eighth-order central
        differences of h with a step of k_max/1024.
    labels : name, description, parameters, degeneracy_tolerance, particle_hole_copies, is_superconductor.

    Errors: `InputError` for a wrong shape, NaN, an h that is not Hermitian, not periodic, or not smooth in k, and for a
    velocity that is not its derivative.

    Examples
    --------
    >>> import numpy as np
    >>> import cc_kernels as cc
    >>> chain = cc.from_function(lambda k: -2 * np.cos(k)[:, :, None], dim=1, lattice=[[1.0]])
    >>> chain.R.ravel().tolist()
    [-1, 0, 1]
    """
    if (dim := checks.integer("dim", dim, "1, 2 or 3")) not in (1, 2, 3):
        raise InputError("dim", dim, "1, 2 or 3")
    if lattice is None:
        if positions is not None:
            raise InputError("positions", positions, "nothing for a continuum model (no lattice)")
        return FunctionModel(h, dim, k_max, operators, velocity=velocity, **labels)
    for key, value in (("k_max", k_max), ("velocity", velocity)):
        if value is not None:
            raise InputError(key, value, "nothing where a lattice is given; the velocity follows from the hoppings")
    return _lowered(h, dim, lattice, operators, positions, labels)


class FunctionModel(Model):
    """A continuum model whose H(k) is a Python function; parameters as in `from_function`. It cannot be saved."""

    k_max: float

    def __init__(
        self,
        h: OfK,
        dim: int,
        k_max: float | None,
        operators: NamedOperators | None = None,
        *,
        velocity: OfK | None = None,
        **labels: Unpack[Labels],
    ) -> None:
        box = checks.positive("k_max", k_max)
        probe = np.random.default_rng(0).uniform(-box, box, (dim + 5, dim))
        self._h, num_bands, takes_many = vectorized(h, probe, "h", ())
        checks.hermitian("h", self._h(probe))
        self._v = None
        if velocity is not None:
            self._v, _, also_many = vectorized(velocity, probe, "velocity", (dim,), num_bands)
            checks.hermitian("velocity", self._v(probe))
            takes_many = takes_many and also_many
        if not takes_many:
            _say_that_it_is_slow()
        super().__init__(dim=dim, num_bands=num_bands, k_max=box, operators=operators, **labels)
        if self._v is not None:
            self._refuse_another_velocity(self._v(probe), probe)

    def hamiltonian_and_velocity(self, k: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return H (N, nb, nb) in eV and v (N, dim, nb, nb) in eV angstrom at k (N, dim) in 1/angstrom."""
        k = self._kpoints(k)
        return self._h(k), self._v(k) if self._v is not None else self._differences(k, DIFFERENCE_STEP * self.k_max)

    def _hamiltonian_alone(self, k: np.ndarray) -> np.ndarray:
        return self._h(self._kpoints(k))

    def _refuse_another_velocity(self, velocity: np.ndarray, k: np.ndarray) -> None:
        """Results say of a function that its velocity is dH/dk, and all formulas take it for that."""
        size = np.abs(self._h(k)).max() / self.k_max
        each = [self._differences(k, step * self.k_max) for step in (DIFFERENCE_STEP, FINE_STEP)]
        excess, scale = min(np.abs(velocity - one).max() for one in each), np.abs(each[0]).max()
        if excess > VELOCITY_TOLERANCE * scale + 10 * np.finfo(float).eps / DIFFERENCE_STEP * size:
            given = stated(f"a function that differs from dh/dk by {excess:.3g}, where |dh/dk| is up to {scale:.3g}")
            raise InputError(
                "velocity", given, "the derivative of h, in eV angstrom, or none: it is then by differences"
            )

    def _differences(self, k: np.ndarray, step: float) -> np.ndarray:
        velocity = np.zeros((len(k), self.dim, self.num_bands, self.num_bands), dtype=complex)
        for i in range(self.dim):
            for j, coefficient in enumerate(DIFFERENCE_COEFFICIENTS, start=1):
                shift = j * step * np.eye(self.dim)[i]
                velocity[:, i] += coefficient / step * (self._h(k + shift) - self._h(k - shift))
        return velocity


@cache
def _say_that_it_is_slow() -> None:
    """Once: a sweep makes many models. On a lattice it is no matter, since h is asked a few thousand times only."""
    text = "h or velocity takes one k at a time; as functions of many k, (N, dim), they are about ten times as fast"
    logging.getLogger("cc_kernels").warning(text)


def vectorized(
    function: OfK, probe: np.ndarray, key: str, between: tuple[int, ...], num_bands: int | None = None
) -> tuple[Callable[[np.ndarray], np.ndarray], int, bool]:
    """Return `function` as (N, dim) -> (N, *between, nb, nb) complex128, nb, and whether it takes many k, not one.

    probe : (N, dim) points to try it on; N differs from `dim`, so that the two kinds cannot be confused.
    Errors: `InputError` where neither form of call gives finite matrices of the right shape.
    """
    many, many_failure = _try(function, probe)
    one, one_failure = _try(function, probe[0])
    is_many = _is_stack(many, (len(probe), *between), num_bands)
    if not is_many and not _is_stack(one, between, num_bands):
        got = many_failure or one_failure or f"shape {np.shape(many)} for k of shape {probe.shape}"
        size = "nb, nb" if num_bands is None else f"{num_bands}, {num_bands}"
        shape = "".join(f"{n}, " for n in between) + size
        raise InputError(key, stated(got), f"a function of k (N, dim) that returns (N, {shape}), or of one k (dim,)")
    nb = np.shape(many if is_many else one)[-1]

    def evaluate(k: np.ndarray) -> np.ndarray:
        if len(k) == 0:
            return np.zeros((0, *between, nb, nb), dtype=complex)
        try:
            values = function(k) if is_many else [function(point) for point in k]
        except (Exception, SystemExit) as error:  # at points that were not among the first that it was tried at
            raise InputError(key, stated(f"{type(error).__name__}: {error}"), "a function of every k") from error
        return checks.array(key, values, np.complex128, (len(k), *between, nb, nb), "matrices for every k")

    together = evaluate(probe)
    if np.abs(together[1:2] - evaluate(probe[1:2])).max() > REPRODUCTION_TOLERANCE * np.abs(together).max():
        raise InputError(key, stated("values that depend on which k are passed together"), "a function of each k alone")
    return evaluate, nb, is_many


def _try(function: OfK, k: np.ndarray) -> tuple[Any, str]:
    try:
        return function(k.copy()), ""
    except (Exception, SystemExit) as error:  # the user's code may raise anything
        return None, f"{type(error).__name__}: {error} (for k of shape {k.shape})"


def _is_stack(values: Any, leading: tuple[int, ...], num_bands: int | None) -> bool:
    try:
        shape = np.shape(values)
    except ValueError:
        return False
    return (
        len(shape) == len(leading) + 2
        and shape[:-2] == leading
        and shape[-1] == shape[-2] > 0
        and num_bands in (None, shape[-1])
    )


def _lowered(
    h: OfK,
    dim: int,
    lattice: ArrayLike,
    operators: NamedOperators | None,
    positions: ArrayLike | None,
    labels: Labels,
) -> TightBinding:
    vectors = checked_lattice(lattice, dim)
    reciprocal = 2 * np.pi * np.linalg.inv(vectors).T
    probe = np.random.default_rng(0).uniform(-1, 1, (dim + 5, dim)) @ reciprocal
    evaluate, num_bands, _ = vectorized(h, probe, "h", ())
    if positions is None:
        positions = np.zeros((num_bands, dim))
    positions = checks.array("positions", positions, np.float64, (num_bands, dim), "Cartesian orbital positions")

    def periodic(k: np.ndarray) -> np.ndarray:
        phase = np.exp(1j * (k @ positions.T))
        return phase[:, :, None] * evaluate(k) * phase.conj()[:, None, :]

    reference = checks.hermitian("h", evaluate(probe))
    scale = np.abs(reference).max()
    _refuse_aperiodic(periodic, probe, reciprocal, scale)
    points, edge = 8, np.inf
    while points <= LARGEST_GRID[dim]:
        cells, hoppings, edge = _fourier(periodic, reciprocal, points)
        if edge <= EDGE_TOLERANCE:
            model = TightBinding(vectors, cells, hoppings, positions, operators, **labels)
            if np.abs(model.hamiltonian(probe) - reference).max() <= REPRODUCTION_TOLERANCE * scale:
                return model
        points *= 2
    raise InputError(
        "h",
        stated(f"a function whose hoppings are still {edge:.2g} of the largest at {points // 4} cells"),
        "a function that is smooth in k, so that its hoppings decay exponentially",
    )


def _refuse_aperiodic(periodic: Callable, probe: np.ndarray, reciprocal: np.ndarray, scale: float) -> None:
    for i, b in enumerate(reciprocal):
        excess = np.abs(periodic(probe + b) - periodic(probe)).max()
        if excess > REPRODUCTION_TOLERANCE * scale:
            raise InputError(
                "h",
                stated(f"a function that changes by {excess:.3g} when k moves by the reciprocal vector b{i + 1}"),
                "h(k) periodic in the reciprocal lattice; where it contains the phases exp(i k.(tau_j - tau_i)), "
                "give the orbital positions tau as positions=",
            )


def _fourier(periodic: Callable, reciprocal: np.ndarray, points: int) -> tuple[np.ndarray, np.ndarray, float]:
    """Return cells, their Hermitian hoppings, and the largest hopping at the edge relative to the largest of all."""
    dim = len(reciprocal)
    index = np.indices((points,) * dim).reshape(dim, -1).T
    values = periodic(index / points @ reciprocal)
    values = values.reshape(*(points,) * dim, *values.shape[1:])
    hoppings = np.fft.fftn(values, axes=range(dim)) / points**dim
    hoppings = hoppings.reshape(-1, *hoppings.shape[dim:])
    cells = (index + points // 2) % points - points // 2
    size = np.abs(hoppings).max(axis=(1, 2))
    largest = max(size.max(), np.finfo(float).tiny)
    is_edge = (np.abs(cells) >= points // 2 - 1).any(axis=1)
    keep = ~is_edge & (size > DROP_TOLERANCE * largest)
    kept = {tuple(cell): block for cell, block in zip(cells[keep].tolist(), hoppings[keep], strict=True)}
    zero = np.zeros(hoppings.shape[1:], dtype=complex)
    # h was checked to be Hermitian; what is left here is the rounding of the transform
    pairs = {R for cell in kept for R in (cell, tuple(-n for n in cell))} or {(0,) * dim}
    symmetric = {R: (kept.get(R, zero) + kept.get(tuple(-n for n in R), zero).conj().T) / 2 for R in sorted(pairs)}
    return np.array(list(symmetric)), np.array(list(symmetric.values())), float(size[is_edge].max() / largest)
