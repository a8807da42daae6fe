"""The witness: a process with a key and a store of its own, to vouch that each log only ever grew."""
