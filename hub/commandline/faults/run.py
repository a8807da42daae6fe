"""Seeds, one after the other: how many, what was violated."""

from hub.commandline.faults.life import Life
from hub.commandline.faults.machine import machine
from hub.commandline.faults.plan import plan_of
from hub.commandline.faults.world import World

if __name__ == "__main__":
    import sys
    import time

    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    with machine() as m:
        time.sleep(0.2)
        a, b = int(sys.argv[1]), int(sys.argv[2])
        t = time.process_time()
        bad = 0
        for seed in range(a, b):
            print(seed, end=" ", flush=True)
            world = World(m, plan_of(seed))
            life = Life(world)
            try:
                life.live()
            except Exception as e:
                bad += 1
                if bad < 4:
                    import traceback

                    print(seed, type(e).__name__, e, world.plan)
                    if not type(e).__name__.startswith("Viol"):
                        traceback.print_exc()
                    for l in world.scheduler.told:
                        print("   ", l)
            if b - a <= 5:
                print(seed, world.scheduler.taken, life.moves)
        print((b - a) / (time.process_time() - t), "seeds/s", bad, "bad")
