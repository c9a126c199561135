"""The figure kinds, one file each: `NEEDS`, `CAPTION` and `draw(results) -> (figure, plotted data)`.

A new figure is a new file here; its kind is the file's name.
"""
