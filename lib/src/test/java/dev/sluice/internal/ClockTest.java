package dev.sluice.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testing.NoThreadLeaks;
import dev.sluice.testing.Rounds;
import java.lang.ref.WeakReference;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** The thread of each clock here ends by itself: {@link NoThreadLeaks} checks it. */
@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class ClockTest {
    private static final long HOUR = TimeUnit.HOURS.toNanos(1);

    private final Clock clock = new Clock("test-clock", TimeUnit.MILLISECONDS.toNanos(20));

    @Test
    void goesOffInTheOrderOfTimesAndThenOfSetting() throws InterruptedException {
        List<Integer> order = new CopyOnWriteArrayList<>();
        CountDownLatch all = new CountDownLatch(4);
        CountDownLatch set = new CountDownLatch(1);
        // Holds the clock's thread until all are set.
        clock.set(0, () -> Uninterruptible.await(set));
        long now = System.nanoTime();
        for (int i : new int[] {30, 10, 20}) {
            clock.set(TimeUnit.MILLISECONDS.toNanos(i), () -> {
                order.add(i);
                all.countDown();
            });
        }
        clock.set(0, () -> {
            order.add(0);
            all.countDown();
        });
        set.countDown();
        all.await();
        assertThat(order).containsExactly(0, 10, 20, 30);
        assertThat(System.nanoTime() - now).isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(30));
    }

    @Test
    void laterAlarmDoesNotHoldUpAnEarlierOne() throws InterruptedException {
        CountDownLatch earlier = new CountDownLatch(1);
        Clock.Alarm later = clock.set(HOUR, () -> {});
        AtomicReference<Thread> thread = new AtomicReference<>();
        clock.set(0, () -> thread.set(Thread.currentThread()));
        Awaitility.await().until(() -> thread.get() != null && thread.get().getState() == Thread.State.TIMED_WAITING);
        clock.set(0, earlier::countDown);
        earlier.await();
        assertThat(later.cancel()).isTrue();
        assertThat(later.cancel()).isFalse();
    }

    @Test
    void cancelledAlarmIsForgotten() {
        Object held = new Object();
        WeakReference<Object> seen = new WeakReference<>(held);
        Clock.Alarm other = clock.set(HOUR, () -> {});
        Clock.Alarm alarm = clock.set(HOUR, held::hashCode);
        assertThat(alarm.cancel()).isTrue();
        held = null;
        Awaitility.await().until(() -> {
            System.gc();
            return seen.get() == null;
        });
        other.cancel();
        assertThat(clock.size()).isZero();
    }

    @Test
    void manyCancelledAlarmsDoNotStayInTheHeap() {
        Clock.Alarm last = clock.set(HOUR, () -> {});
        for (int i = 0; i < 1000; i++) {
            Clock.Alarm alarm = clock.set(HOUR, () -> {});
            last.cancel();
            last = alarm;
        }
        assertThat(clock.size()).isLessThan(5);
        last.cancel();
    }

    @Test
    void goesOnAfterAnActionThatThrowsAndStartsAgainAfterItsEnd() throws InterruptedException {
        for (int i = 0; i < 3; i++) {
            clock.set(0, () -> {
                throw new AssertionError("logged");
            });
            CountDownLatch reached = new CountDownLatch(1);
            Thread[] thread = new Thread[1];
            clock.set(0, () -> {
                thread[0] = Thread.currentThread();
                reached.countDown();
            });
            reached.await();
            thread[0].join();
        }
    }

    /** The thread of this clock ends as soon as it has nothing to do: each alarm meets the end after the one before. */
    @Test
    void alarmThatMeetsTheEndOfTheThreadGoesOff() {
        Clock hasty = new Clock("test-clock", 0);
        AtomicInteger reached = new AtomicInteger();
        for (int i = 1; i <= Rounds.of(1_000_000); i++) {
            hasty.set(0, reached::incrementAndGet);
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
            // Who slept would come after the end.
            for (int looks = 1; reached.get() < i; looks++) {
                if (looks % 1000 == 0) {
                    Thread.yield();
                    assertThat(System.nanoTime() - deadline).as("alarm %s", i).isNegative();
                }
            }
        }
    }

    /** Waits in the clock's thread, which nobody interrupts. */
    private static final class Uninterruptible {
        static void await(CountDownLatch latch) {
            try {
                latch.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }
}
