package dev.sluice.pool;

import static dev.sluice.pool.PoolAssert.LONG;
import static dev.sluice.pool.PoolAssert.assertCloses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.testing.Logged;
import dev.sluice.testing.NoThreadLeaks;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Who is told of a task that runs for too long, and how often. */
@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class StuckWatchTest {

    /** A job whose name is asked for by the log line alone. */
    private static final class Stuck {
        private final AtomicInteger told = new AtomicInteger();
        private final CountDownLatch end = new CountDownLatch(1);
        private final String name;
        private volatile long toldAt;

        Stuck(String name) {
            this.name = name;
        }

        Job<Boolean> job() {
            return Job.of(this, () -> end.await(30, TimeUnit.SECONDS));
        }

        void awaitTold() {
            await().atMost(LONG).until(() -> told.get() > 0);
        }

        @Override
        public String toString() {
            toldAt = System.nanoTime();
            told.incrementAndGet();
            return name;
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("each task that one thread runs for too long is told of, also when the pool was at rest between them")
    void everyTaskOfAThreadIsToldOf(PoolKind kind) throws Exception {
        Logged.during(() -> {
            WorkerPool pool =
                    kind.builder(1, 8).stuckAfter(Duration.ofMillis(2)).build();
            for (String name : new String[] {"first", "second", "third"}) {
                Stuck stuck = new Stuck(name);
                TaskHandle<Boolean> handle = pool.submit(stuck.job());
                stuck.awaitTold();
                stuck.end.countDown();
                assertThat(handle.get(30, TimeUnit.SECONDS)).isTrue();
            }
            assertCloses(pool);
        });
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("a task is told of once, however long it goes on, while others that come later are told of, too")
    void aTaskIsToldOfOnce(PoolKind kind) throws Exception {
        Stuck first = new Stuck("first");
        Logged.during(() -> {
            WorkerPool pool = kind.builder(2, 8).stuckAfter(Duration.ofNanos(1)).build();
            pool.submit(first.job());
            first.awaitTold();
            for (int i = 0; i < 5; i++) {
                Stuck next = new Stuck("next");
                pool.submit(next.job());
                next.awaitTold();
                next.end.countDown();
            }
            assertThat(first.told).hasValue(1);
            first.end.countDown();
            assertCloses(pool);
        });
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("a task is not told of before its time, whenever it begins between two looks")
    void nothingIsToldBeforeItsTime(PoolKind kind) throws Exception {
        Duration limit = Duration.ofMillis(20);
        Logged.during(() -> {
            WorkerPool pool = kind.builder(2, 8).stuckAfter(limit).build();
            Stuck first = new Stuck("first");
            pool.submit(first.job());
            first.awaitTold();
            for (int i = 0; i < 3; i++) {
                Stuck next = new Stuck("next");
                long before = System.nanoTime();
                pool.submit(next.job());
                next.awaitTold();
                assertThat(next.toldAt - before).isGreaterThanOrEqualTo(limit.toNanos());
                next.end.countDown();
            }
            first.end.countDown();
            assertCloses(pool);
        });
    }
}
