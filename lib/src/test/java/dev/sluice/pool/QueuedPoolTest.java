package dev.sluice.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who gets into a queue that no thread empties, and what the pool says of it: the threads that are asked for do nothing. */
@Timeout(180)
class QueuedPoolTest {
    private static final Runnable NOTHING = () -> {};

    private final AtomicInteger asked = new AtomicInteger();

    private QueuedPool pool(int capacity, OnFull onFull) {
        return new QueuedPool("q", 1, capacity, onFull, body -> {
            asked.incrementAndGet();
            return new Thread(NOTHING);
        });
    }

    private Worker worker(QueuedPool pool) {
        Worker worker = new Worker(pool);
        pool.workers.join(worker);
        return worker;
    }

    /** Nothing is left to run or to settle when the worker that was called has left the pool. */
    private static void assertEndsWith(QueuedPool pool, Worker worker) {
        pool.backlog.claim(worker, 1, 1);
        assertThat(worker.begin()).as("what is left to run").isNull();
        pool.shutdown();
        assertThat(pool.isTerminated()).isFalse();
        assertThat(pool.workers.rest(worker, true)).isFalse();
        assertThat(pool.isTerminated()).isTrue();
    }

    private static Object begins(QueuedPool pool, Worker worker) {
        assertThat(pool.backlog.claim(worker, 1, 1)).isTrue();
        return worker.begin();
    }

    @Test
    @DisplayName("the keys that hold all workers leave half of the queue to others, and a key has two places at least")
    void lanesLeaveHalfOfTheQueue() {
        assertThat(QueuedPool.laneShare(64, 4)).isEqualTo(8);
        assertThat(QueuedPool.laneShare(100, 3)).isEqualTo(16);
        assertThat(QueuedPool.laneShare(8, 4)).isEqualTo(2);
        assertThat(QueuedPool.laneShare(1, 1)).isEqualTo(2);
    }

    @Test
    @DisplayName("a feed keeps twice as many in flight as there are workers")
    void feedKeepsTwoForEachWorker() {
        QueuedPool pool = pool(8, OnFull.BLOCK);
        assertThat(pool.feedAhead()).isEqualTo(2);
        pool.resize(3);
        assertThat(pool.feedAhead()).isEqualTo(6);
        assertThat(pool.width()).isEqualTo(3);
        assertThat(pool.queueCapacity()).isEqualTo(8);
    }

    @Test
    @DisplayName("tasks are short below a bound, and a queue is worth a call by their number and the time of one")
    void knowsWhetherTasksAreShort() {
        QueuedPool pool = pool(64, OnFull.BLOCK);
        pool.tasksTake(Worker.SHORT_NANOS);
        assertThat(pool.tasksAreShort()).isFalse();
        pool.tasksTake(Worker.SHORT_NANOS - 1);
        assertThat(pool.tasksAreShort()).isTrue();
        pool.tasksTake(2 * Worker.SHORT_NANOS - 1);
        assertThat(pool.tasksAreShort()).isFalse();
        for (int i = 0; i < 12; i++) {
            pool.execute(NOTHING);
        }
        assertThat(pool.isWorthACall()).as("12 tasks of 4 µs").isFalse();
        pool.execute(NOTHING);
        assertThat(pool.isWorthACall()).as("13 tasks of 4 µs").isTrue();
        pool.tasksTake(1);
        assertThat(pool.isWorthACall()).as("13 tasks of 1 ns").isFalse();
    }

    @Test
    @DisplayName(
            "a worker claims one at a time where the oldest is dropped, for what it has claimed is not in the queue")
    void claimsOneWhereTheOldestIsDropped() {
        for (OnFull onFull : new OnFull[] {OnFull.BLOCK, OnFull.DROP_OLDEST}) {
            QueuedPool pool = pool(64, onFull);
            Worker worker = worker(pool);
            worker.want = Worker.MAX_RUN;
            assertThat(pool.want(worker)).isEqualTo(onFull == OnFull.BLOCK ? Worker.MAX_RUN : 1);
        }
    }

