"""`cc-provenance FILE`: the ancestry of a result or figure down to its models, and what has changed since."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from cc_kernels.errors import InputError


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the ancestry of the files; 2 after bad input."""
    parser = argparse.ArgumentParser(prog="cc-provenance", description=__doc__)
    parser.add_argument("file", nargs="+", help="a netCDF file of cc_kernels, or a figure (.png, .pdf)")
    options = parser.parse_args(arguments)
    from cc_kernels.provenance.ancestry import ancestry
    from cc_kernels.provenance.tree import tree

    try:
        sys.stdout.reconfigure(errors="replace")  # names that the terminal, or the pipe, has no characters for
        print("\n\n".join(tree(ancestry(file)) for file in options.file))
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        sys.stderr.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
