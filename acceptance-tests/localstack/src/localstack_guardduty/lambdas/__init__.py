"""Runs Lambda functions written in Python as processes of this machine, where there is no Docker."""
