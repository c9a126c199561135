"""The site that `make docs` builds from the documents of this repository and the docstrings of the package."""
