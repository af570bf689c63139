from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
import time
from tests.factories import Office
from tests.rights.machine.recorded import RecordedMachine, register_two_assets
import random

def test_x(office: Office, db):
    t=time.time()
    from tests.rights.machine import recorded as R, machines as MM; import cProfile,pstats; RecordedMachine.parties = register_two_assets(office)
    print("setup", time.time()-t)
    pr=cProfile.Profile(); pr.enable(); t=time.process_time(); n=0
    for seed in range(5):
        r=random.Random(seed); m=RecordedMachine()
        try:
            for i in range(40):
                m.take(r.choice); n+=1
        finally:
            m.teardown()
    pr.disable(); pstats.Stats(pr).sort_stats("cumtime").print_stats(28)
    print((time.process_time()-t)/n*1000, "ms/step", m.tally)
