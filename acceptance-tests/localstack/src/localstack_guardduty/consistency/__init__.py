"""Reads that do not know yet what was just written, as on AWS: nothing here unless a test asks for it.

`kinds` says which operations write and read a kind of thing, `views` what its readers still see.
"""
