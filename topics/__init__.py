"""The contract: what is recorded, what may be sent to whom, and how it looks on the wire.

First stop of the data's way (topics → producers → hub → consumers). Imports nothing else of Kairan.
"""
