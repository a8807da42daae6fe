"""The whole ledger on media, for whoever checks it without us: entries, checkpoints, keys; nobody whom it is about."""

from pathlib import Path

from hub.ledger.exports import Export, export
from infra.check.ledger import verifiers
from infra.check.sources import read_checkpoints, read_entries
from infra.runtime.files import OWNER_ONLY, replace
from infra.runtime.key_ring import read_register
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings

ENTRIES, CHECKPOINT, VKEYS = "entries.jsonl", "checkpoint-{}.note", "vkeys"


def refuse_used(directory: Path) -> None:
    """Raise `Refusal` unless the directory is new or empty."""
    if directory.exists() and any(directory.iterdir()):
        raise Refusal("KRN-EXPORT", f"output: {directory} is not empty; name a new directory")


async def export_ledger(settings: Settings, municipality: str, by: str, purpose: str, directory: Path) -> int:
    """Write the directory; returns how many entries. The entry that tells of it comes first, and is not among them."""
    texts = [text async for text in read_entries(settings, municipality)]
    content = "".join(f"{text}\n" for text in texts).encode("ascii")
    await export(settings, municipality, Export(by, purpose, "ledger"), content, directory / ENTRIES)
    for number, note in enumerate(await read_checkpoints(settings, municipality), start=1):
        replace(directory / CHECKPOINT.format(number), note.encode(), mode=OWNER_ONLY)
    keys = verifiers(settings, municipality, read_register(settings.key_register_directory))
    replace(directory / VKEYS, "".join(f"{key.vkey}\n" for key in keys).encode(), mode=OWNER_ONLY)
    return len(texts)
