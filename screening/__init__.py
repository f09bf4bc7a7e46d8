"""Trial eligibility from rule files; the Python API is `screening.screen`."""

__version__ = "0.1.0"
