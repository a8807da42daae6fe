"""The primary keys of the tables that the simulated processes touch, by database."""

Schema = dict[str, tuple[str, ...]]

_PLACE = ("recipient", "generation")
_CITY = ("municipality",)

HUB_SCHEMA: Schema = {
    "head": ("only_row",),
    "progress": ("topic",),
    "inbox_progress": ("party",),
    "resident": ("addressee_number",),
    "recipient": ("name", "generation"),
    "grant_standing": _PLACE,
    "recipient_resident": (*_PLACE, "addressee_number"),
    "delivery": (*_PLACE, "number"),
    "retransmission": ("id",),
    "interest": ("recipient", "addressee_number"),
    "parked": ("topic", "offset"),
    "waiting": ("id",),
    "for_the_register": ("number",),
    "redelivery": ("recipient", "addressee_number"),
    "protection": ("addressee_number",),
    "recall": (*_PLACE, "addressee_number", "position"),
    "void": (*_PLACE, "first"),
    "seal_run": (*_PLACE, "first"),
    "ledger_entry": ("index",),
    "ledger_standing": ("kind", "name"),
}
NUMBERS_SCHEMA: Schema = {"number_version": ("reference",)}

KIT_SCHEMA: Schema = {
    "progress": ("topic", "partition"),
    "number_gate": (*_CITY, "generation"),
    "missing": (*_CITY, "generation", "number"),
    "received": (*_CITY, "generation", "number"),
    "subject_gate": (*_CITY, "subject"),
    "held": ("topic", "partition", "offset"),
    "given_up": (*_CITY, "generation", "number"),
    "protection": (*_CITY, "subject"),
    "parked": ("topic", "partition", "offset"),
    "inbound_counter": _CITY,
    "outbox": (*_CITY, "number"),
    "tally": _CITY,
}
COPY_SCHEMAS: dict[str, Schema] = {
    "prefecture": {
        "identity": (*_CITY, "subject"),
        "closed_code": (*_CITY, "subject", "code_index"),
        "record_mark": (*_CITY, "subject"),
        "forward_counter": _CITY,
        "forward_outbox": (*_CITY, "number"),
    },
    "welfare": {"person": (*_CITY, "subject"), "interest": (*_CITY, "addressee_number")},
    "intermediate": {
        "secondary_copy": (*_CITY, "subject"),
        "registration": ("id",),
        "answer_outbox": (*_CITY, "institution", "number"),
        "link_epoch": (*_CITY, "institution", "epoch"),
        "link_code": (*_CITY, "institution", "code", "valid_from"),
    },
}
