"""wannierberri on the files of Wannier90, in its own environment: `python -m benchmarks.against.wannier_peer CASE`.

CASE is a JSON file: `tb_file`, and `spin`, an .npz with spin matrices by cell (Pauli units, divided by ndegen). Values
are those of a step at each Fermi energy on a full grid: the conventional spin Hall conductivity sigma^z_xy, of the
"simple" spin current, in (hbar/e) S/cm, the anomalous Hall conductivity sigma_xy in S/cm, and, with the centres alone
(for more it wants matrices that these files have not), the orbital magnetization M_z in eV e/hbar per angstrom.
"""

from __future__ import annotations

import json
import sys
import warnings
from importlib.metadata import version
from pathlib import Path

import numpy as np

from benchmarks.against.served import serve

PER_CM = 1e-2  # of S/m


def build():
    import wannierberri as wb
    from wannierberri.calculators.static import AHC, SHC, Morb
    from wannierberri.system import System_R

    case = json.loads(Path(sys.argv[1]).read_text())
    system = System_R.from_tb_dat(case["tb_file"], berry=True, silent=True)
    with np.load(case["spin"]) as file:
        spin = dict(zip(map(tuple, file["cells"].tolist()), file["matrices"], strict=True))
    system.set_R_mat("SS", np.array([spin[tuple(int(n) for n in cell)] for cell in system.rvec.iRvec]))

    def run(grid: int, fermi_energies: list[float], full_positions: bool, quantities: list[str]) -> dict:
        keywords = {"Efermi": np.array(fermi_energies), "save_mode": ""}
        terms = {"external_terms": full_positions}
        every = {
            "spin_hall": lambda: SHC(**keywords, kwargs_formula={"spin_current_type": "simple", **terms}),
            "hall": lambda: AHC(**keywords, kwargs_formula=terms),
            "magnetization": lambda: Morb(**keywords, constant_factor=1.0, kwargs_formula=terms),
        }
        found = wb.run(
            system,
            wb.Grid(system, NK=[grid] * 3, use_symmetry=False),
            {name: every[name]() for name in quantities},
            use_irred_kpt=False,
            symmetrize=False,
            parallel=False,
            fout_name="",
        ).results
        volume = abs(np.linalg.det(system.real_lattice))
        values = {
            "spin_hall": lambda data: data[:, 0, 1, 2] * PER_CM,
            "hall": lambda data: data[:, 2] * PER_CM,
            "magnetization": lambda data: data[:, 2] / volume / 2,
        }
        return {name: values[name](found[name].data).tolist() for name in quantities}

    return run


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    first = {"grid": 2, "fermi_energies": [0.0], "full_positions": False, "quantities": ["spin_hall"]}
    serve(build, first, {"wannierberri": version("wannierberri")})
