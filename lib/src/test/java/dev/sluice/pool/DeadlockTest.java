package dev.sluice.pool;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Promise 5: which waits can end, of tasks that say what they wait for. */
@Timeout(180)
class DeadlockTest {
    private final QueuedPool pool =
            (QueuedPool) WorkerPool.builder().name("p").workers(1).build();
    private final Task<?> a = task("a");
    private final Task<?> b = task("b");
    private final Task<?> c = task("c");

    private Task<?> task(String name) {
        return Task.of(pool, Job.of(name, () -> 1), TaskListener.NONE);
    }

    private static Awaited all(Task<?>... tasks) {
        return () -> List.of(tasks);
    }

    /** Ends with the first of them. */
    private static Awaited oneOf(Task<?>... tasks) {
        return new Awaited() {
            @Override
            public Collection<? extends Task<?>> unfinished() {
                return List.of(tasks);
            }

            @Override
            public boolean endsWhen(Predicate<? super Task<?>> willEnd) {
                return List.of(tasks).stream().anyMatch(willEnd);
            }
        };
    }

    private static void assertMayWait(Task<?> task) {
        assertThatCode(() -> Deadlock.check(task)).doesNotThrowAnyException();
    }

    @Test
    void waitForATaskThatGoesOnEnds() {
        a.waitsFor(all(b, c));
        b.waitsFor(all(c));
        assertMayWait(a);
        assertMayWait(c);
    }

    @Test
    @DisplayName("a cycle is named from the one that looks, and the way that goes on is not part of it")
    void cycleIsNamed() {
        a.waitsFor(all(c, b));
        b.waitsFor(all(a));
        assertThatThrownBy(() -> Deadlock.check(a))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageEndingWith(
                        ": task a of p (WAITING) waits for task b of p (WAITING)" + " waits for task a of p (WAITING)");
        b.waitsFor(null);
        assertMayWait(a);
    }

    @Test
    void whoWaitsForACycleIsToldOfIt() {
        a.waitsFor(all(b));
        b.waitsFor(all(c));
        c.waitsFor(all(b));
        assertThatThrownBy(() -> Deadlock.check(a))
                .hasMessageContaining("task a of p (WAITING) waits for task b")
                .hasMessageEndingWith("waits for task c of p (WAITING) waits for task b of p (WAITING)");
    }

    @Test
    @DisplayName("a wait that one of several ends goes on while one of them can")
    void waitForOneOfSeveralEndsWithAnyOfThem() {
        a.waitsFor(oneOf(b, c));
        b.waitsFor(all(a));
        assertMayWait(a);
        c.waitsFor(all(a));
        assertThatThrownBy(() -> Deadlock.check(a)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void threadThatRunsNoTaskMayWait() {
        assertThatCode(Deadlock::checkCurrent).doesNotThrowAnyException();
    }

    @Test
    @DisplayName("a task that waits already is told when its wait has become one without end")
    void taskIsToldOfAWaitThatWillNotEndAnyMore() throws Exception {
        TaskHandle<?> looks = pool.submit(() -> {
            Task<?> me = Task.current();
            Deadlock.checkCurrent();
            me.waitsFor(all(a));
            Deadlock.checkCurrent();
            a.waitsFor(all(me));
            assertThatThrownBy(Deadlock::checkCurrent).isInstanceOf(IllegalStateException.class);
            me.waitsFor(null);
        });
        looks.get(30, TimeUnit.SECONDS);
        pool.close();
    }

    @Test
    @DisplayName("what is reached by two ways is looked at once, and a cycle behind it is found")
    void cycleBehindTwoWaysIsFound() {
        a.waitsFor(all(b, c));
        b.waitsFor(all(c));
        c.waitsFor(all(a));
        assertThatThrownBy(() -> Deadlock.check(a)).hasMessageContaining("waits for task c of p (WAITING) waits for");
        c.waitsFor(null);
        assertMayWait(a);
    }
}
