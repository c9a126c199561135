"""Constants of nature that the named models share."""

HBAR_SQUARED_OVER_2M = 3.80998212
"""hbar^2/2m_0 of the free electron, eV angstrom^2 (CODATA 2018)."""
