package dev.sluice.pool;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.concurrent.ThreadLocalRandom;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/** jcstress tests of a task's {@link Handle}, without threads of a pool. */
public final class HandleChecks {
    private static final QueuedPool POOL = new QueuedPool("checked", 1, 1, OnFull.REJECT, Thread::new);

    private HandleChecks() {}

    /**
     * One waits for a task without a limit, for who was not called would find the end when his time is up, and say nothing.
     * It is the one who ends it who looks whether the other has stayed behind.
     */
    @JCStressTest
    @Outcome(id = "0", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "asleep, and nobody will call")
    @State
    public static class AwaitAgainstEnd {
        private final Task<?> task = new Task<>(POOL, (Runnable) () -> {}, true, true, TaskListener.NONE);
        private final int delay = ThreadLocalRandom.current().nextInt(50);
        private volatile Thread waiter;
        private volatile boolean freed;

        /** Waits. */
        @Actor
        public void await() {
            waiter = Thread.currentThread();
            try {
                task.await(Long.MAX_VALUE);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            freed = true;
        }

        /** Ends the task. */
        @Actor
        public void end(I_Result r) {
            while (waiter == null) {
                Thread.yield();
            }
            for (int looks = delay; looks > 0 && !freed; looks--) {
                Thread.onSpinWait();
            }
            task.finish(Phase.SUCCEEDED);
            task.wake();
            while (!freed && r.r1 == 0) {
                if (waiter.getState() == Thread.State.TIMED_WAITING
                        && !task.waiters().isDone()
                        && !freed) { // last: who has been freed may sleep at the barrier of jcstress
                    r.r1 = 1;
                    task.wake();
                }
                Thread.yield();
            }
        }
    }
}
