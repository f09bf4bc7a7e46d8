"""`python -m tests.bench`: the benchmark, run side by side with the engines compared."""

from tests.bench.run import main

main()
