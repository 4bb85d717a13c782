package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.testing.Crew;
import dev.sluice.testing.NoThreadLeaks;
import dev.sluice.testing.ThreadKind;
import dev.sluice.testing.Waiting;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.AbstractQueuedSynchronizer;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** The thread of the test is the worker, and the one that interrupts it, but where they have to meet. */
@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class InterruptsTest {
    private final Interrupts interrupts = new Interrupts();

    @AfterEach
    void takeOff() {
        Thread.interrupted();
    }

    @Test
    @DisplayName("promise 4: an interrupt comes while the worker works for the stage, and does not outlive that")
    void interruptComesBetweenEnterAndLeave() {
        interrupts.interrupt();
        assertThat(Thread.interrupted()).isFalse();
        assertThat(interrupts.worker()).isNull();
        interrupts.enter();
        assertThat(interrupts.worker()).isEqualTo(Thread.currentThread());
        interrupts.interrupt();
        assertThat(Thread.currentThread().isInterrupted()).isTrue();
        interrupts.leave();
        assertThat(Thread.interrupted()).isFalse();
        assertThat(interrupts.worker()).isNull();
        interrupts.interrupt();
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    @DisplayName("promise 4: an interrupt that is meant for one item does not come to another")
    void interruptOfAnItemComesToThatOnly() {
        interrupts.enter();
        interrupts.work("first");
        interrupts.interrupt((Object) "second");
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        interrupts.interrupt((Object) "first");
        assertThat(Thread.currentThread().isInterrupted()).isTrue();
        interrupts.work("second");
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        interrupts.interrupt((Object) "first");
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    @DisplayName("promise 4: an interrupt that comes while the thread does something else is kept until that is done")
    void interruptWaitsWhileTheWorkerIsSuspended() {
        interrupts.enter();
        interrupts.suspend();
        interrupts.interrupt();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        assertThat(interrupts.worker()).isNull();
        interrupts.resume();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(interrupts.worker()).isEqualTo(Thread.currentThread());
        interrupts.interrupt();
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    @DisplayName("promise 4: an interrupt that came before the thread does something else comes back after it")
    void interruptIsTakenOffWhileTheWorkerIsSuspended() {
        interrupts.enter();
        interrupts.interrupt();
        interrupts.suspend();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        interrupts.resume();
        assertThat(Thread.currentThread().isInterrupted()).isTrue();
    }

    @Test
    void interruptIsOwedOnce() {
        interrupts.enter();
        interrupts.suspend();
        interrupts.interrupt();
        interrupts.resume();
        assertThat(Thread.interrupted()).isTrue();
        // That of before has been given, and one that is used up is not owed.
        interrupts.interrupt();
        assertThat(Thread.interrupted()).isTrue();
        interrupts.suspend();
        interrupts.resume();
        assertThat(Thread.interrupted()).isFalse();
    }

    /** A worker whose interrupt takes as long as the test wants; it leaves its work meanwhile. */
    private final class SlowlyInterrupted extends Thread {
        private final CountDownLatch enters = new CountDownLatch(1);
        private final CountDownLatch onItsWay = new CountDownLatch(1);
        private final CountDownLatch arrives = new CountDownLatch(1);
        private final Runnable leaving;
        private volatile boolean leaves;
        private volatile boolean interruptedAfterwards;

        SlowlyInterrupted(Runnable leaving) {
            this.leaving = leaving;
        }

        @Override
        public void run() {
            interrupts.enter();
            interrupts.work("item");
            enters.countDown();
            awaitUninterruptibly(onItsWay);
            leaves = true;
            leaving.run();
            interruptedAfterwards = Thread.interrupted();
        }

        @Override
        public void interrupt() {
            onItsWay.countDown();
            awaitUninterruptibly(arrives);
            super.interrupt();
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void staysUntilTheInterruptHasArrived(SlowlyInterrupted worker, Crew.Action interrupt)
            throws Exception {
        worker.start();
        worker.enters.await();
        try (Crew crew = new Crew(ThreadKind.PLATFORM)) {
            crew.run(interrupt);
            await().until(() -> worker.leaves
                    && (LockSupport.getBlocker(worker) instanceof AbstractQueuedSynchronizer || !worker.isAlive()));
            boolean kept = worker.isAlive();
            worker.arrives.countDown();
            assertThat(kept).as("stays until the interrupt has arrived").isTrue();
        }
        Waiting.untilEnded(worker);
        assertThat(worker.interruptedAfterwards).isFalse();
    }

    @Test
    @DisplayName("promise 4: the worker does not leave its work while an interrupt is on its way")
    void workerStaysWhileAnInterruptIsOnItsWay() throws Exception {
        staysUntilTheInterruptHasArrived(new SlowlyInterrupted(interrupts::leave), interrupts::interrupt);
    }

    @Test
    @DisplayName("promise 4: the worker does not go on to another item while an interrupt for this one is on its way")
    void workerStaysAtAnItemWhileAnInterruptForItIsOnItsWay() throws Exception {
        staysUntilTheInterruptHasArrived(
                new SlowlyInterrupted(() -> interrupts.work("next")), () -> interrupts.interrupt((Object) "item"));
    }
}
