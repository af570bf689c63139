"""Run one of the trial's programs in a process of its own: python -m tests.crash NAME ARGUMENTS."""

import sys
from importlib import import_module

import django

django.setup()
import_module(f"tests.crash.programs.{sys.argv[1]}").main(*sys.argv[2:])
