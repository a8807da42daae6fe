"""Which kinds of value a grant lets stand where: item by item, read off what is granted; elsewhere nothing may."""

from collections.abc import Mapping

from infra.check.canaries import EVERYTHING, NUMBERS, Kind
from topics.grant import Grant

NOTHING: frozenset[Kind] = frozenset()
NO_NUMBER = EVERYTHING - NUMBERS

_NAME, _READING, _ADDRESS = frozenset({Kind.NAME}), frozenset({Kind.READING}), frozenset({Kind.ADDRESS})
_KINDS: Mapping[str, Mapping[str, frozenset[Kind]]] = {
    "resident": {
        "addressee_number": frozenset({Kind.ADDRESSEE_NUMBER}),
        "resident_code": frozenset({Kind.RESIDENT_CODE}),
        "my_number": frozenset({Kind.MY_NUMBER}),
        "household_number": frozenset({Kind.HOUSEHOLD_NUMBER}),
        "name": _NAME | _READING,
        "head_name": _NAME,
        "de_facto_head": _NAME,
        "domicile_head": _NAME,
        "alias": _NAME | _READING,
        "address": _ADDRESS,
        "previous_address": _ADDRESS,
        "moved_in_from": _ADDRESS,
        "moved_out_to": _ADDRESS,
        "planned_move_out": _ADDRESS,
        "registered_domicile": frozenset({Kind.DOMICILE}),
        "residence_card_number": frozenset({Kind.RESIDENCE_CARD}),
    },
    "identity": {
        "resident_code": frozenset({Kind.RESIDENT_CODE}),
        "former_resident_code": frozenset({Kind.RESIDENT_CODE}),
        "my_number": frozenset({Kind.MY_NUMBER}),
        "name": _NAME,
        "name_kana": _READING,
        "name_seion": _READING,
        "address": _ADDRESS,
        "previous_address": _ADDRESS,
    },
    "delivery-address": {
        "resident_code": frozenset({Kind.RESIDENT_CODE}),
        "my_number": frozenset({Kind.MY_NUMBER}),
        "destination_name": _NAME,
        "destination_address": _ADDRESS,
        "name": _NAME,
        "name_kana": _READING,
        "address": _ADDRESS,
        "substitute_name": _NAME,
        "substitute_address": _ADDRESS,
    },
}


def permitted_by(grant: Grant) -> frozenset[Kind]:
    """The kinds that the granted items hold."""
    kinds = _KINDS[grant.catalogue]
    return frozenset().union(*(kinds.get(field, NOTHING) for field in grant.fields()))
