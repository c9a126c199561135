"""Build the site: write its sources to docs/_build/source, and let Sphinx make docs/_build/html of them.

    python -m docs.website

The exit status is that of Sphinx, for which a warning is an error: a link that leads nowhere, a docstring that cannot
be read, a page that no menu names.
"""

from __future__ import annotations

import shutil
import sys

from sphinx.cmd.build import build_main

from docs.website.pages import BUILD, HERE, assemble


def main() -> int:
    """Build everything anew; it takes half a minute."""
    shutil.rmtree(BUILD, ignore_errors=True)
    assemble(BUILD / "source")
    folders = [str(BUILD / name) for name in ("source", "html")]
    status = build_main(
        ["-q", "-W", "--keep-going", "-c", str(HERE), "-d", str(BUILD / "doctrees"), "-b", "html", *folders]
    )
    if status == 0:
        print(f"site     {(BUILD / 'html' / 'index.html').relative_to(HERE.parents[1])}")
    return status


if __name__ == "__main__":
    sys.exit(main())
