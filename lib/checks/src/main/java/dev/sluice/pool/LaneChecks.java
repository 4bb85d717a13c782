package dev.sluice.pool;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * jcstress tests of the hand-over in a lane, without threads of the pool: the next task of a key is begun once, by one, and not
 * before the one ahead of it has ended, whatever comes between.
 */
public final class LaneChecks {
    private LaneChecks() {}

    /** A lane with room for four, two workers, and threads that are asked for and do not run. */
    static class Laned {
        final QueuedPool pool = new QueuedPool("checked", 2, 16, OnFull.REJECT, NeverRun::new);
        final Backlog backlog = pool.backlog;
        final Worker owner = new Worker(pool);
        final Worker other = new Worker(pool);
        private final Lane lane = pool.lane("key");
        final LaneTask<?> first = task();
        final LaneTask<?> second = task();
        final LaneTask<?> third = task();

        Laned() {
            backlog.join(owner);
            backlog.join(other);
            backlog.offer(first);
        }

        private LaneTask<?> task() {
            Runnable work = () -> {};
            return new LaneTask<>(lane, work, true, true);
        }

        /** Whether it has begun the next one that may begin; 9 when one still runs. */
        int come(Worker worker) {
            boolean found = backlog.claim(worker, 1, 2) && worker.begin() != null;
            return !found ? 0 : first.phase() == Phase.RUNNING && second.phase() == Phase.RUNNING ? 9 : 1;
        }

        private static final class NeverRun extends Thread {
            NeverRun(Runnable body) {
                super(body);
            }

            @Override
            public void start() {
                // The actors are the workers.
            }
        }
    }

    /** A lane with a task that runs. */
    static class Running extends Laned {
        Running() {
            come(owner);
        }

        void end() {
            owner.run(first);
        }
    }

    /** The task ends while the next one is submitted and a worker comes upon that. */
    @JCStressTest
    @Outcome(
            id = {"1, 1, 0", "1, 0, 1"},
            expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "begun too early, twice, or by nobody")
    @State
    public static class EndAgainstSubmit extends Running {
        /** Ends the first one. */
        @Actor
        public void endFirst() {
            end();
        }

        /** Submits the second one, and comes upon it. */
        @Actor
        public void submit(III_Result r) {
            r.r1 = backlog.offer(second) == Backlog.Offer.ACCEPTED ? 1 : 0;
            r.r2 = come(other);
        }

        /** Comes upon it again. */
        @Arbiter
        public void comeAgain(III_Result r) {
            r.r3 = come(other);
        }
    }

    /** The task ends while a worker comes upon the next one. */
    @JCStressTest
    @Outcome(
            id = {"1, 0", "0, 1"},
            expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "begun too early, twice, or by nobody")
    @State
    public static class EndAgainstPassing extends Running {
        /** Two tasks. */
        public EndAgainstPassing() {
            backlog.offer(second);
        }

        /** Ends the first one. */
        @Actor
        public void endFirst() {
            end();
        }

        /** Comes upon the second one. */
        @Actor
        public void passBy(II_Result r) {
            r.r1 = come(other);
        }

        /** Comes upon it again. */
        @Arbiter
        public void comeAgain(II_Result r) {
            r.r2 = come(other);
        }
    }

    /** The task ends while the next one is cancelled, which a worker has passed by, as it has the one behind. */
    @JCStressTest
    @Outcome(id = "1, 1, 0", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "the last one was left behind, or the cancelled one counts")
    @State
    public static class EndAgainstCancel extends Running {
        /** Three tasks. */
        public EndAgainstCancel() {
            backlog.offer(second);
            backlog.offer(third);
            come(other);
            come(other);
        }

        /** Ends the first one. */
        @Actor
        public void endFirst() {
            end();
        }

        /** Cancels the second one. */
        @Actor
        public void cancel(III_Result r) {
            r.r1 = second.cancel(false) ? 1 : 0;
        }

        /** Comes upon what there is. */
        @Arbiter
        public void comeAgain(III_Result r) {
            come(other);
            come(other);
            r.r2 = third.phase() == Phase.RUNNING ? 1 : 0;
            r.r3 = (int) backlog.snapshot().queued;
        }
    }

    /** The first one is cancelled while a worker comes upon it and the next one. */
    @JCStressTest
    @Outcome(
            id = {"1, 1", "0, 0"},
            expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "the next one was left behind, or has overtaken")
    @State
    public static class CancelAgainstPassing extends Laned {
        /** Two tasks. */
        public CancelAgainstPassing() {
            backlog.offer(second);
        }

        /** Cancels the first one, if it has not begun. */
        @Actor
        public void cancel(II_Result r) {
            r.r1 = backlog.withdraw(first, Phase.CANCELLED) ? 1 : 0;
        }

        /** Comes upon both. */
        @Actor
        public void passBy() {
            come(owner);
            come(owner);
        }

        /** Comes upon what there is. */
        @Arbiter
        public void comeAgain(II_Result r) {
            come(other);
            come(other);
            r.r2 = second.phase() == Phase.RUNNING ? 1 : 0;
        }
    }
}
