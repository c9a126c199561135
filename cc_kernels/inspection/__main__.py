"""Look at a model before anything is computed: `python -m cc_kernels.inspection Pt_tb.dat --spin Pt_spin_R.nc`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from cc_kernels.errors import InputError
from cc_kernels.inspection.band_plot import plot_bands
from cc_kernels.inspection.model_checks import inspect
from cc_kernels.models import Model, build_model, load_model


def main(arguments: list[str] | None = None) -> int:
    """Print the inspection, and draw the bands of a model on a lattice."""
    parser = argparse.ArgumentParser(prog="cc_kernels.inspection", description=__doc__)
    parser.add_argument("model", help="a _tb.dat or _hr.dat of Wannier90, a saved model (.nc), or a named model")
    parser.add_argument("--spin", help="a file of spin matrices")
    parser.add_argument("--spin-order", help="instead: interlaced, blocks, or pairs as [[0, 1], [2, 3]]")
    parser.add_argument("--wsvec", help="the _wsvec.dat")
    parser.add_argument("--positions", default="centres", help="centres (default) or full")
    parser.add_argument("--fermi-energy", type=float, default=0.0, help="eV")
    parser.add_argument("--output", default="results/inspect", help="folder for the picture of the bands")
    options = parser.parse_args(arguments)
    try:
        model = _model(options)
        print(inspect(model))
        if model.lattice is not None:
            folder = Path(options.output)
            folder.mkdir(parents=True, exist_ok=True)
            print("\n".join(map(str, plot_bands(model, folder / f"{model.name}_bands"))))
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _model(options: argparse.Namespace) -> Model:
    name = str(options.model)
    if name.endswith(".nc"):
        return load_model(name)
    if not Path(name).suffix:
        return build_model(name)
    from cc_kernels.models.wannier import read_wannier90

    order = options.spin_order
    if order is not None and order.startswith("["):
        try:
            order = json.loads(order)
        except ValueError:
            raise InputError("spin_order", order, "interlaced, blocks, or pairs as [[0, 1], [2, 3]]") from None
    return read_wannier90(
        name,
        spin=options.spin,
        spin_order=order,
        wsvec=options.wsvec,
        positions=options.positions,
        fermi_energy=options.fermi_energy,
    )


if __name__ == "__main__":
    sys.exit(main())
