"""All drills, in the order in which they run."""

from hub.commandline.drills import (
    backup_restored,
    broker_disk_full,
    brokers_cut_off,
    certificate_expiry,
    certificate_rotation,
    clock_shifted,
    controller_killed,
    database_disk_full,
    hub_cut_off,
    hub_killed_at_marks,
    hub_paused,
    isr_shrink,
    key_rotation,
    leader_killed,
    poison_record,
    postgresql_killed,
    rebalance_storm,
    recipient_killed,
    recipient_paused,
    rights_withdrawn,
    slow_fsync,
    slow_recipient,
    yesterdays_database,
)
from hub.commandline.drills.drill import Drill
from infra.runtime.refusals import Refusal

DRILLS: tuple[Drill, ...] = (
    leader_killed.DRILL, controller_killed.DRILL, isr_shrink.DRILL, hub_killed_at_marks.DRILL, hub_paused.DRILL,
    rebalance_storm.DRILL, recipient_killed.DRILL, recipient_paused.DRILL, postgresql_killed.DRILL,
    slow_fsync.DRILL, clock_shifted.DRILL, poison_record.DRILL, rights_withdrawn.DRILL, certificate_expiry.DRILL,
    certificate_rotation.DRILL, key_rotation.DRILL, yesterdays_database.DRILL, backup_restored.DRILL, hub_cut_off.DRILL,
    brokers_cut_off.DRILL, slow_recipient.DRILL, broker_disk_full.DRILL, database_disk_full.DRILL,
)  # fmt: skip


def named(name: str) -> Drill:
    """The drill of this name; raises `Refusal` when there is none."""
    found = [each for each in DRILLS if each.name == name]
    if not found:
        raise Refusal("DRILL-NAME", f"there is no drill {name}; kairan drill list shows all")
    return found[0]
