package dev.sluice.pool;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.testing.Crew;
import dev.sluice.testing.Logged;
import dev.sluice.testing.ThreadKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One worker in one thread: its run, what it measures, and what others see of it. */
@Timeout(180)
class WorkerTest {
    /** No time that a test takes makes so many entries long ones. */
    private static final long VERY_MANY = 1L << 40;

    private static final long SECOND = 1_000_000_000;
    private static final long HOUR = 3600 * SECOND;

    private final QueuedPool pool = (QueuedPool) WorkerPool.of(1);
    private final Worker worker = new Worker(pool);

    private void claims(Object... entries) {
        System.arraycopy(entries, 0, worker.buffer(), 0, entries.length);
        worker.fill(entries.length);
    }

    private void lastEntriesWereShort() {
        worker.startMeasuring();
        worker.begunEntries += VERY_MANY;
    }

    private void lastEntriesWereLong(int count) {
        worker.startMeasuring();
        worker.measuredAt -= count * SECOND;
        worker.begunEntries += count;
    }

    @Test
    @DisplayName("a worker claims one entry at a time until its last ones were short, and then a whole run")
    void claimsARunWhenItsEntriesAreShort() {
        assertThat(worker.want()).isEqualTo(1);
        lastEntriesWereLong(2);
        assertThat(worker.want()).isEqualTo(1);
        assertThat(pool.tasksAreShort()).isFalse();
        lastEntriesWereShort();
        assertThat(worker.want()).isEqualTo(Worker.MAX_RUN);
        assertThat(pool.tasksAreShort()).isTrue();
    }

    @Test
    @DisplayName("that entries are long again the worker knows at once, and the pool when the next ones confirm it")
    void longEntriesAreConfirmed() {
        lastEntriesWereShort();
        worker.want();
        lastEntriesWereLong(2 * Worker.MAX_RUN);
        assertThat(worker.want()).isEqualTo(1);
        assertThat(pool.tasksAreShort()).isTrue();
        lastEntriesWereLong(2);
        assertThat(worker.want()).isEqualTo(1);
        assertThat(pool.tasksAreShort()).isFalse();
    }

    @Test
    @DisplayName("what counts is the time of one entry")
    void timeOfOneEntryCounts() {
        int many = 1 << 28;
        worker.startMeasuring();
        worker.measuredAt -= many * (Worker.SHORT_NANOS / 2L);
        worker.begunEntries += many;
        assertThat(worker.want()).isEqualTo(Worker.MAX_RUN);
    }

    @Test
    @DisplayName("whoever reads the accounts sees by the version that there was a step, and when it is over")
    void everyStepHasItsVersion() {
        claims((Runnable) () -> {});
        long before = worker.version;
        assertThat(worker.begin()).isNotNull();
        long begun = worker.version;
        worker.ended(Ending.SUCCEEDED);
        assertThat(begun).isEven().isGreaterThan(before);
        assertThat(worker.version).isEven().isGreaterThan(begun);
    }

    @Test
    @DisplayName("the clock is read once in two claims")
    void measuresOnceInTwoClaims() {
        lastEntriesWereShort();
        worker.want();
        lastEntriesWereLong(2 * Worker.MAX_RUN - 1);
        assertThat(worker.want()).isEqualTo(Worker.MAX_RUN);
        worker.begunEntries++;
        assertThat(worker.want()).isEqualTo(1);
    }

    @Test
    void saysSinceWhenItHasMeasured() {
        lastEntriesWereLong(2);
        worker.want();
        long before = worker.measuredAt;
        assertThat(worker.hasMeasuredSince(before - 1)).isTrue();
        assertThat(worker.hasMeasuredSince(before)).isFalse();
        worker.begunEntries++;
        assertThat(worker.want()).isEqualTo(1);
        assertThat(worker.measuredAt).as("of one entry it takes no time").isEqualTo(before);
    }

    @Test
    void entriesSinceASearchAreCountedOnce() {
        assertThat(worker.entriesSinceSearch()).isZero();
        worker.begunEntries += 3;
        assertThat(worker.entriesSinceSearch()).isEqualTo(3);
        worker.begunEntries += 2;
        assertThat(worker.entriesSinceSearch()).isEqualTo(2);
    }