    @Test
    @DisplayName("promise 1: in a full queue the new task takes the place of the oldest, which is told why")
    void oldestIsDropped() {
        QueuedPool pool = pool(2, OnFull.DROP_OLDEST);
        TaskHandle<?> oldest = pool.submit(NOTHING);
        TaskHandle<?> next = pool.submit(NOTHING);
        TaskHandle<?> newest = pool.submit(NOTHING);
        assertThatThrownBy(oldest::get)
                .hasCauseInstanceOf(RejectedExecutionException.class)
                .hasMessageContaining("a newer one took its place");
        assertThat(next.isDone()).isFalse();
        assertThat(newest.isDone()).isFalse();
        pool.execute(NOTHING);
        assertThat(next.isDone()).isTrue();
        PoolStats stats = pool.stats();
        assertThat(stats.dropped()).isEqualTo(2);
        assertThat(stats.queued()).isEqualTo(2);
        assertThat(stats.submitted()).isEqualTo(4);
    }

    @Test
    @DisplayName("promise 1: of a full lane the oldest is dropped, and of a full queue the oldest of all")
    void oldestOfWhatIsFullIsDropped() {
        QueuedPool pool =
                new QueuedPool(PoolSettings.of("q", OnFull.DROP_OLDEST, body -> new Thread(NOTHING), 2), 1, 4);
        Lane lane = pool.lane("a");
        TaskHandle<?> oldest = pool.submit(NOTHING);
        TaskHandle<?> first = lane.submit(NOTHING);
        TaskHandle<?> second = lane.submit(NOTHING);
        TaskHandle<?> third = lane.submit(NOTHING);
        assertThat(first.isDone()).as("the lane is full").isTrue();
        assertThat(oldest.isDone()).isFalse();
        pool.submit(NOTHING);
        pool.lane("b").submit(NOTHING);
        assertThat(oldest.isDone()).as("the queue is full").isTrue();
        assertThat(second.isDone()).isFalse();
        assertThat(third.isDone()).isFalse();
        assertThatThrownBy(first::get).hasMessageContaining("full queue or lane");
        assertThat(pool.stats().dropped()).isEqualTo(2);
        assertThat(pool.stats().queued()).isEqualTo(4);
    }

    @Test
    void refusalSaysWhatIsFull() {
        QueuedPool pool = new QueuedPool(PoolSettings.of("q", OnFull.REJECT, body -> new Thread(NOTHING), 1), 1, 2);
        pool.lane("a").submit(NOTHING);
        assertThatThrownBy(() -> pool.lane("a").submit(NOTHING))
                .isInstanceOf(RejectedExecutionException.class)
                .hasMessageEndingWith("its queue of 2 or its lane of 1 is full");
        pool.execute(NOTHING);
        assertThatThrownBy(() -> pool.execute(NOTHING)).hasMessageEndingWith("its queue of 2 is full");
        assertThatThrownBy(() -> pool.submit(NOTHING)).hasMessageEndingWith("its queue of 2 is full");
        assertThat(pool.stats().rejected()).isEqualTo(3);
    }

    @Test
    @DisplayName("promise 5: a wait for room ends when one of those in the way does, or when there is none")
    void roomComesWithTheEndOfOneInTheWay() {
        QueuedPool pool = new QueuedPool(PoolSettings.of("q", OnFull.BLOCK, body -> new Thread(NOTHING), 1), 1, 2);
        LaneTask<?> first = laneTask(pool, "a");
        LaneTask<?> behind = laneTask(pool, "a");
        Awaited room = pool.room(behind);
        assertThat(room.unfinished()).isEmpty();
        assertThat(room.endsWhen(task -> false)).isTrue();
        pool.admit(first);
        assertThat(List.<Object>copyOf(room.unfinished())).containsExactly(first);
        assertThat(room.endsWhen(task -> false)).isFalse();
        assertThat(room.endsWhen(task -> task == first)).isTrue();
        assertThat(pool.firstInLane(behind)).isSameAs(first);
        assertThat(pool.firstInLane(laneTask(pool, "b"))).isNull();
    }

    private static LaneTask<?> laneTask(QueuedPool pool, String key) {
        return new LaneTask<>(pool.lane(key), NOTHING, true, true);
    }

