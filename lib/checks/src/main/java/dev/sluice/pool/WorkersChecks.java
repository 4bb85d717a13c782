package dev.sluice.pool;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/** jcstress tests of who is called for an entry: the addition meets the last look of a worker that gives up its slot. */
public final class WorkersChecks {
    private WorkersChecks() {}

    /** A pool of one worker that is at work; threads are asked for, and do not run. */
    static class AtWork {
        final AtomicInteger asked = new AtomicInteger();
        final QueuedPool pool = new QueuedPool("checked", 1, 8, OnFull.REJECT, NeverRun::new);
        final Worker worker = new Worker(pool);

        AtWork() {
            pool.execute(() -> {});
            pool.workers.join(worker);
            pool.backlog.claim(worker, 1, 1);
            worker.begin();
            pool.workers.endSearch();
            asked.set(0);
        }

        private final class NeverRun extends Thread {
            NeverRun(Runnable body) {
                super(body);
            }

            @Override
            public void start() {
                asked.incrementAndGet();
            }
        }
    }

    /** The slot of the only worker gets free while an entry is added: somebody is called for it. */
    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "an entry, a free slot, and nobody on the way")
    @State
    public static class LendWhileAnEntryIsAdded extends AtWork {
        private boolean toStart;

        /** Adds it. */
        @Actor
        public void add() {
            pool.execute(() -> {});
        }

        /** Frees the slot. */
        @Actor
        public void lend() {
            toStart = pool.workers.giveUpSlot(worker);
        }

        /** Whether somebody was asked for. */
        @Arbiter
        public void look(I_Result r) {
            r.r1 = asked.get() + (toStart ? 1 : 0);
        }
    }

    /** A task comes while the pool is stopped: it is refused, or cancelled with the others, and nothing stays in the queue. */
    @JCStressTest
    @Outcome(
            id = {"0, 0", "1, 0"},
            expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "a task that nobody will run, and that was not cancelled")
    @State
    public static class StopWhileATaskIsAdded extends AtWork {
        private @Nullable TaskHandle<?> added;

        /** Adds it. */
        @Actor
        public void add() {
            try {
                added = pool.submit(() -> {});
            } catch (RejectedExecutionException e) {
                // It came too late.
            }
        }

        /** Stops the pool. */
        @Actor
        public void stop() {
            pool.shutdownNow();
        }

        /** What became of it. */
        @Arbiter
        public void look(II_Result r) {
            r.r1 = added == null ? 0 : added.isCancelled() ? 1 : 2;
            r.r2 = (int) pool.stats().queued();
        }
    }
}