    @Test
    @DisplayName("what it has claimed and not begun can be taken at both ends, and is there to be seen meanwhile")
    void runIsOpenAtBothEnds() {
        Runnable[] entries = {() -> {}, () -> {}, () -> {}, () -> {}};
        claims((Object[]) entries);
        assertThat(worker.last()).isSameAs(entries[3]);
        worker.dropLast();
        assertThat(worker.steal()).isSameAs(entries[0]);
        assertThat(worker.remaining()).isEqualTo(2);
        List<Object> claimed = new ArrayList<>();
        worker.addClaimed(claimed);
        assertThat(claimed).containsExactly(entries[1], entries[2]);
        assertThat(worker.begin()).isSameAs(entries[1]);
        worker.ended(Ending.SUCCEEDED);
        assertThat(worker.last()).isSameAs(entries[2]);
        assertThat(worker.begin()).isSameAs(entries[2]);
        worker.ended(Ending.SUCCEEDED);
        assertThat(worker.last()).isNull();
        assertThat(worker.steal()).isNull();
        assertThat(worker.begin()).isNull();
        assertThat(worker.buffer()).as("nothing is kept").containsOnlyNulls();
    }

    @Test
    void wholeRunIsThereToBeSeen() {
        Runnable entry = () -> {};
        Object[] all = new Object[Worker.MAX_RUN];
        Arrays.fill(all, entry);
        claims(all);
        List<Object> claimed = new ArrayList<>();
        worker.addClaimed(claimed);
        assertThat(claimed).hasSize(Worker.MAX_RUN);
        assertThat(worker.remaining()).isEqualTo(Worker.MAX_RUN);
    }

    @Test
    @DisplayName("entries that do not run are passed, and count as queued no more when that is taken off")
    void passesWhatDoesNotRun() {
        Task<?> cancelled = Task.executed(pool, () -> {});
        cancelled.moveTo(Phase.CANCELLED);
        Task<?> runs = Task.executed(pool, () -> {});
        claims(Cells.NOTHING, cancelled, runs);
        assertThat(worker.begin()).isSameAs(runs);
        assertThat(worker.runs(runs)).isTrue();
        Tally tally = new Tally();
        worker.addTo(tally);
        assertThat(tally.passed).isEqualTo(2);
        assertThat(tally.queued).isEqualTo(2);
        assertThat(tally.running).isEqualTo(1);
        assertThat(worker.begunEntries).isEqualTo(1);
    }

    @Test
    @DisplayName("every kind of end is counted as what it is, and ends the entry")
    void endsAreCounted() {
        int times = 0;
        for (Ending ending : Ending.values()) {
            times++;
            for (int i = 0; i < times; i++) {
                claims((Runnable) () -> {});
                assertThat(worker.begin()).isNotNull();
                worker.ended(ending);
            }
        }
        Tally tally = new Tally();
        worker.addTo(tally);
        assertThat(tally.succeeded).isEqualTo(1 + Ending.SUCCEEDED.ordinal());
        assertThat(tally.failed).isEqualTo(1 + Ending.FAILED.ordinal());
        assertThat(tally.cancelled).isEqualTo(1 + Ending.CANCELLED.ordinal());
        assertThat(tally.dropped).isEqualTo(1 + Ending.DROPPED.ordinal());
        assertThat(tally.running).isZero();
        assertThat(worker.shown()).isNull();
    }

    private void asItsThread(Crew.Action action) throws Exception {
        try (Crew crew = new Crew(ThreadKind.PLATFORM)) {
            crew.run(() -> {
                Task.seat(worker);
                worker.attach();
                action.run();
            });
        }
    }

