package dev.sluice.checks;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.sluice.internal.RingEnd;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/** The lock and the index of one end of a ring. */
public final class RingEndChecks {
    private RingEndChecks() {}

    /** One holds the lock at a time, and sees what the one before it wrote. */
    @JCStressTest
    @Outcome(id = "2", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN)
    @State
    public static class Exclusion {

        private final RingEnd end = new RingEnd();
        private int plain;

        private void count() {
            end.lock();
            plain++;
            end.unlock();
        }

        @Actor
        public void one() {
            count();
        }

        @Actor
        public void other() {
            count();
        }

        @Arbiter
        public void look(I_Result r) {
            r.r1 = plain;
        }
    }

    /** What was written before an index was published is seen behind it. */
    @JCStressTest
    @Outcome(
            id = {"0, 0", "0, 1", "1, 1"},
            expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN)
    @State
    public static class Publication {

        private final RingEnd end = new RingEnd();
        private int plain;

        @Actor
        public void write() {
            plain = 1;
            end.publish(1);
        }

        @Actor
        public void read(II_Result r) {
            r.r1 = (int) end.seenIndex();
            r.r2 = plain;
        }
    }
}
