package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testing.NoThreadLeaks;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** The thread of the test is the worker, and the one that interrupts it. */
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
}
