package dev.sluice.pool;

import static dev.sluice.pool.PoolAssert.LONG;
import static dev.sluice.pool.PoolAssert.assertCloses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.sluice.testing.Crew;
import dev.sluice.testing.NoThreadLeaks;
import dev.sluice.testing.ThreadKind;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tasks that wait for tasks: promise 5, no deadlock through the library's own waits. */
@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class SelfSubmissionTest {

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("scenario 1: a task of a full pool submits three children and joins them")
    void taskJoinsChildrenInItsOwnFullPool(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 1);
        int sum = pool.submit(() -> {
                    List<TaskHandle<Integer>> children = new ArrayList<>();
                    for (int i = 1; i <= 3; i++) {
                        int value = i;
                        children.add(pool.submit(() -> value));
                    }
                    int total = 0;
                    for (TaskHandle<Integer> child : children) {
                        total += child.get();
                    }
                    return total;
                })
                .get(30, TimeUnit.SECONDS);
        assertThat(sum).isEqualTo(6);
        assertThat(assertCloses(pool).succeeded()).isEqualTo(4);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("scenario 1: pool A waits for pool B, which waits for pool A: ends")
    void poolsThatWaitForEachOtherEnd(PoolKind kind) throws Exception {
        WorkerPool a = kind.pool(1, 1);
        WorkerPool b = kind.pool(1, 1);
        TaskHandle<String> outer = a.submit(() ->
                b.submit(() -> "b(" + a.submit(() -> "a").get() + ")").get());
        assertThat(outer.get(30, TimeUnit.SECONDS)).isEqualTo("b(a)");
        assertCloses(a);
        assertCloses(b);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("promise 5: a recursion many times wider than the pool ends")
    void recursionEnds(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(2, 2);
        assertThat(pool.submit(() -> leaves(pool, 5)).get(30, TimeUnit.SECONDS)).isEqualTo(243);
        assertCloses(pool);
    }

    private static int leaves(WorkerPool pool, int depth) throws Exception {
        if (depth == 0) {
            return 1;
        }
        List<TaskHandle<Integer>> children = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            children.add(pool.submit(() -> leaves(pool, depth - 1)));
        }
        int sum = 0;
        for (TaskHandle<Integer> child : children) {
            sum += child.get();
        }
        return sum;
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("promise 5: a task that submits its successor for ever neither stops nor overflows its stack")
    void chainOfSuccessorsGoesOn(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 1);
        int links = 3_000;
        CompletableFuture<Integer> end = new CompletableFuture<>();
        AtomicInteger deepest = new AtomicInteger();
        for (int chain = 0; chain < 3; chain++) {
            pool.execute(new Runnable() {
                private int link;

                @Override
                public void run() {
                    deepest.accumulateAndGet(new Throwable().getStackTrace().length, Math::max);
                    if (++link < links) {
                        pool.execute(this);
                    } else {
                        end.complete(link);
                    }
                }
            });
        }
        assertThat(end.get(30, TimeUnit.SECONDS)).isEqualTo(links);
        assertThat(deepest.get()).isLessThan(1024);
        assertThat(pool.awaitIdle(LONG)).isTrue();
        assertThat(assertCloses(pool).succeeded()).isEqualTo(3L * links);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("promise 5: invokeAll and invokeAny from a task of the pool end")
    void bulkCallsFromATaskEnd(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 1);
        List<Callable<Integer>> tasks = List.of(() -> 1, () -> 2, () -> 3);
        int sum = pool.submit(() -> {
                    int all = 0;
                    for (var future : pool.invokeAll(tasks)) {
                        all += future.get();
                    }
                    return all + pool.invokeAny(tasks);
                })
                .get(30, TimeUnit.SECONDS);
        assertThat(sum).isBetween(7, 9);
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("promise 5: a group is joined and read by a task of its pool")
    void groupInsideATaskEnds(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 1);
        int sum = pool.submit(() -> {
                    int total = 0;
                    try (TaskGroup<Integer> group = pool.group(OnFailure.COLLECT)) {
                        for (int i = 1; i <= 5; i++) {
                            int value = i;
                            group.submit(() -> value);
                        }
                        group.join();
                        for (Outcome<Integer> outcome : group.outcomes()) {
                            total += outcome.orElseThrow();
                        }
                    }
                    return total;
                })
                .get(30, TimeUnit.SECONDS);
        assertThat(sum).isEqualTo(15);
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("promise 5: a timed get lends its worker to the task that it waits for")
    void timedGetLends(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 1);
        int value = pool.submit(() -> pool.submit(() -> 42).get(30, TimeUnit.SECONDS))
                .get(30, TimeUnit.SECONDS);
        assertThat(value).isEqualTo(42);
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("promise 5: a task that waits for itself is told so at once")
    void waitForItselfFails(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 1);
        CompletableFuture<TaskHandle<Object>> own = new CompletableFuture<>();
        TaskHandle<Object> handle =
                pool.submit(Job.of("narcissus", () -> own.join().get()));
        own.complete(handle);
        assertThat(catchThrowable(() -> handle.get(30, TimeUnit.SECONDS)))
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("narcissus");
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("promise 5: tasks of two pools that wait for each other are told so, with the cycle named")
    void cycleOfHandlesFails(PoolKind kind) throws Exception {
        WorkerPool a = kind.pool(1, 1);
        WorkerPool b = kind.pool(1, 1);
        CompletableFuture<TaskHandle<Object>> first = new CompletableFuture<>();
        CompletableFuture<TaskHandle<Object>> second = new CompletableFuture<>();
        CountDownLatch bothRun = new CountDownLatch(2);
        first.complete(a.submit(Job.of("hen", () -> {
            bothRun.countDown();
            bothRun.await();
            return second.join().get();
        })));
        second.complete(b.submit(Job.of("egg", () -> {
            bothRun.countDown();
            bothRun.await();
            return first.join().get();
        })));
        Throwable ofHen = catchThrowable(() -> first.join().get(30, TimeUnit.SECONDS));
        Throwable ofEgg = catchThrowable(() -> second.join().get(30, TimeUnit.SECONDS));
        assertThat(List.of(ofHen, ofEgg))
                .allSatisfy(thrown -> assertThat(thrown)
                        .isInstanceOf(ExecutionException.class)
                        .rootCause()
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("hen")
                        .hasMessageContaining("egg"));
        assertCloses(a);
        assertCloses(b);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("promise 5: a member that joins its own group is told so")
    void memberJoiningItsGroupFails(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(2, 4);
        TaskGroup<Void> group = pool.group(OnFailure.COLLECT);
        TaskHandle<Void> member = group.submit(() -> {
            group.join();
            return null;
        });
        assertThat(catchThrowable(() -> member.get(30, TimeUnit.SECONDS)))
                .cause()
                .isInstanceOf(IllegalStateException.class);
        catchThrowable(group::join);
        group.close();
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("promise 5: who lent its slot goes on only when the one who took it has ended")
    void lenderWaitsForItsSlot(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 1);
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        AtomicBoolean slotTaken = new AtomicBoolean();
        CompletableFuture<Thread> lender = new CompletableFuture<>();
        try (WorkerPool elsewhere = WorkerPool.of(1);
                Crew crew = new Crew(ThreadKind.PLATFORM);
                AutoCloseable atTheEnd = release::countDown) {
            TaskHandle<?> endless = elsewhere.submit(() -> Uninterruptibly.await(release));
            TaskHandle<Boolean> parent = pool.submit(() -> {
                go.await();
                assertThatThrownBy(() -> endless.get(20, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
                return slotTaken.get();
            });
            Crew.Member<TaskHandle<?>> submitter = crew.start(() -> pool.submit(() -> {
                slotTaken.set(true);
                lender.complete(Thread.currentThread());
                Uninterruptibly.await(release);
                slotTaken.set(false);
            }));
            await().until(() -> pool.stats().queued() + pool.stats().waiting() == 1);
            go.countDown();
            lender.get(30, TimeUnit.SECONDS);
            // By now the parent's time is running out or has run out; it must not get far.
            assertThatThrownBy(() -> parent.get(200, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
            release.countDown();
            assertThat(parent.get(30, TimeUnit.SECONDS)).isFalse();
            submitter.result().get(30, TimeUnit.SECONDS);
        }
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("promise 5: lending never passes the limit")
    void lendingKeepsTheLimit(PoolKind kind) throws Exception {
        int width = 2;
        WorkerPool pool = kind.pool(width, 4);
        AtomicInteger active = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        Callable<Void> leaf = () -> {
            most.accumulateAndGet(active.incrementAndGet(), Math::max);
            Thread.onSpinWait();
            active.decrementAndGet();
            return null;
        };
        List<TaskHandle<Void>> parents = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            parents.add(pool.submit(() -> {
                TaskHandle<Void> child = pool.submit(leaf);
                child.get(30, TimeUnit.SECONDS);
                return leaf.call();
            }));
        }
        for (TaskHandle<Void> parent : parents) {
            parent.get(30, TimeUnit.SECONDS);
        }
        assertThat(most.get()).isBetween(1, width);
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("promise 5: awaitExit by a task lends once")
    void awaitExitLendsOnce(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(2, 4);
        boolean exited = pool.submit(() -> {
                    CountDownLatch release = new CountDownLatch(1);
                    TaskHandle<?> other = pool.submit(() -> release.await(60, TimeUnit.SECONDS));
                    pool.submit(release::countDown);
                    return other.awaitExit(LONG);
                })
                .get(30, TimeUnit.SECONDS);
        assertThat(exited).isTrue();
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("promise 5: a cancelled member that closes its own group is told so")
    void cancelledMemberClosingItsGroupFails(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(2, 4);
        TaskGroup<Void> group = pool.group(OnFailure.COLLECT);
        CompletableFuture<Throwable> thrown = new CompletableFuture<>();
        group.submit(() -> {
            group.cancel();
            Thread.interrupted();
            thrown.complete(catchThrowable(group::close));
            return null;
        });
        assertThat(thrown.get(30, TimeUnit.SECONDS)).isInstanceOf(IllegalStateException.class);
        group.close();
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void callbackOfTheLastMemberMayJoinItsGroup(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 4);
        TaskGroup<Integer> group = pool.group(OnFailure.COLLECT);
        CountDownLatch release = new CountDownLatch(1);
        TaskHandle<Integer> last = group.submit(() -> {
            release.await();
            return 1;
        });
        CompletableFuture<Integer> joined = last.toCompletableFuture().thenApply(value -> {
            assertThatCode(group::join).doesNotThrowAnyException();
            return value;
        });
        release.countDown();
        assertThat(joined.get(30, TimeUnit.SECONDS)).isEqualTo(1);
        group.close();
        assertCloses(pool);
    }
}
