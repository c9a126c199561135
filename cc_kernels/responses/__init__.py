"""Responses at any chemical potential and temperature, each a table of integrals over states."""
