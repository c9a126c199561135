"""`python -m benchmarks` (`make bench`): the table of `kgrid`."""

from benchmarks.kgrid import main

main()
