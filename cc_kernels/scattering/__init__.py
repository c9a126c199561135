"""Weak static disorder (`cc_kernels.disorder`) in two dimensions, in the lowest Born order (Eqs. 13-15)."""