    @Test
    @DisplayName("a bare entry is shown as a task of the worker's thread, and a task as itself, while they run")
    void showsWhatRuns() throws Exception {
        Task<?> task = Task.executed(pool, () -> {});
        asItsThread(() -> {
            claims((Runnable) () -> {}, task);
            assertThat(worker.begin()).isNotNull();
            Task<?> shown = requireNonNull(worker.shown());
            assertThat(shown.thread()).isSameAs(Thread.currentThread());
            worker.ended(Ending.SUCCEEDED);
            assertThat(worker.threadOf(task)).isNull();
            assertThat(worker.begin()).isSameAs(task);
            assertThat(worker.shown()).isSameAs(task);
            assertThat(worker.threadOf(task)).isSameAs(Thread.currentThread());
            worker.ended(Ending.SUCCEEDED);
        });
    }

    @Test
    @DisplayName(
            "promise 4: an interrupt for what it ran is gone when the thread is a worker no more, and one of others is not")
    void interruptGoesWithTheWorker() throws Exception {
        asItsThread(() -> {
            claims((Runnable) () -> {});
            assertThat(worker.begin()).isNotNull();
            worker.interrupt();
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
            worker.detach();
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
            assertThat(Task.current()).isNull();
        });
        Worker next = new Worker(pool);
        try (Crew crew = new Crew(ThreadKind.PLATFORM)) {
            crew.run(() -> {
                next.attach();
                Thread.currentThread().interrupt();
                next.detach();
                assertThat(Thread.interrupted()).isTrue();
            });
        }
    }

    // ---- times ---------------------------------------------------------------------------------------

    private long waits() {
        return pool.stats().queueWait().samples();
    }

    private long runs() {
        return pool.stats().runTime().samples();
    }

    private void runsNext() {
        worker.run(requireNonNull(worker.begin()));
    }

    @Test
    @DisplayName("of a run the entry that was chosen is timed, from its submission on, and no other")
    void timesTheSampledEntry() {
        Runnable entry = () -> {};
        claims(entry, entry, entry);
        worker.sample(1, System.nanoTime() - HOUR);
        runsNext();
        assertThat(waits()).isZero();
        runsNext();
        assertThat(waits()).isEqualTo(1);
        assertThat(runs()).isEqualTo(1);
        assertThat(pool.stats().queueWait().max().toNanos()).isBetween(HOUR, 2 * HOUR);
        assertThat(pool.stats().runTime().max().toNanos()).isLessThan(HOUR / 2);
        runsNext();
        assertThat(waits()).isEqualTo(1);
        assertThat(runs()).isEqualTo(1);
    }

    @Test
    @DisplayName("a choice among entries of one run is none among those of the next")
    void nextRunHasItsOwnSamples() {
        Runnable entry = () -> {};
        claims(entry);
        worker.sample(1, System.nanoTime());
        runsNext();
        claims(entry, entry);
        runsNext();
        runsNext();
        assertThat(waits()).isZero();
    }

    @Test
    @DisplayName("what was dropped has waited, and has not run")
    void droppedEntryHasNoRunTime() {
        claims((Runnable) () -> {});
        worker.sample(0, System.nanoTime());
        assertThat(worker.begin()).isNotNull();
        worker.ended(Ending.DROPPED);
        assertThat(waits()).isEqualTo(1);
        assertThat(runs()).isZero();
    }

    @Test
    @DisplayName("with exact timings every task is timed that knows when it was submitted")
    void exactTimingsTimeEveryTask() {
        QueuedPool exact =
                (QueuedPool) WorkerPool.builder().workers(1).exactTimings().build();
        Worker timing = new Worker(exact);
        for (int i = 0; i < 3; i++) {
            timing.buffer()[0] = Task.of(exact, () -> {});
            timing.fill(1);
            timing.run(requireNonNull(timing.begin()));
        }
        assertThat(exact.stats().queueWait().samples()).isEqualTo(3);
        assertThat(exact.stats().runTime().samples()).isEqualTo(3);
    }

    // ---- what it runs --------------------------------------------------------------------------------

