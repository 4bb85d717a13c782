package dev.sluice.pool;

import static dev.sluice.pool.PoolAssert.assertCloses;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testing.Crew;
import dev.sluice.testing.Logged;
import dev.sluice.testing.NoThreadLeaks;
import dev.sluice.testing.ThreadKind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One task at its end: what is told of it, and to whom. */
@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class TaskTest {
    private final RuntimeException thrown = new IllegalStateException("by the task");
    private final RuntimeException failure = new IllegalArgumentException("by the handler");

    /** What is logged when a thread with a handler that throws this reports what a task has thrown. */
    private String logOf(RuntimeException byTheHandler) throws Exception {
        return Logged.during(() -> {
            try (Crew crew = new Crew(ThreadKind.PLATFORM)) {
                crew.run(() -> {
                    Thread.currentThread().setUncaughtExceptionHandler((at, what) -> {
                        throw byTheHandler;
                    });
                    Task.reportUncaught(thrown);
                });
            }
        });
    }

    @Test
    @DisplayName("what a handler of uncaught exceptions throws is attached to what it was called for, and logged")
    void failureOfTheHandlerIsLogged() throws Exception {
        assertThat(logOf(failure)).contains("handler failed", "by the task", "by the handler");
        assertThat(thrown.getSuppressed()).containsExactly(failure);
    }

    @Test
    void handlerThatThrowsTheSameAgainIsLogged() throws Exception {
        assertThat(logOf(thrown)).contains("handler failed", "by the task");
        assertThat(thrown.getSuppressed()).isEmpty();
    }

    @Test
    @DisplayName("the task that stands for a bare entry has ended with it, and no thread runs it")
    void taskOfABareEntryEndsWithIt() throws Exception {
        WorkerPool pool = WorkerPool.of(1);
        AtomicReference<Task<?>> shown = new AtomicReference<>();
        AtomicReference<CompletableFuture<?>> waits = new AtomicReference<>();
        pool.execute(() -> {
            Task<?> task = Task.current();
            assertThat(task.thread()).isSameAs(Thread.currentThread());
            shown.set(task);
            waits.set(task.waiters());
        });
        assertThat(pool.awaitIdle(PoolAssert.LONG)).isTrue();
        assertThat(shown.get().phase()).isEqualTo(Phase.SUCCEEDED);
        assertThat(shown.get().thread()).isNull();
        assertThat(waits.get()).isDone();
        assertCloses(pool);
    }

    // ---- who listens ---------------------------------------------------------------------------------

    /** Writes down what it is told, and whether the handle is terminal then. */
    private static final class Told implements TaskListener {
        private final List<String> all = Collections.synchronizedList(new ArrayList<>());

        @Override
        public void ending(Task<?> task, @Nullable Throwable why) {
            all.add("ending " + (why == null ? "well" : why.getMessage()) + (task.isDone() ? ", done" : ""));
        }

        @Override
        public void done(Task<?> task) {
            all.add("done " + task.isDone());
        }

        @Override
        public void exited(Task<?> task) {
            all.add("exited " + task.hasExited());
        }
    }

    private final Told told = new Told();

    private Task<Integer> listenedTo(WorkerPool pool, Callable<Integer> work) {
        return Task.of((BasePool) pool, work, told);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("who listens hears of the end of the work, of the end of the handle, and of the exit")
    void listenerHearsOfEveryEnd(PoolKind kind) {
        BasePool pool = (BasePool) kind.pool(1, 1);
        pool.admit(listenedTo(pool, () -> 1));
        assertCloses(pool);
        assertThat(told.all).containsExactly("ending well", "done true", "exited true");
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void listenerHearsWhyTheWorkFailed(PoolKind kind) {
        BasePool pool = (BasePool) kind.pool(1, 1);
        pool.admit(listenedTo(pool, () -> {
            throw thrown;
        }));
        assertCloses(pool);
        assertThat(told.all).containsExactly("ending by the task", "done true", "exited true");
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName(
            "of a task that is cancelled while it runs who listens hears at once, and again when it has really ended")
    void listenerHearsOfACancellationAndOfTheExit(PoolKind kind) throws Exception {
        BasePool pool = (BasePool) kind.pool(1, 1);
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        Task<Integer> task = listenedTo(pool, () -> {
            begun.countDown();
            Uninterruptibly.await(end);
            return 1;
        });
        pool.admit(task);
        begun.await();
        assertThat(task.cancel(false)).isTrue();
        assertThat(told.all).containsExactly("done true");
        end.countDown();
        assertCloses(pool);
        assertThat(told.all).containsExactly("done true", "exited true");
    }

    @Test
    void listenerHearsOfWhatIsCancelledBeforeItBegins() {
        BasePool pool = (BasePool) WorkerPool.of(1);
        pool.admitCancelled(listenedTo(pool, () -> 1));
        assertThat(told.all).containsExactly("done true", "exited true");
        assertThat(assertCloses(pool).cancelled()).isEqualTo(1);
    }

    @Test
    @DisplayName("callbacks of a task that somebody listens to come when that one knows of the end")
    void callbacksComeBehindTheListener() {
        BasePool pool = (BasePool) WorkerPool.of(1);
        Task<Integer> task = listenedTo(pool, () -> 1);
        CompletableFuture<Void> callback =
                task.toCompletableFuture().thenAccept(result -> told.all.add("callback with " + result));
        pool.admit(task);
        assertCloses(pool);
        assertThat(callback).isCompleted();
        assertThat(told.all).containsExactly("ending well", "done true", "callback with 1", "exited true");
    }
}
