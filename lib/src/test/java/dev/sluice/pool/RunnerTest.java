package dev.sluice.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testing.Crew;
import dev.sluice.testing.NoThreadLeaks;
import dev.sluice.testing.ThreadKind;
import dev.sluice.testing.Waiting;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Interrupts for one task only: promise 4. */
@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class RunnerTest {
    private final Runner runner = new Runner();
    private final CountDownLatch attached = new CountDownLatch(1);
    private final CountDownLatch onItsWay = new CountDownLatch(1);
    private final CountDownLatch arrives = new CountDownLatch(1);
    private final CountDownLatch leave = new CountDownLatch(1);
    private final AtomicBoolean left = new AtomicBoolean();
    private final AtomicBoolean interruptedWhenLeft = new AtomicBoolean();

    /** A thread whose interrupt takes as long as the test wants. */
    private final class SlowlyInterrupted extends Thread {
        private final Runnable leaving;

        SlowlyInterrupted(Runnable leaving) {
            this.leaving = leaving;
        }

        @Override
        public void run() {
            runner.attach();
            attached.countDown();
            Uninterruptibly.await(leave);
            leaving.run();
            interruptedWhenLeft.set(Thread.interrupted());
            left.set(true);
        }

        @Override
        public void interrupt() {
            onItsWay.countDown();
            Uninterruptibly.await(arrives);
            super.interrupt();
        }
    }

    @Test
    @DisplayName("scenario 7: the thread does not leave the task while an interrupt is on its way")
    void waitsForAnInterruptOnItsWay() throws Exception {
        staysUntilTheInterruptHasArrived(runner::detach);
    }

    @Test
    void waitsForAnInterruptOnItsWayBeforeNestedWork() throws Exception {
        staysUntilTheInterruptHasArrived(runner::suspend);
    }

    private void staysUntilTheInterruptHasArrived(Runnable leaving) throws Exception {
        Thread worker = new SlowlyInterrupted(leaving);
        worker.start();
        attached.await();
        try (Crew crew = new Crew(ThreadKind.PLATFORM)) {
            Crew.Member<Void> interrupter = crew.run(runner::interrupt);
            onItsWay.await();
            leave.countDown();
            worker.join(50);
            assertThat(left).as("left before the interrupt arrived").isFalse();
            arrives.countDown();
            interrupter.result();
        }
        Waiting.untilEnded(worker);
        assertThat(interruptedWhenLeft).isTrue();
    }

    @Test
    void anInterruptBeforeTheStartAwaitsTheTask() {
        runner.interrupt();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        runner.attach();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(runner.detach()).isTrue();
    }

    @Test
    void anInterruptDuringNestedWorkAwaitsTheReturn() {
        runner.attach();
        runner.suspend();
        runner.interrupt();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        runner.attach();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(runner.detach()).isTrue();
    }

    @Test
    @DisplayName(
            "promise 4: an interrupt on a condition is refused while the thread is away, and goes nowhere after the end")
    void anInterruptOnAConditionReachesTheTaskOnly() {
        assertThat(runner.interruptIf(() -> true)).as("not begun").isFalse();
        runner.attach();
        assertThat(runner.interruptIf(() -> false)).isTrue();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        runner.suspend();
        assertThat(runner.interruptIf(() -> true)).as("nested work").isFalse();
        runner.attach();
        assertThat(runner.interruptIf(() -> true)).isTrue();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(runner.detach()).isTrue();
        assertThat(runner.interruptIf(() -> true)).as("after the end").isTrue();
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void anInterruptAfterTheEndGoesNowhere() {
        runner.attach();
        assertThat(runner.detach()).isFalse();
        runner.interrupt();
        runner.suspend();
        runner.attach();
        assertThat(Thread.interrupted()).isFalse();
    }
}
