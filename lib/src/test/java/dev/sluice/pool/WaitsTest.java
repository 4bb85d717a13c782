package dev.sluice.pool;

import static dev.sluice.pool.PoolAssert.assertCloses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.testing.NoThreadLeaks;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Promise 5: what a thread gives up, and says, while it waits for something of ours. */
@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class WaitsTest {
    private static final Awaited NOTHING = List::of;

    private static void inTask(PoolKind kind, Callable<?> work) throws Exception {
        WorkerPool pool = kind.pool(1, 1);
        pool.submit(work).get(30, TimeUnit.SECONDS);
        assertThat(assertCloses(pool).succeeded()).isEqualTo(1);
    }

    @Test
    void threadThatRunsNoTaskJustWaits() throws Exception {
        AtomicInteger waits = new AtomicInteger();
        Waits.untilEnd(NOTHING, () -> waits.incrementAndGet() == 1);
        assertThat(waits).hasValue(1);
        assertThat(Waits.<Integer, Exception>lending(() -> 42)).isEqualTo(42);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("a task says what it waits for as long as it does")
    void taskSaysWhatItWaitsFor(PoolKind kind) throws Exception {
        inTask(kind, () -> {
            Task<?> me = Task.current();
            AtomicInteger waits = new AtomicInteger();
            Waits.untilEnd(NOTHING, () -> {
                assertThat(me.waitingFor()).isSameAs(NOTHING);
                return waits.incrementAndGet() == 1;
            });
            assertThat(waits).hasValue(1);
            assertThat(me.waitingFor()).isNull();
            return null;
        });
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("a wait that cannot end is not begun, and the task does not wait then")
    void waitWithoutEndIsNotBegun(PoolKind kind) throws Exception {
        inTask(kind, () -> {
            Task<?> me = Task.current();
            AtomicInteger waits = new AtomicInteger();
            assertThatThrownBy(() -> Waits.untilEnd(() -> List.of(me), () -> waits.incrementAndGet() == 1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith("waiting here would never end");
            assertThat(waits).hasValue(0);
            assertThat(me.waitingFor()).isNull();
            return null;
        });
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("a task has nothing to lend while it waits, and has it back afterwards, also when the wait throws")
    void waitLendsOnce(PoolKind kind) throws Exception {
        inTask(kind, () -> {
            Task<?> me = Task.current();
            assertThat(me.holdsSlot).isTrue();
            int inner = Waits.<Integer, Exception>lending(() -> {
                assertThat(me.holdsSlot).isFalse();
                return Waits.<Integer, Exception>lending(() -> 42);
            });
            assertThat(inner).isEqualTo(42);
            assertThat(me.holdsSlot).isTrue();
            assertThatThrownBy(() -> Waits.lending(() -> {
                        throw new IllegalArgumentException("the wait");
                    }))
                    .hasMessage("the wait");
            assertThat(me.holdsSlot).isTrue();
            return null;
        });
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#queued")
    @DisplayName("another task of a pool of one runs while the first one waits, and before it goes on")
    void whatIsLentIsUsed(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 1);
        TaskHandle<Integer> first = pool.submit(() -> {
            TaskHandle<Integer> second = pool.submit(() -> 42);
            return Waits.<Integer, Exception>lending(() -> ((Task<Integer>) second).await(Long.MAX_VALUE) ? 1 : 2);
        });
        assertThat(first.get(30, TimeUnit.SECONDS)).isEqualTo(1);
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#queued")
    @DisplayName(
            "a task waits for one that runs on top of it, though nobody asks for its outcome, and goes on afterwards")
    void taskWaitsForTheOneOnTop(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 1);
        TaskHandle<Integer> outer = pool.submit(() -> {
            Task<?> below = Task.current();
            Task<Integer> onTop = (Task<Integer>) pool.submit(() -> {
                Task<?> me = Task.current();
                assertThat(me.enclosing()).isSameAs(below);
                assertThat(me.holder()).isSameAs(below);
                assertThat(List.<Object>copyOf(below.waitingFor().unfinished())).containsExactly(me);
                return 42;
            });
            int result = onTop.get();
            assertThat(Task.current()).isSameAs(below);
            assertThat(below.waitingFor()).isNull();
            assertThat(onTop.enclosing()).isNull();
            assertThat(onTop.thread()).isNull();
            return result;
        });
        assertThat(outer.get(30, TimeUnit.SECONDS)).isEqualTo(42);
        assertCloses(pool);
    }
}