    @Test
    @DisplayName("what workers run, and nothing else, is seen as running, and with another number for the next one")
    void seesWhatWorkersRun() {
        QueuedPool pool = pool(8, OnFull.BLOCK);
        Worker worker = worker(pool);
        worker(pool);
        assertThat(pool.workersTasks()).isEmpty();
        assertThat(pool.workersSights()).isEmpty();
        Task<?> first = (Task<?>) pool.submit(NOTHING);
        Task<?> second = (Task<?>) pool.submit(NOTHING);
        assertThat(begins(pool, worker)).isSameAs(first);
        assertThat(List.<Object>copyOf(pool.workersTasks())).containsExactly(first);
        StuckWatch.Sight before = pool.look(pool::sights).get(0);
        assertThat(before.who()).isSameAs(worker);
        assertThat(before.task()).isSameAs(first);
        worker.run(first);
        assertThat(begins(pool, worker)).isSameAs(second);
        StuckWatch.Sight after = pool.look(pool::sights).get(0);
        assertThat(after.task()).isSameAs(second);
        assertThat(after.number()).isNotEqualTo(before.number());
        assertThat(pool.look(pool::sights)).hasSize(1);
    }

    @Test
    @DisplayName("scenario 12: what was queued is taken back only as long as it is there")
    void takesBackWhatIsThere() {
        QueuedPool pool = pool(8, OnFull.BLOCK);
        Runnable own = () -> {};
        pool.execute(own);
        assertThat(pool.look(() -> pool.takeBack(null))).isFalse();
        assertThat(pool.look(() -> pool.takeBack(own))).isTrue();
        assertThat(pool.look(() -> pool.takeBack(own))).isFalse();
        assertThat(pool.stats().rejected()).isEqualTo(1);
        assertThat(pool.stats().queued()).isZero();
    }

    @Test
    @DisplayName("scenario 12: the oldest that cannot be run is begun, so that it can fail, a bare entry, too")
    void takesTheOldestToFailIt() {
        QueuedPool pool = pool(8, OnFull.BLOCK);
        Worker worker = worker(pool);
        assertThat(pool.look(pool::takeUnrunnable)).isNull();
        pool.execute(NOTHING);
        Task<?> task = (Task<?>) pool.submit(NOTHING);
        Task<?> bare = pool.look(pool::takeUnrunnable);
        assertThat(bare.isRunning()).isTrue();
        assertThat(pool.look(pool::takeUnrunnable)).isSameAs(task);
        assertThat(task.isRunning()).isTrue();
        assertThat(pool.stats().running()).isEqualTo(2);
        bare.run();
        task.failUnrun(new IllegalStateException("of the test"));
        assertThatThrownBy(task::get).hasMessageContaining("of the test");
        assertThat(pool.stats().failed()).isEqualTo(1);
        assertThat(pool.stats().succeeded()).isEqualTo(1);
        assertEndsWith(pool, worker);
    }

    @Test
    @DisplayName("a task that waits for one that is queued takes it out, once")
    void claimsWhatIsQueued() {
        QueuedPool pool = pool(8, OnFull.BLOCK);
        Worker worker = worker(pool);
        Task<?> task = (Task<?>) pool.submit(NOTHING);
        assertThat(pool.claim(task)).isTrue();
        assertThat(task.isRunning()).isTrue();
        assertThat(pool.claim(task)).isFalse();
        assertThat(pool.stats().running()).isEqualTo(1);
        assertThat(pool.stats().queued()).isZero();
        task.run();
        assertThat(pool.stats().succeeded()).isEqualTo(1);
        assertEndsWith(pool, worker);
    }

    @Test
    @DisplayName("promise 7: what shutdownNow takes out of the queue is cancelled, bare entries as well")
    void shutdownNowCancelsWhatIsQueued() {
        QueuedPool pool = pool(8, OnFull.BLOCK);
        pool.execute(NOTHING);
        TaskHandle<?> handle = pool.submit(NOTHING);
        List<Task<?>> unrun = pool.stop();
        assertThat(unrun).hasSize(2).allMatch(Task::isCancelled);
        assertThat(handle.isCancelled()).isTrue();
        assertThat(pool.stats().cancelled()).isEqualTo(2);
        assertThat(pool.stats().queued()).isZero();
    }

