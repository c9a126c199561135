"""The configuration: typed, every key marked, checked as a whole before anything is computed."""

from cc_kernels.configuration.grid_section import Grid
from cc_kernels.configuration.load import configuration_of, load_configuration, read_yaml
from cc_kernels.configuration.maps_section import Maps
from cc_kernels.configuration.models import check_models, model_problems, study_model
from cc_kernels.configuration.problems import ConfigurationError
from cc_kernels.configuration.schema import Configuration, Figure
from cc_kernels.configuration.study_section import Study
from cc_kernels.configuration.values import Range

__all__ = [
    "Configuration",
    "ConfigurationError",
    "Figure",
    "Grid",
    "Maps",
    "Range",
    "Study",
    "check_models",
    "configuration_of",
    "load_configuration",
    "model_problems",
    "read_yaml",
    "study_model",
]
