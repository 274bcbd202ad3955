"""HASTE: machine-learning engineering agents that get better with every competition they solve."""

__version__ = "0.1.0"
