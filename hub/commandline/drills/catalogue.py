"""All drills, in the order in which they run."""

from hub.commandline.drills import leader_killed
from hub.commandline.drills.drill import Drill
from infra.runtime.refusals import Refusal

DRILLS: tuple[Drill, ...] = (leader_killed.DRILL,)


def named(name: str) -> Drill:
    """The drill of this name; raises `Refusal` when there is none."""
    found = [each for each in DRILLS if each.name == name]
    if not found:
        raise Refusal("DRILL-NAME", f"there is no drill {name}; kairan drill list shows all")
    return found[0]
