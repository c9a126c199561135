"""The Snakemake side: rules, thin scripts, and the plan that both follow."""

from cc_kernels import _bytecode

_bytecode.load_by_content(__path__[0], __file__)
