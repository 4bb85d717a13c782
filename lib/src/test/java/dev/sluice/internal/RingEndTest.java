package dev.sluice.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testing.ThreadKind;
import dev.sluice.testing.Waiting;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(180)
class RingEndTest {
    /** More than there are carriers, and some more behind each of those. */
    private static final int WAITERS = 4 * Runtime.getRuntime().availableProcessors();

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    @DisplayName("promise 5: those who want the lock and are interrupted leave a processor to the one who holds it")
    void interruptedWaitersLetTheHolderComeBack(ThreadKind kind) throws InterruptedException {
        RingEnd end = new RingEnd();
        CountDownLatch held = new CountDownLatch(1);
        AtomicInteger begun = new AtomicInteger();
        AtomicInteger interrupted = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        threads.add(kind.start("holder", () -> {
            end.lock();
            held.countDown();
            while (begun.get() < WAITERS) {
                LockSupport.parkNanos(1_000_000);
            }
            LockSupport.parkNanos(20_000_000);
            end.unlock();
        }));
        held.await();
        for (int i = 0; i < WAITERS; i++) {
            threads.add(kind.start("waiter", () -> {
                Thread.currentThread().interrupt();
                begun.incrementAndGet();
                end.lock();
                end.unlock();
                if (Thread.interrupted()) {
                    interrupted.incrementAndGet();
                }
            }));
        }
        Waiting.untilEnded(threads);
        assertThat(interrupted).hasValue(WAITERS);
    }
}