    @Test
    @DisplayName("what a bare entry throws fails it, and is told to the thread's handler, and the next one runs")
    void bareEntryThatThrowsHasFailed() throws Exception {
        RuntimeException thrown = new IllegalStateException("of the entry");
        List<Throwable> told = new ArrayList<>();
        asItsThread(() -> {
            Thread.currentThread().setUncaughtExceptionHandler((thread, why) -> told.add(why));
            claims(
                    (Runnable) () -> {
                        throw thrown;
                    },
                    (Runnable) () -> {});
            runsNext();
            runsNext();
        });
        assertThat(told).containsExactly(thrown);
        Tally tally = new Tally();
        worker.addTo(tally);
        assertThat(tally.failed).isEqualTo(1);
        assertThat(tally.succeeded).isEqualTo(1);
    }

    @Test
    @DisplayName("promise 4: an interrupt for one entry is gone when the next one begins")
    void interruptIsGoneBeforeTheNextEntry() throws Exception {
        asItsThread(() -> {
            List<Boolean> seen = new ArrayList<>();
            Runnable looks = () -> seen.add(Thread.currentThread().isInterrupted());
            claims(looks, looks);
            Thread.currentThread().interrupt();
            runsNext();
            Thread.currentThread().interrupt();
            runsNext();
            assertThat(seen).containsExactly(false, false);
        });
    }

    @Test
    @DisplayName("promise 7: a bare entry that asks who it is after the end of the pool is interrupted then")
    void entryThatIsShownAfterTheEndIsInterrupted() throws Exception {
        asItsThread(() -> {
            claims((Runnable) () -> {});
            assertThat(worker.begin()).isNotNull();
            pool.stop();
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
            Task<?> shown = requireNonNull(worker.innermost());
            assertThat(Thread.interrupted()).isTrue();
            assertThat(worker.innermost()).isSameAs(shown);
            assertThat(worker.runs(shown)).isTrue();
        });
    }

    @Test
    @DisplayName(
            "promise 4: a bare entry that asks who it is gets interrupts by way of its task, and the next one does again")
    void shownEntryIsInterruptedByItsTask() throws Exception {
        List<Task<?>> tasks = new ArrayList<>();
        asItsThread(() -> {
            claims(
                    (Runnable) () -> {
                        Task<?> shown = requireNonNull(worker.innermost());
                        tasks.add(shown);
                        assertThat(shown.thread()).isSameAs(Thread.currentThread());
                        worker.interrupt();
                        assertThat(Thread.interrupted()).isTrue();
                    },
                    (Runnable) () -> {
                        assertThat(worker.shown()).isNotNull();
                        worker.interrupt();
                        assertThat(Thread.interrupted()).isTrue();
                    });
            runsNext();
            assertThat(worker.innermost()).as("between entries").isNull();
            assertThat(tasks)
                    .singleElement()
                    .satisfies(task -> assertThat(task.isDone()).isTrue());
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
            runsNext();
        });
        Tally tally = new Tally();
        worker.addTo(tally);
        assertThat(tally.succeeded).isEqualTo(2);
    }

    @Test
    @DisplayName("promise 4: a task is interrupted by its worker while it runs, and neither before nor afterwards")
    void taskIsInterruptedWhileItRuns() throws Exception {
        Task<?> task = Task.executed(pool, () -> {
            Task<?> me = requireNonNull(Task.current());
            assertThat(worker.interrupt(me)).isTrue();
            assertThat(Thread.interrupted()).isTrue();
            worker.stepAside();
            assertThat(worker.interrupt(me)).as("while something is on top").isFalse();
            worker.stepBack();
        });
        asItsThread(() -> {
            claims(task);
            assertThat(worker.interrupt(task)).as("it can be said").isTrue();
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
            runsNext();
            assertThat(worker.interrupt(task)).isTrue();
            assertThat(Thread.interrupted()).isFalse();
        });
        Tally tally = new Tally();
        worker.addTo(tally);
        assertThat(tally.succeeded).isEqualTo(1);
    }

    @Test
    @DisplayName("promise 4: an interrupt that comes as a task ends does not stay behind it")
    void interruptDoesNotStayBehindATask() throws Exception {
        Task<?> task = Task.executed(pool, () -> Thread.currentThread().interrupt());
        asItsThread(() -> {
            claims(task);
            runsNext();
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
        });
    }

