"""Padding: the length of a record tells nothing of what is in it."""

LENGTH_BYTES = 4
SMALLEST_BUCKET = 2048


def pad(payload: bytes) -> bytes:
    """`payload` in the smallest bucket that holds it: 2 KiB, 4 KiB, 8 KiB and so on."""
    size = SMALLEST_BUCKET
    while size < len(payload) + LENGTH_BYTES:
        size *= 2
    return len(payload).to_bytes(LENGTH_BYTES, "big") + payload + bytes(size - LENGTH_BYTES - len(payload))


def unpad(padded: bytes) -> bytes | None:
    """The payload of a bucket, or None when the bucket is not one."""
    length = int.from_bytes(padded[:LENGTH_BYTES], "big")
    payload = padded[LENGTH_BYTES : LENGTH_BYTES + length]
    return payload if len(payload) == length and pad(payload) == padded else None
