"""What editors see of the names that `__init__.py` loads on first use; a test keeps the two equal."""

from cc_kernels.errors import InputError as InputError
from cc_kernels.fermi_level import fermi_energy as fermi_energy
from cc_kernels.geometry.labelled_bands import band_geometry as band_geometry
from cc_kernels.grid import KGrid as KGrid
from cc_kernels.inspection import inspect as inspect
from cc_kernels.io import read_dataset as read_dataset
from cc_kernels.models import Hoppings as Hoppings
from cc_kernels.models import KDotP as KDotP
from cc_kernels.models import Model as Model
from cc_kernels.models import Operator as Operator
from cc_kernels.models import TightBinding as TightBinding
from cc_kernels.models import build_model as build_model
from cc_kernels.models import from_function as from_function
from cc_kernels.models import list_models as list_models
from cc_kernels.models import load_model as load_model
from cc_kernels.models import save_model as save_model
from cc_kernels.models.band_path import band_path as band_path
from cc_kernels.models.bosons import bosons as bosons
from cc_kernels.models.coupled_bosons import couple_bosons as couple_bosons
from cc_kernels.models.exchange_tensor import exchange as exchange
from cc_kernels.models.from_pythtb import from_pythtb as from_pythtb
from cc_kernels.models.from_tbmodels import from_tbmodels as from_tbmodels
from cc_kernels.models.nambu import nambu as nambu
from cc_kernels.models.phonons import phonons as phonons
from cc_kernels.models.spin_waves import spin_waves as spin_waves
from cc_kernels.models.springs import springs as springs
from cc_kernels.models.wannier import read_wannier90 as read_wannier90
from cc_kernels.responses.api import companions as companions
from cc_kernels.responses.api import equilibrium as equilibrium
from cc_kernels.responses.api import evaluate as evaluate
from cc_kernels.responses.api import respond as respond
from cc_kernels.responses.api import superconductor as superconductor
from cc_kernels.responses.api import thermal as thermal
from cc_kernels.responses.api import transport as transport
from cc_kernels.scattering.disorder import disorder as disorder
from cc_kernels.si import in_si as in_si
from cc_kernels.study.opened import open_study as open_study
from cc_kernels.sums.accumulation import accumulate as accumulate
from cc_kernels.sums.merging import merge as merge
from cc_kernels.sums.mesh import EnergyMesh as EnergyMesh
from cc_kernels.verdict.judgement import judge as judge

__version__: str
__all__: list[str]
