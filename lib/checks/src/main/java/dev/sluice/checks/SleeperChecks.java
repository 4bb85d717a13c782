package dev.sluice.checks;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.sluice.internal.Sleepers;
import java.util.function.BooleanSupplier;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/** jcstress test of {@link Sleepers} by itself, without what a queue does before it lets a thread sleep. */
public final class SleeperChecks {
    private SleeperChecks() {}

    /** Either the sleeper sees what was published, or it is called. */
    @JCStressTest
    @Outcome(id = "0", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "neither seen nor called")
    @State
    public static class SleeperTurns extends CallTurns {
        private final Sleepers sleepers = new Sleepers();
        private final Asleep asleep = new Asleep(sleepers);

        /** Publishes and calls. */
        @Actor
        public void change(I_Result r) {
            r.r1 = makeChanges();
        }

        /** Sleeps. */
        @Actor
        public void see() {
            seeChanges();
        }

        @Override
        protected void call() {
            sleepers.callOne();
        }

        @Override
        protected boolean isSeen() {
            return sleepers.areWanted();
        }

        @Override
        protected void sleep(BooleanSupplier ready) throws InterruptedException {
            sleepers.sleep(ready, Long.MAX_VALUE);
        }

        @Override
        protected boolean isAsleep(BooleanSupplier sleepsOn) {
            return asleep.isAnybody(sleepsOn);
        }

        @Override
        protected void free() {
            asleep.callAll();
        }
    }
}
