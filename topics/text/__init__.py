"""Text of the register: opaque as received; what is derived of it (readings, search keys, other character sets).

A name is kept code point for code point, variation selectors (IVS) included, and never normalised. Whatever a search or
a recipient needs otherwise is derived here, and never put in its place.
"""
