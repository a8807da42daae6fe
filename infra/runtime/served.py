"""Which of the municipalities that are served somebody means."""

from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings


def city_of(settings: Settings, municipality: str) -> str:
    """A municipality that is served, the first one if none is named; raises `Refusal` for any other."""
    if municipality and municipality not in settings.municipalities:
        raise Refusal("KRN-MUNICIPALITY", f"municipality: one of {', '.join(settings.municipalities)}")
    return municipality or settings.municipalities[0]
