"""Figures: one style, one file per kind in `figures/`, and for each figure the file with exactly the plotted data.

Matplotlib is imported in this room only.
"""
