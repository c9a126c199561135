"""Settings of Sphinx; `python -m docs.website` calls it."""

from sphinx.ext import autosummary

import cc_kernels as cc
from docs.website import docstrings
from docs.website.pages import HERE

project = "cc_kernels"
author = "the cc_kernels developers"
project_copyright = author
version = release = cc.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "numpydoc",
    "sphinx_design",
    "sphinx_copybutton",
    "sphinx-mathjax-offline",  # MathJax lies beside the pages, which need no network
]
myst_enable_extensions = ["dollarmath", "colon_fence"]
myst_heading_anchors = 4
highlight_language = "text"
smartquotes = False  # a text's "--" is that of a command

autosummary_generate = True
autosummary.WELL_KNOWN_ABBREVIATIONS += ("Eq.", "Eqs.", "...")  # a summary does not end there
autodoc_typehints = "none"  # docstrings say what arguments are
maximum_signature_line_length = 88
numpydoc_show_class_members = False  # the template of a class lists them
templates_path = [str(HERE / "templates")]  # autosummary looks below the sources

html_theme = "furo"
html_title = f"cc_kernels {version}"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
copybutton_prompt_text = ">>> "


def setup(app):
    """Docstrings and signatures are changed before numpydoc reads them."""
    app.connect("autodoc-process-docstring", docstrings.process, priority=100)
    app.connect("autodoc-process-signature", docstrings.signature, priority=900)