    @Test
    @DisplayName("a pool is idle when nothing is queued and no worker is at work")
    void idleWhenNothingIsLeft() {
        QueuedPool pool = pool(8, OnFull.BLOCK);
        assertThat(pool.look(pool::idle)).isTrue();
        TaskHandle<?> queued = pool.submit(NOTHING);
        assertThat(pool.look(pool::idle)).isFalse();
        queued.cancel(false);
        assertThat(pool.look(pool::atRest)).as("a worker was called for it").isFalse();
        assertThat(pool.stats().cancelled()).isEqualTo(1);
    }

    @Test
    @DisplayName("promise 2: a task that was cancelled before takes nobody's place in a full queue")
    void cancelledTaskTakesNoPlace() {
        QueuedPool pool = pool(1, OnFull.DROP_OLDEST);
        TaskHandle<?> oldest = pool.submit(NOTHING);
        Task<?> cancelled = Task.of(pool, NOTHING);
        cancelled.moveTo(Phase.CANCELLED);
        pool.admit(cancelled);
        assertThat(oldest.isDone()).isFalse();
        assertThat(pool.stats().cancelled()).isEqualTo(1);
        assertThat(pool.stats().dropped()).isZero();
    }

    @Test
    @DisplayName("promise 1: execute drops or runs what a full queue has no place for, as submit does")
    void executeDoesAsThePolicySays() {
        QueuedPool drops = pool(1, OnFull.DROP_NEWEST);
        drops.execute(NOTHING);
        drops.execute(NOTHING);
        assertThat(drops.stats().dropped()).isEqualTo(1);
        QueuedPool runs = pool(1, OnFull.CALLER_RUNS);
        runs.execute(NOTHING);
        runs.execute(NOTHING);
        assertThat(runs.stats().succeeded()).isEqualTo(1);
        assertThat(runs.stats().queued()).isEqualTo(1);
    }

    @Test
    @DisplayName("promise 5: a task that executes another one in its full pool runs that instead of waiting for itself")
    void taskOfAFullPoolRunsWhatItExecutes() throws Exception {
        WorkerPool pool = WorkerPool.builder().workers(1).queueCapacity(1).build();
        TaskHandle<Boolean> ran = pool.submit(() -> {
            pool.execute(NOTHING);
            Thread mine = Thread.currentThread();
            AtomicInteger here = new AtomicInteger();
            pool.execute(() -> here.set(Thread.currentThread() == mine ? 1 : 2));
            return here.get() == 1;
        });
        assertThat(ran.get(30, TimeUnit.SECONDS)).isTrue();
        PoolAssert.assertCloses(pool);
    }

    @Test
    @DisplayName("every entry is timed with exact timings or a limit of the time in the queue, and is a task then")
    void timesAllWhenAsked() {
        assertThat(pool(1, OnFull.BLOCK).timesAll()).isFalse();
        for (boolean exact : new boolean[] {true, false}) {
            WorkerPool.Builder builder = WorkerPool.builder().workers(1).threadFactory(body -> new Thread(NOTHING));
            QueuedPool pool =
                    (QueuedPool) (exact ? builder.exactTimings() : builder.queueTimeout(Duration.ofHours(1))).build();
            assertThat(pool.timesAll()).isTrue();
            pool.execute(NOTHING);
            assertThat(begins(pool, worker(pool))).isInstanceOf(Task.class);
            pool.look(() -> {
                pool.ended();
                return true;
            });
        }
    }

    @Test
    @DisplayName("a pool that grows asks for threads for what waits, and has as many as were asked for")
    void growingPoolAsksForThreads() {
        QueuedPool pool = pool(8, OnFull.BLOCK);
        Worker worker = worker(pool);
        pool.execute(NOTHING);
        pool.execute(NOTHING);
        assertThat(begins(pool, worker)).isNotNull();
        pool.workers.endSearch();
        assertThat(asked).hasValue(1);
        assertThat(pool.look(pool::threads)).isEqualTo(1);
        pool.resize(2);
        assertThat(asked).hasValue(2);
        assertThat(pool.look(pool::threads)).isEqualTo(2);
    }
}
