package dev.sluice.pool;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.testing.NoThreadLeaks;
import dev.sluice.testing.Waiting;
import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The sentences of the Javadoc of {@code Future}, over what {@code submit} gives; see {@link ExecutorServiceConformanceTest}. */
@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class FutureConformanceTest {
    private final CountDownLatch release = new CountDownLatch(1);
    private final CountDownLatch begun = new CountDownLatch(1);
    private final List<ExecutorService> opened = new ArrayList<>();

    private ExecutorService open(Peer peer) {
        ExecutorService executor = peer.maker().of(1);
        opened.add(executor);
        return executor;
    }

    @AfterEach
    void close() throws InterruptedException {
        release.countDown();
        for (ExecutorService executor : opened) {
            executor.shutdownNow();
            assertThat(executor.awaitTermination(10, SECONDS)).isTrue();
        }
    }

    private int waits() throws InterruptedException {
        begun.countDown();
        release.await();
        return 1;
    }

    private Future<Integer> running(ExecutorService executor) throws InterruptedException {
        Future<Integer> future = executor.submit(this::waits);
        assertThat(begun.await(10, SECONDS)).isTrue();
        return future;
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.Peer#all")
    void getGivesTheResultNullForARunnableOrTheOneGiven(Peer peer) throws Exception {
        ExecutorService executor = open(peer);
        Runnable nothing = () -> {};
        assertThat(executor.submit(() -> 5).get()).isEqualTo(5);
        assertThat(executor.submit(nothing).get()).isNull();
        assertThat(executor.submit(nothing, "given").get(10, SECONDS)).isEqualTo("given");
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.Peer#all")
    void getThrowsWhatTheTaskThrewAsTheCause(Peer peer) {
        ExecutorService executor = open(peer);
        Future<Integer> future = executor.submit(() -> {
            throw new IllegalStateException("planned");
        });
        assertThatThrownBy(future::get)
                .isInstanceOf(ExecutionException.class)
                .hasRootCauseInstanceOf(IllegalStateException.class)
                .hasStackTraceContaining("planned");
        assertThat(future.isDone()).isTrue();
        assertThat(future.isCancelled()).isFalse();
        assertThat(future.cancel(true)).isFalse();
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.Peer#all")
    void timedGetGivesUpAndTheTaskGoesOn(Peer peer) throws Exception {
        Future<Integer> future = running(open(peer));
        assertThat(future.isDone()).isFalse();
        assertThatThrownBy(() -> future.get(1, MILLISECONDS)).isInstanceOf(TimeoutException.class);
        assertThatThrownBy(() -> future.get(0, MILLISECONDS)).isInstanceOf(TimeoutException.class);
        release.countDown();
        assertThat(future.get(10, SECONDS)).isEqualTo(1);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.Peer#all")
    void getIsInterruptible(Peer peer) throws Exception {
        Future<Integer> future = running(open(peer));
        AtomicBoolean thrown = new AtomicBoolean();
        Thread waiting = new Thread(() -> {
            try {
                future.get();
            } catch (InterruptedException e) {
                thrown.set(true);
            } catch (ExecutionException e) {
                throw new AssertionError(e);
            }
        });
        waiting.start();
        Waiting.untilWaiting(waiting);
        waiting.interrupt();
        waiting.join(10_000);
        assertThat(thrown).isTrue();
        assertThat(future.isDone()).as("the task goes on").isFalse();
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.Peer#all")
    void cancelOfACompletedTaskHasNoEffect(Peer peer) throws Exception {
        Future<Integer> future = open(peer).submit(() -> 5);
        assertThat(future.get()).isEqualTo(5);
        assertThat(future.cancel(true)).isFalse();
        assertThat(future.isCancelled()).isFalse();
        assertThat(future.get()).isEqualTo(5);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.Peer#thatQueue")
    void aTaskCancelledBeforeItBeganNeverRuns(Peer peer) throws Exception {
        ExecutorService executor = open(peer);
        Future<Integer> first = running(executor);
        AtomicInteger ran = new AtomicInteger();
        Future<Integer> cancelled = executor.submit(ran::incrementAndGet);
        assertThat(cancelled.cancel(false)).isTrue();
        assertThat(cancelled.isDone()).isTrue();
        assertThat(cancelled.isCancelled()).isTrue();
        assertThatThrownBy(cancelled::get).isInstanceOf(CancellationException.class);
        assertThatThrownBy(() -> cancelled.get(1, SECONDS)).isInstanceOf(CancellationException.class);
        release.countDown();
        assertThat(first.get()).isEqualTo(1);
        assertThat(executor.submit(() -> 2).get()).isEqualTo(2);
        assertThat(ran).hasValue(0);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.Peer#thatInterrupt")
    void cancelInterruptsTheThreadThatExecutesTheTask(Peer peer) throws Exception {
        ExecutorService executor = open(peer);
        CountDownLatch interrupted = new CountDownLatch(1);
        Future<Integer> future = executor.submit(() -> {
            try {
                return waits();
            } catch (InterruptedException e) {
                interrupted.countDown();
                throw e;
            }
        });
        assertThat(begun.await(10, SECONDS)).isTrue();
        assertThat(future.cancel(true)).isTrue();
        assertThat(future.isCancelled()).isTrue();
        assertThat(interrupted.await(10, SECONDS)).isTrue();
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.Peer#all")
    void cancelWithoutInterruptLetsTheTaskGetToItsEnd(Peer peer) throws Exception {
        ExecutorService executor = open(peer);
        AtomicBoolean interrupted = new AtomicBoolean();
        CountDownLatch ended = new CountDownLatch(1);
        Future<Integer> future = executor.submit(() -> {
            try {
                return waits();
            } catch (InterruptedException e) {
                interrupted.set(true);
                throw e;
            } finally {
                ended.countDown();
            }
        });
        assertThat(begun.await(10, SECONDS)).isTrue();
        assertThat(future.cancel(false)).isTrue();
        assertThat(future.isDone()).isTrue();
        assertThatThrownBy(future::get).isInstanceOf(CancellationException.class);
        release.countDown();
        assertThat(ended.await(10, SECONDS)).isTrue();
        assertThat(interrupted).isFalse();
    }

    // ---- JDK 19 --------------------------------------------------------------------------------------

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.Peer#all")
    @EnabledForJreRange(min = JRE.JAVA_19)
    void stateResultNowAndExceptionNowSayWhatIsKnown(Peer peer) throws Exception {
        ExecutorService executor = open(peer);
        Future<Integer> future = running(executor);
        assertThat(call(future, "state")).hasToString("RUNNING");
        assertThatThrownBy(() -> call(future, "resultNow")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> call(future, "exceptionNow")).isInstanceOf(IllegalStateException.class);
        release.countDown();
        future.get();
        assertThat(call(future, "state")).hasToString("SUCCESS");
        assertThat(call(future, "resultNow")).isEqualTo(1);
        assertThatThrownBy(() -> call(future, "exceptionNow")).isInstanceOf(IllegalStateException.class);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.Peer#all")
    @EnabledForJreRange(min = JRE.JAVA_19)
    void stateSaysThatItFailedOrWasCancelled(Peer peer) throws Exception {
        ExecutorService executor = open(peer);
        Future<Integer> failed = executor.submit(() -> {
            throw new IllegalStateException("planned");
        });
        assertThatThrownBy(failed::get).isInstanceOf(ExecutionException.class);
        assertThat(call(failed, "state")).hasToString("FAILED");
        assertThat(call(failed, "exceptionNow")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> call(failed, "resultNow")).isInstanceOf(IllegalStateException.class);
        Future<Integer> cancelled = running(executor);
        cancelled.cancel(true);
        assertThat(call(cancelled, "state")).hasToString("CANCELLED");
        assertThatThrownBy(() -> call(cancelled, "resultNow")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> call(cancelled, "exceptionNow")).isInstanceOf(IllegalStateException.class);
    }

    /** By name, for the tests compile for Java 17. */
    private static Object call(Future<?> future, String method) throws Exception {
        try {
            return Future.class.getMethod(method).invoke(future);
        } catch (InvocationTargetException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }
}