    @Test
    @DisplayName("the end of a cancelled task counts as a cancellation, whatever its work gave")
    void cancelledTaskCountsAsCancelled() throws Exception {
        Task<?> task = Task.executed(
                pool,
                () -> assertThat(requireNonNull(Task.current()).cancel(false)).isTrue());
        asItsThread(() -> {
            claims(task);
            runsNext();
        });
        assertThat(task.isCancelled()).isTrue();
        Tally tally = new Tally();
        worker.addTo(tally);
        assertThat(tally.cancelled).isEqualTo(1);
        assertThat(tally.succeeded).isZero();
        assertThat(tally.running).isZero();
    }

    // ---- its thread ----------------------------------------------------------------------------------

    @Test
    @DisplayName(
            "promise 4: a thread that does other things when its worker has left has no interrupt of the pool, nor a task")
    void threadIsAsBeforeWhenItsWorkerHasLeft() throws Exception {
        CompletableFuture<String> afterwards = new CompletableFuture<>();
        WorkerPool lent = WorkerPool.builder()
                .workers(1)
                .threadFactory(body -> new Thread(() -> {
                    body.run();
                    afterwards.complete(Thread.currentThread().isInterrupted() + " " + Task.current());
                }))
                .build();
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        lent.execute(() -> {
            begun.countDown();
            Uninterruptibly.await(end);
        });
        begun.await();
        lent.shutdownNow();
        end.countDown();
        lent.close();
        assertThat(afterwards.get(30, TimeUnit.SECONDS)).isEqualTo("false null");
    }

    @Test
    @DisplayName("a worker that has to give up its slot begins nothing before")
    void whoIsInExcessBeginsNothing() throws Exception {
        QueuedPool two = (QueuedPool) WorkerPool.of(2);
        CountDownLatch begun = new CountDownLatch(2);
        CountDownLatch first = new CountDownLatch(1);
        CountDownLatch second = new CountDownLatch(1);
        for (CountDownLatch until : List.of(first, second)) {
            two.execute(() -> {
                begun.countDown();
                Uninterruptibly.await(until);
            });
        }
        begun.await();
        TaskHandle<Integer> behind = two.submit(() -> 42);
        two.resize(1);
        first.countDown();
        await().until(() -> two.look(two.workers::live) == 1);
        assertThat(behind.isDone()).isFalse();
        second.countDown();
        assertThat(behind.get(30, TimeUnit.SECONDS)).isEqualTo(42);
        two.close();
    }

    @Test
    @DisplayName("the time for which a worker finds nothing is not that of its entries")
    void searchInVainIsNotMeasured() throws Exception {
        QueuedPool one = (QueuedPool) WorkerPool.of(1);
        CountDownLatch queued = new CountDownLatch(1);
        one.execute(() -> Uninterruptibly.await(queued));
        one.execute(() -> {});
        queued.countDown();
        assertThat(one.awaitIdle(PoolAssert.LONG)).isTrue();
        Worker only = one.look(() -> one.backlog.crew()[0]);
        assertThat(only.begunEntries).isEqualTo(2);
        assertThat(only.measuredEntries).isEqualTo(2);
        one.close();
    }

    @Test
    @DisplayName("a worker that fails in what is not the task's says so in the log, and goes on")
    void workerThatFailsGoesOn() throws Exception {
        TaskListener fails = new TaskListener() {
            @Override
            public void ending(Task<?> task, @Nullable Throwable failure) {}

            @Override
            public void done(Task<?> task) {}

            @Override
            public void exited(Task<?> task) {
                throw new IllegalStateException("not the task's");
            }
        };
        QueuedPool one =
                (QueuedPool) WorkerPool.builder().name("one").workers(1).build();
        String log = Logged.during(() -> {
            one.admit(Task.of(one, (Callable<Integer>) () -> 1, fails));
            assertThat(one.submit(() -> 2).get(30, TimeUnit.SECONDS)).isEqualTo(2);
            one.close();
        });
        assertThat(log).contains("one: a worker failed", "not the task's");
        assertThat(one.stats().succeeded()).isEqualTo(2);
    }
}
