package dev.sluice.pool;

import static dev.sluice.pool.PoolAssert.assertCloses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.testing.Crew;
import dev.sluice.testing.ThreadKind;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Scenario 12, when a pool has a worker and cannot get another one: as when a system has no more threads to give. */
@Timeout(180)
class ThreadStartTest {
    private final CountDownLatch end = new CountDownLatch(1);
    /** Whether the factory makes more than the first thread. */
    private volatile boolean makesMore;

    private volatile Thread first;

    @AfterEach
    void letGo() {
        end.countDown();
    }

    private WorkerPool poolOfTwo(PoolKind kind) {
        return pool(kind, 2, good -> {
            if (!makesMore) {
                throw new OutOfMemoryError("unable to create native thread");
            }
            return good.get();
        });
    }

    /** A pool that has its first thread, and what {@code next} says of further ones. */
    private WorkerPool pool(PoolKind kind, int workers, Function<Supplier<Thread>, Thread> next) {
        ThreadFactory good = kind.threads().factory("worker-");
        return WorkerPool.builder()
                .workers(workers)
                .queueCapacity(16)
                .threadFactory(body -> {
                    if (first == null) {
                        first = good.newThread(body);
                        return first;
                    }
                    return next.apply(() -> good.newThread(body));
                })
                .build();
    }

    private static void runTen(PoolKind kind, WorkerPool pool) throws Exception {
        try (Crew crew = new Crew(kind.threads())) {
            crew.run(() -> {
                List<TaskHandle<Integer>> handles = new ArrayList<>();
                for (int i = 0; i < 10; i++) {
                    int number = i;
                    handles.add(pool.submit(() -> {
                        Thread.yield();
                        return number;
                    }));
                }
                for (int i = 0; i < 10; i++) {
                    assertThat(handles.get(i).get(30, TimeUnit.SECONDS)).isEqualTo(i);
                }
            });
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#queued")
    @DisplayName("scenario 12: one worker does everything when the second cannot be started, and then there are two")
    void oneWorkerDoesWhatTwoCannot(PoolKind kind) throws Exception {
        WorkerPool pool = poolOfTwo(kind);
        runTen(kind, pool);
        makesMore = true;
        CountDownLatch both = new CountDownLatch(2);
        List<TaskHandle<Boolean>> meeting = Stream.of(both, both)
                .map(latch -> pool.submit(() -> {
                    latch.countDown();
                    return latch.await(30, TimeUnit.SECONDS);
                }))
                .toList();
        for (TaskHandle<Boolean> handle : meeting) {
            assertThat(handle.get(30, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(assertCloses(pool).succeeded()).isEqualTo(12);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#queued")
    @DisplayName("scenario 12: what waits behind a long task, for a thread could not be started, is begun when one can")
    void whatWaitsForAThreadGetsOneWithoutFurtherCalls(PoolKind kind) throws Exception {
        WorkerPool pool = poolOfTwo(kind);
        TaskHandle<Boolean> lasting = pool.submit(() -> end.await(30, TimeUnit.SECONDS));
        try (Crew crew = new Crew(kind.threads())) {
            TaskHandle<Integer> behind = crew.start(() -> pool.submit(() -> 2)).result();
            assertThat(behind.isDone()).isFalse();
            makesMore = true;
            assertThat(behind.get(30, TimeUnit.SECONDS)).isEqualTo(2);
        }
        assertThat(lasting.isDone()).isFalse();
        end.countDown();
        assertThat(assertCloses(pool).succeeded()).isEqualTo(2);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#queued")
    @DisplayName("scenario 12: a reason that cannot be told costs neither the task at hand nor the next one")
    void reasonThatCannotBeToldHarmsNobody(PoolKind kind) throws Exception {
        WorkerPool pool = pool(kind, 2, good -> {
            throw new Untold();
        });
        CountDownLatch begun = new CountDownLatch(1);
        pool.submit(() -> {
            begun.countDown();
            return end.await(30, TimeUnit.SECONDS);
        });
        assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
        TaskHandle<Integer> behind = pool.submit(() -> 2); // asks for a second thread
        end.countDown();
        assertThat(behind.get(30, TimeUnit.SECONDS)).isEqualTo(2);
        runTen(kind, pool);
        assertThat(assertCloses(pool).succeeded()).isEqualTo(12);
    }

    private static final class Untold extends RuntimeException {
        private static final long serialVersionUID = 1;

        @Override
        public String toString() {
            throw new IllegalStateException("has no words");
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#queued")
    @DisplayName("scenario 12: a slot that a thread does not come for goes to the worker that wants it back")
    void slotOfAThreadThatFailsGoesToWhoComesBack(PoolKind kind) throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch refuse = new CountDownLatch(1);
        WorkerPool other = new PoolKind(false, ThreadKind.PLATFORM).pool(1, 1);
        WorkerPool pool = pool(kind, 1, good -> {
            asked.countDown();
            Uninterruptibly.await(refuse);
            return null;
        });
        try (Crew crew = new Crew(kind.threads())) {
            TaskHandle<Integer> awaited = other.submit(() -> {
                Uninterruptibly.await(end);
                return 1;
            });
            TaskHandle<Integer> lender = pool.submit(() -> awaited.get());
            await().until(this::isLent);
            Crew.Member<TaskHandle<Integer>> second = crew.start(() -> pool.submit(() -> 2));
            assertThat(asked.await(30, TimeUnit.SECONDS)).isTrue();
            end.countDown();
            await().until(() -> isIn("reclaim"));
            refuse.countDown();
            assertThat(lender.get(30, TimeUnit.SECONDS)).isEqualTo(1);
            assertThat(second.result().get(30, TimeUnit.SECONDS)).isEqualTo(2);
        } finally {
            refuse.countDown();
        }
        assertThat(assertCloses(pool).succeeded()).isEqualTo(2);
        assertCloses(other);
    }

    private boolean isLent() {
        return isIn("lend") && !isIn("giveUpSlot");
    }

    private boolean isIn(String method) {
        return Stream.of(first.getStackTrace())
                .anyMatch(frame -> frame.getMethodName().equals(method));
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#queued")
    @DisplayName("scenario 12: with every worker lent, an entry that gets no thread is refused")
    void whoWouldWaitForNobodyIsRefused(PoolKind kind) throws Exception {
        WorkerPool other = new PoolKind(false, ThreadKind.PLATFORM).pool(1, 1);
        WorkerPool pool = poolOfTwo(kind);
        TaskHandle<Boolean> awaited = other.submit(() -> end.await(30, TimeUnit.SECONDS));
        TaskHandle<Boolean> lender = pool.submit(() -> awaited.get());
        await().until(this::isLent);
        assertThatThrownBy(() -> pool.submit(() -> 2)).isInstanceOf(RejectedExecutionException.class);
        end.countDown();
        assertThat(lender.get(30, TimeUnit.SECONDS)).isTrue();
        assertThat(assertCloses(pool).rejected()).isEqualTo(1);
        assertCloses(other);
    }
}
