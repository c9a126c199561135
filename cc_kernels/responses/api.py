"""The responses as functions: from a model and a grid, or from stored sums, to labelled variables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import xarray as xr

from cc_kernels import checks
from cc_kernels.errors import InputError
from cc_kernels.geometry.attributes import WITHOUT_MU
from cc_kernels.grid import DEFAULT_CHUNK
from cc_kernels.models.operators import has_conserved_spin
from cc_kernels.responses.one_pass import check_superconductor, responses_on_grid
from cc_kernels.responses.registry import variables_of
from cc_kernels.responses.superconductor import per_nambu_band
from cc_kernels.sums import evaluation
from cc_kernels.sums.merging import check_sums
from cc_kernels.sums.variables import Variable

if TYPE_CHECKING:
    from cc_kernels.arguments import Grid, Numbers, OneOperator, Shift, Symmetry
    from cc_kernels.models import Model

TOGETHER = ("equilibrium", "transport", "companions", "thermal", "thermal_companions")
"""Responses of the same operator, mu and T."""


def equilibrium(
    model: Model,
    *,
    operator: OneOperator | Sequence[OneOperator] | None = None,
    grid: Grid | None = None,
    shift: Shift = 0.0,
    mu: Numbers | None = None,
    temperature: Numbers = 300.0,
    variables: Sequence[str] | None = None,
    degeneracy_tolerance: float | None = None,
    symmetry: Symmetry = "auto",
    chunks: int = DEFAULT_CHUNK,
) -> xr.Dataset:
    """Equilibrium currents and magnetization of `operator`.

    Parameters
    ----------
    model, grid, shift, degeneracy_tolerance, chunks : as in `band_geometry`.
    operator : as there, or a list, which becomes the dim `operator`: all share one diagonalization.
    mu : chemical potentials, eV (a superconductor's is inside its model: leave out).
    temperature : kelvin.
    variables : names of those to compute, by default all; fewer are less work.
    symmetry : "auto" evaluates one of all points that operations of the lattice's point group and time reversal take
        into each other, as far as the model has these to rounding, which is checked; "off" evaluates all; and
        {"point_group": "m-3m", "time_reversal": True} asserts what the model has approximately. The dataset says what
        was used, and by how much the model breaks it.

    Returns
    -------
    Dataset (mu, temperature, [operator,] Cartesian): conventional_current, torque_dipole_density and their sum
    net_current, which vanishes (Eq. 5); current_dipole_density (Eq. 1), torque_quadrupole_density (Eq. 3);
    magnetization_local, magnetization_global and magnetization (Eq. 6; z in two dimensions), magnetization_sea, which
    needs no Fermi surface (the limit of a closing gap where levels cross), and the scale of each.

    Raises
    ------
    InputError : for any argument out of its range.

    Examples
    --------
    >>> import cc_kernels as cc
    >>> model = cc.build_model("rashba_square", alpha=0.5, bx=0.2, by=0.1)
    >>> result = cc.equilibrium(model, operator="spin_y", grid=64, mu=1.0, temperature=1500).sel(i="x")
    >>> f"{result.conventional_current.item():.1e} {result.conventional_current.units}"
    '-8.7e-04 eV angstrom^-1'
    >>> abs(result.net_current.item()) < 1e-6 * result.net_current_scale.item()
    True
    """
    return responses_on_grid(
        ["equilibrium"],
        model,
        operator=operator,
        grid=grid,
        shift=shift,
        mu=mu,
        temperature=temperature,
        variables=variables,
        degeneracy_tolerance=degeneracy_tolerance,
        symmetry=symmetry,
        chunks=chunks,
    )


def transport(
    model: Model,
    *,
    operator: OneOperator | Sequence[OneOperator] | None = None,
    grid: Grid | None = None,
    shift: Shift = 0.0,
    mu: Numbers | None = None,
    temperature: Numbers = 300.0,
    variables: Sequence[str] | None = None,
    degeneracy_tolerance: float | None = None,
    symmetry: Symmetry = "auto",
    chunks: int = DEFAULT_CHUNK,
) -> xr.Dataset:
    """Intrinsic response J_i = sigma_il E_l - alpha_il d_l T of the current of `operator`, with e = 1.

    Parameters
    ----------
    model : a superconductor is refused: its quasiparticles have no response to E of this form; `superconductor` has
        that to a temperature gradient.
    operator, grid, shift, mu, temperature, variables, degeneracy_tolerance, symmetry, chunks : as in `equilibrium`.

    Returns
    -------
    Dataset (mu, temperature, [operator,] i, l): sigma_conventional, sigma_hall, sigma_dipole (in Fermi-surface form:
    the sea form misses a delta function where occupied bands touch), sigma_intrinsic = sigma_hall + sigma_dipole,
    sigma_intrinsic_sea, its antisymmetric part in a form that converges where occupied levels nearly touch, and is the
    limit of a closing gap where they cross; alpha_intrinsic, sigma_relaxation_time (Eq. 13 for each hbar/eV of a
    relaxation time), and the scale of each.

    Raises
    ------
    InputError : for any argument out of its range.

    Examples
    --------
    >>> import numpy as np
    >>> import cc_kernels as cc
    >>> model = cc.build_model("rashba_square", alpha=0.5)
    >>> result = cc.transport(model, operator="spin_z", grid=128, mu=[1.0, 1.2], temperature=1000)
    >>> sigma = result.sigma_intrinsic.sel(i="x", l="y", temperature=1000)
    >>> (8 * np.pi * sigma).round(3).values.tolist(), sigma.units  # -e/8pi
    ([-1.0, -1.0], 'e')
    """
    return responses_on_grid(
        ["transport"],
        model,
        operator=operator,
        grid=grid,
        shift=shift,
        mu=mu,
        temperature=temperature,
        variables=variables,
        degeneracy_tolerance=degeneracy_tolerance,
        symmetry=symmetry,
        chunks=chunks,
    )


def thermal(
    model: Model,
    *,
    operator: OneOperator | Sequence[OneOperator] | None = None,
    grid: Grid | None = None,
    shift: Shift = 0.0,
    temperature: Numbers = 300.0,
    mu: Numbers | None = None,
    variables: Sequence[str] | None = None,
    degeneracy_tolerance: float | None = None,
    symmetry: Symmetry = "auto",
    chunks: int = DEFAULT_CHUNK,
) -> xr.Dataset:
    """Response J_i = -alpha_il d_l T of the current of `operator` to a temperature gradient, for every statistics.

    The spin Nernst effect of electrons, of Bogoliubov quasiparticles, of magnons; the angular momentum Hall effect of
    phonons; and the thermal Hall effect.

    Parameters
    ----------
    model : electrons, a superconductor or bosons.
    mu : chemical potentials, eV, of electrons; nothing for a superconductor, whose mu is inside its model, and for
        bosons, which have none.
    operator, grid, shift, temperature, variables, degeneracy_tolerance, symmetry, chunks : as in `equilibrium`. The
        grid of bosons with a mode of zero energy must miss its k, by a shift.

    Returns
    -------
    Dataset (mu, temperature, [operator,] i, l), mu being 0 where there is none: alpha_conventional, alpha_hall,
    alpha_dipole (in the form of energies, which keeps what exact crossings hold), alpha_intrinsic = alpha_hall +
    alpha_dipole, alpha_intrinsic_sea, its antisymmetric part in a form that converges where levels nearly touch, and is
    the limit of a closing gap where they cross; in two dimensions thermal_hall_over_T, kappa_xy/T in k_B^2/hbar; and
    the scale of each. For bosons the antisymmetric part rests on the definition of the magnetization currents
    (docs/bosons.md).

    Raises
    ------
    InputError : for any argument out of its range.

    Examples
    --------
    >>> import numpy as np
    >>> import cc_kernels as cc
    >>> model = cc.build_model("haldane")
    >>> result = cc.thermal(model, operator="charge", grid=48, mu=0.0, temperature=100)
    >>> kappa = result.thermal_hall_over_T.item() / (np.pi / 6)  # in pi^2 k_B^2/3h
    >>> round(kappa, 6), result.thermal_hall_over_T.units  # minus the Chern number of the occupied band
    (1.0, 'k_B^2/hbar')
    """
    return responses_on_grid(
        ["thermal"],
        model,
        operator=operator,
        grid=grid,
        shift=shift,
        mu=mu,
        temperature=temperature,
        variables=variables,
        degeneracy_tolerance=degeneracy_tolerance,
        symmetry=symmetry,
        chunks=chunks,
    )


def companions(
    model: Model,
    *,
    operator: OneOperator | Sequence[OneOperator] | None = None,
    grid: Grid | None = None,
    shift: Shift = 0.0,
    mu: Numbers | None = None,
    temperature: Numbers = 300.0,
    variables: Sequence[str] | None = None,
    degeneracy_tolerance: float | None = None,
    symmetry: Symmetry = "auto",
    chunks: int = DEFAULT_CHUNK,
) -> xr.Dataset:
    """What stands beside Eq. (12), never instead of it (docs/theory.md, "Beside Eq. (12), by name").

    Parameters
    ----------
    All as in `transport`.

    Returns
    -------
    Dataset (mu, temperature, [operator,] i, l): sigma_hall_projector, the trace of the whole occupied set, which no
    rotation among the occupied bands changes; sigma_torque_kubo, the q -> 0 linear response of the torque, which adds
    to sigma_conventional; and the scale of each.

    Raises
    ------
    InputError : for any argument out of its range.

    Examples
    --------
    >>> import numpy as np
    >>> import cc_kernels as cc
    >>> model = cc.build_model("kane_mele", lambda_r=0.0, lambda_v=0.0)  # spin_z is conserved
    >>> result = cc.companions(model, operator="spin_z", grid=64, mu=0.0, temperature=300).sel(i="x", l="y")
    >>> round(2 * np.pi * result.sigma_hall_projector.item(), 4)  # e/2pi
    1.0
    """
    return responses_on_grid(
        ["companions"],
        model,
        operator=operator,
        grid=grid,
        shift=shift,
        mu=mu,
        temperature=temperature,
        variables=variables,
        degeneracy_tolerance=degeneracy_tolerance,
        symmetry=symmetry,
        chunks=chunks,
    )


def respond(
    model: Model,
    responses: Sequence[str],
    *,
    operator: OneOperator | Sequence[OneOperator] | None = None,
    grid: Grid | None = None,
    shift: Shift = 0.0,
    mu: Numbers | None = None,
    temperature: Numbers = 300.0,
    variables: Sequence[str] | None = None,
    degeneracy_tolerance: float | None = None,
    symmetry: Symmetry = "auto",
    chunks: int = DEFAULT_CHUNK,
) -> xr.Dataset:
    """Several responses together, from one diagonalization at each k.

    Parameters
    ----------
    responses : names, of "equilibrium", "transport", "companions", "thermal" and "thermal_companions"
        (alpha_torque_kubo, the Kubo response of the torque to a gradient of temperature).
    model, operator, grid, shift, mu, temperature, degeneracy_tolerance, symmetry, chunks : as in `equilibrium`.
    variables : names of those to compute, by default all; fewer are less work.

    Returns
    -------
    Dataset (mu, temperature, [operator,] Cartesian): what the responses alone return, in one.

    Raises
    ------
    InputError : for any argument out of its range.

    Examples
    --------
    >>> import cc_kernels as cc
    >>> model, names = cc.build_model("rashba_square"), ["net_current", "sigma_intrinsic"]
    >>> result = cc.respond(
    ...     model, ["equilibrium", "transport"], operator="spin_z", grid=64, mu=1.0, temperature=2000, variables=names
    ... )
    >>> [name for name in names if name in result]
    ['net_current', 'sigma_intrinsic']
    """
    checks.model(model)
    is_list = isinstance(responses, list | tuple) and all(isinstance(name, str) for name in responses)
    if not is_list or not responses:
        raise InputError("responses", responses, "a list of any of " + ", ".join(TOGETHER))
    for name in responses:
        if name not in TOGETHER:
            checks.unknown_name("responses", name, TOGETHER)
    names = list(dict.fromkeys(responses))
    return responses_on_grid(
        names,
        model,
        operator=operator,
        grid=grid,
        shift=shift,
        mu=mu,
        temperature=temperature,
        variables=variables,
        degeneracy_tolerance=degeneracy_tolerance,
        symmetry=symmetry,
        chunks=chunks,
    )


def superconductor(
    model: Model,
    *,
    grid: Grid | None = None,
    shift: Shift = 0.0,
    temperature: Numbers = 300.0,
    variables: Sequence[str] | None = None,
    degeneracy_tolerance: float | None = None,
    symmetry: Symmetry = "auto",
    chunks: int = DEFAULT_CHUNK,
) -> xr.Dataset:
    """Responses of Bogoliubov quasiparticles in two dimensions, with the charge s = e tau_z.

    Parameters
    ----------
    model : a superconductor, whose mu is inside its Hamiltonian.
    grid, shift, degeneracy_tolerance, symmetry, chunks : as in `equilibrium`.
    temperature : kelvin.
    variables : names of those to compute, by default all; fewer are less work.

    Returns
    -------
    Dataset (temperature): magnetization_moment, magnetization_charge_dipole, magnetization_berry and their sum
    magnetization (Eqs. 7, 8); spin_hall_conductance, sigma^s_xy in units of hbar/8pi: the spin current along x in a
    Zeeman field B that rises along y, J^s_x = sigma^s_xy d_y B for H - s B, where the model's operator `spin` is
    conserved, 1/2 on all states; thermal_hall_over_T, kappa_xy/T in units of pi^2 k_B^2/3h: the heat current along x
    in a temperature that rises along y, J^Q_x = -kappa_xy d_y T. At low temperature both are (kappa_xy/T once divided
    by `particle_hole_copies`) chern_number = -(1/2pi) int over negative energies of Omega^xy, sign included.
    alpha_intrinsic (i, l) is the charge current in a temperature gradient, J_i = -alpha_il d_l T (Eq. 11).

    Raises
    ------
    InputError : for any argument out of its range.

    Examples
    --------
    >>> import cc_kernels as cc
    >>> result = cc.superconductor(cc.build_model("d_id_square"), grid=64, temperature=100)
    >>> round(result.chern_number.item(), 3), round(result.spin_hall_conductance.item(), 3)
    (2.0, 2.0)
    """
    check_superconductor(model)
    result = responses_on_grid(
        ["superconductor"],
        model,
        operator="charge",
        grid=grid,
        shift=shift,
        temperature=temperature,
        variables=variables,
        degeneracy_tolerance=degeneracy_tolerance,
        symmetry=symmetry,
        chunks=chunks,
    )
    return per_nambu_band(result.isel(mu=0, drop=True), has_conserved_spin(model))


def evaluate(
    sums: xr.Dataset,
    what: str | Sequence[str] | Mapping[str, Variable] | None = None,
    *,
    temperature: Numbers,
    mu: Numbers | None = None,
    variables: Sequence[str] | None = None,
) -> xr.Dataset:
    """Variables at any mu and temperature, from stored sums.

    Parameters
    ----------
    sums : of `accumulate`, `merge`, or a study's file of sums, complete up to its finest grid.
    what : a response or several by name ("transport"), or a table of one's own, name -> `Variable`; default int f X for
        every state sum X.
    temperature, mu : kelvin, not below the lowest of the sums; eV, within their window, and nothing for superconductors
        and bosons.
    variables : names of those to evaluate, by default all of the responses.

    Returns
    -------
    Dataset with dims mu, temperature, [operator,] and Cartesian indices, and the scale of each variable. What a
    response says of its own reliability (gaps, resolution) needs the model, and is not here.

    Raises
    ------
    InputError : for an unknown name, and for sums that do not have what is asked for.

    Examples
    --------
    >>> import cc_kernels as cc
    >>> from cc_kernels.responses.registry import state_sums_of
    >>> bands = cc.band_geometry(cc.build_model("rashba_square"), operator="spin_z", grid=64)
    >>> mesh = cc.EnergyMesh.covering(mu=[0.0, 2.0], temperature=2000.0)
    >>> sums = cc.accumulate(bands, state_sums_of(["transport"], dim=2), mesh)
    >>> result = cc.evaluate(sums, "transport", mu=[0.5, 1.0, 1.5], temperature=2000.0)
    >>> result.sigma_intrinsic.shape
    (3, 1, 2, 2)
    """
    if what is None or isinstance(what, Mapping):
        if variables is not None:
            raise InputError("variables", variables, "nothing beside no response, or a table of one's own")
        return evaluation.evaluate(sums, _mu_of(sums, mu), temperature, what)
    names = [what] if isinstance(what, str) else what
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names) or not names:
        raise InputError("what", what, "a response or several by name, or a table of variables")
    check_sums(sums)
    return evaluation.evaluate(sums, _mu_of(sums, mu), temperature, variables_of(names, sums, variables))


def _mu_of(sums: object, mu: Numbers | None) -> Numbers:
    """Of quasiparticles without a chemical potential, 0."""
    if mu is None and isinstance(sums, xr.Dataset) and WITHOUT_MU in sums.attrs:
        return 0.0
    return mu  # type: ignore[return-value]  # what is none is refused where numbers are checked
