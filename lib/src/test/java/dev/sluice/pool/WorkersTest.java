package dev.sluice.pool;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.testing.Crew;
import dev.sluice.testing.Logged;
import dev.sluice.testing.NoThreadLeaks;
import dev.sluice.testing.ThreadKind;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Who is called and who may go on, of workers that the test itself stands for: the threads that are asked for count, and
 * do nothing.
 */
@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class WorkersTest {
    private final AtomicInteger asked = new AtomicInteger();

    private QueuedPool pool(int width) {
        return new QueuedPool("driven", width, 64, OnFull.BLOCK, body -> {
            asked.incrementAndGet();
            return new Thread(() -> {});
        });
    }

    private static Worker joined(QueuedPool pool) {
        Worker worker = new Worker(pool);
        pool.workers.join(worker);
        return worker;
    }

    private static void offer(QueuedPool pool) {
        Runnable entry = () -> {};
        assertThat(pool.backlog.offer(entry)).isEqualTo(Backlog.Offer.ACCEPTED);
        pool.workers.call(entry);
    }

    private static void runs(QueuedPool pool, Worker worker) {
        assertThat(pool.backlog.claim(worker, 1, 1)).isTrue();
        assertThat(worker.begin()).isNotNull();
        worker.ended(Ending.SUCCEEDED);
    }

    /** A worker that has been called and has found its entry. */
    private static Worker awake(QueuedPool pool) {
        Worker worker = joined(pool);
        offer(pool);
        runs(pool, worker);
        pool.workers.endSearch();
        return worker;
    }

    /** A worker that sleeps until it is called; what it is told then is the result. */
    private static Crew.Member<Boolean> asleep(Crew crew, QueuedPool pool, Worker worker, boolean searches)
            throws Exception {
        return crew.start(() -> pool.workers.rest(worker, searches)).awaitParked();
    }

    private static boolean atRest(QueuedPool pool) {
        return pool.look(pool.workers::atRest);
    }

    private static int live(QueuedPool pool) {
        return pool.look(pool.workers::live);
    }

    @Test
    @DisplayName("one at a time is called, when there is something to do, up to the limit")
    void callsOneAtATime() {
        QueuedPool pool = pool(2);
        pool.workers.call(null);
        assertThat(asked).as("for nothing").hasValue(0);
        assertThat(atRest(pool)).isTrue();
        offer(pool);
        offer(pool);
        assertThat(asked).as("while the first one searches").hasValue(1);
        assertThat(atRest(pool)).isFalse();
        pool.workers.endSearch();
        assertThat(asked).hasValue(2);
        pool.workers.endSearch();
        offer(pool);
        assertThat(asked).as("with the limit reached").hasValue(2);
        assertThat(live(pool)).isEqualTo(2);
    }

    @Test
    @DisplayName("who ends its search calls nobody when nothing is left, and whoever comes next is called for")
    void endOfASearchCallsNobodyForNothing() {
        QueuedPool pool = pool(2);
        awake(pool);
        assertThat(asked).hasValue(1);
        offer(pool);
        assertThat(asked).hasValue(2);
    }

    @Test
    void oneSearches() {
        QueuedPool pool = pool(3);
        awake(pool);
        assertThat(pool.workers.startSearch()).isTrue();
        assertThat(pool.workers.startSearch()).isFalse();
        offer(pool);
        assertThat(asked).as("somebody searches").hasValue(1);
        pool.workers.endSearch();
        assertThat(asked).hasValue(2);
    }

    @Test
    @DisplayName("a sleeper is called before a thread is started, and has a slot from then on")
    void sleeperIsCalled() throws Exception {
        QueuedPool pool = pool(2);
        Worker worker = awake(pool);
        try (Crew crew = new Crew(ThreadKind.PLATFORM)) {
            Crew.Member<Boolean> rests = asleep(crew, pool, worker, false);
            assertThat(atRest(pool)).isTrue();
            offer(pool);
            assertThat(rests.result()).isTrue();
        }
        assertThat(atRest(pool)).isFalse();
        assertThat(asked).hasValue(1);
        pool.workers.endSearch();
        assertThat(asked).as("the sleeper is no sleeper any more").hasValue(2);
    }

    @Test
    @DisplayName("whoever went to sleep last is called first, and the one before it next")
    void lastSleeperIsCalledFirst() throws Exception {
        QueuedPool pool = pool(2);
        Worker first = awake(pool);
        Worker second = awake(pool);
        try (Crew crew = new Crew(ThreadKind.PLATFORM)) {
            Crew.Member<Boolean> below = asleep(crew, pool, first, false);
            Crew.Member<Boolean> above = asleep(crew, pool, second, false);
            offer(pool);
            assertThat(above.result()).isTrue();
            assertThat(below.task()).isNotDone();
            pool.workers.endSearch();
            assertThat(below.result()).isTrue();
        }
        assertThat(asked).hasValue(2);
    }

    @Test
    @DisplayName("who searches in vain and sleeps lets others be called")
    void restEndsTheSearch() throws Exception {
        QueuedPool pool = pool(1);
        Worker worker = awake(pool);
        assertThat(pool.workers.startSearch()).isTrue();
        try (Crew crew = new Crew(ThreadKind.PLATFORM)) {
            Crew.Member<Boolean> rests = asleep(crew, pool, worker, true);
            offer(pool);
            assertThat(rests.result()).isTrue();
        }
    }

    @Test
    @DisplayName("with fewer workers than are awake somebody has to give up its slot, and leaves its accounts behind")
    void shrunkPoolPressesUntilOneHasGone() {
        QueuedPool pool = pool(2);
        awake(pool);
        Worker second = awake(pool);
        assertThat(pool.workers.arePressed()).isFalse();
        pool.resize(1);
        assertThat(pool.workers.arePressed()).isTrue();
        assertThat(pool.workers.startSearch()).isFalse();
        assertThat(pool.workers.rest(second, false)).isFalse();
        assertThat(pool.workers.arePressed()).isFalse();
        assertThat(pool.workers.startSearch()).isTrue();
        assertThat(live(pool)).isEqualTo(1);
        assertThat(pool.stats().succeeded()).isEqualTo(2);
        assertThat(pool.look(() -> pool.backlog.crew().length)).isEqualTo(1);
    }

    @Test
    @DisplayName("who gives up its slot for good gives back what it has claimed")
    void whoLeavesGivesBackWhatItHasClaimed() {
        QueuedPool pool = pool(2);
        Worker first = awake(pool);
        Worker second = awake(pool);
        Runnable entry = () -> {};
        assertThat(pool.backlog.offer(entry)).isEqualTo(Backlog.Offer.ACCEPTED);
        assertThat(pool.backlog.claim(second, 1, 1)).isTrue();
        pool.resize(1);
        assertThat(pool.workers.rest(second, false)).isFalse();
        assertThat(second.remaining()).isZero();
        assertThat(pool.backlog.claim(first, 1, 1)).isTrue();
        assertThat(first.begin()).isSameAs(entry);
    }

    @Test
    @DisplayName("a sleeper that is in excess after a shrink leaves, and one that is not goes on sleeping")
    void sleeperInExcessLeaves() throws Exception {
        QueuedPool pool = pool(2);
        Worker first = awake(pool);
        Worker second = awake(pool);
        try (Crew crew = new Crew(ThreadKind.PLATFORM)) {
            Crew.Member<Boolean> below = asleep(crew, pool, first, false);
            Crew.Member<Boolean> above = asleep(crew, pool, second, false);
            pool.resize(1);
            await().until(() -> live(pool) == 1);
            await().until(() -> below.task().isDone() != above.task().isDone());
            offer(pool);
            assertThat(List.of(below.result(), above.result())).containsOnlyOnce(true);
        }
        assertThat(asked).hasValue(2);
    }

    @Test
    @DisplayName("a sleeper of a closed pool leaves when another worker has taken the last entry, and has left")
    void lastEntryOfAClosedPoolSendsSleepersHome() throws Exception {
        QueuedPool pool = pool(2);
        Worker sleeper = awake(pool);
        Worker last = awake(pool);
        try (Crew crew = new Crew(ThreadKind.PLATFORM)) {
            Crew.Member<Boolean> rests = asleep(crew, pool, sleeper, false);
            assertThat(pool.workers.startSearch()).isTrue();
            offer(pool);
            pool.shutdown();
            rests.awaitParked();
            assertThat(rests.task()).as("there is an entry").isNotDone();
            runs(pool, last);
            assertThat(pool.workers.rest(last, true)).isFalse();
            assertThat(rests.result()).isFalse();
        }
        assertThat(pool.isTerminated()).isTrue();
    }

    @Test
    void shrinkPressesAtOnce() {
        QueuedPool pool = pool(2);
        awake(pool);
        awake(pool);
        boolean pressed = pool.look(() -> {
            pool.workers.resize(1);
            return pool.workers.arePressed();
        });
        assertThat(pressed).isTrue();
    }

    @Test
    void resizeCallsForWhatWaits() {
        QueuedPool pool = pool(1);
        awake(pool);
        offer(pool);
        assertThat(asked).hasValue(1);
        pool.resize(2);
        assertThat(asked).hasValue(2);
        assertThat(pool.workers.limit()).isEqualTo(2);
    }

    @Test
    @DisplayName("no more at once are busy with short tasks than there are processors")
    void processorsLimitShortTasks() {
        int processors = Runtime.getRuntime().availableProcessors();
        assertThat(pool(1).workers.atOnce()).isEqualTo(1);
        assertThat(pool(processors + 1).workers.atOnce()).isEqualTo(processors);
    }

    @Test
    @DisplayName("a sleeper leaves when its pool is shut down with nothing to do, and not before")
    void sleeperLeavesWithThePool() throws Exception {
        QueuedPool pool = pool(1);
        Worker worker = awake(pool);
        try (Crew crew = new Crew(ThreadKind.PLATFORM)) {
            Crew.Member<Boolean> rests = asleep(crew, pool, worker, false);
            assertThat(pool.isTerminated()).isFalse();
            pool.shutdown();
            assertThat(rests.result()).isFalse();
        }
        assertThat(pool.isTerminated()).isTrue();
    }

    @Test
    @DisplayName("a worker that comes to rest in a closed pool goes on while there are entries")
    void restOfAClosedPoolRunsWhatIsLeft() {
        QueuedPool pool = pool(1);
        Worker worker = awake(pool);
        offer(pool);
        pool.shutdown();
        assertThat(pool.workers.rest(worker, false)).isTrue();
        runs(pool, worker);
        assertThat(pool.workers.rest(worker, true)).isFalse();
        assertThat(live(pool)).isZero();
    }

    @Test
    @DisplayName("an idle worker leaves after its time")
    void idleWorkerLeavesAfterItsTime() {
        QueuedPool pool = (QueuedPool) WorkerPool.builder()
                .workers(1)
                .keepAlive(Duration.ofNanos(1))
                .threadFactory(body -> new Thread(() -> {}))
                .build();
        Worker worker = awake(pool);
        assertThat(pool.workers.rest(worker, false)).isFalse();
        assertThat(live(pool)).isZero();
    }

    private QueuedPool withKeepAlive(int width, Duration keepAlive) {
        return (QueuedPool) WorkerPool.builder()
                .workers(width)
                .keepAlive(keepAlive)
                .threadFactory(body -> {
                    asked.incrementAndGet();
                    return new Thread(() -> {});
                })
                .build();
    }

    @Test
    @DisplayName("an idle worker does not leave before its time, also when it is interrupted by somebody")
    void idleWorkerStaysForItsTime() throws Exception {
        QueuedPool pool = withKeepAlive(1, Duration.ofMinutes(2));
        Worker worker = awake(pool);
        try (Crew crew = new Crew(ThreadKind.PLATFORM)) {
            Crew.Member<Boolean> rests = asleep(crew, pool, worker, false);
            rests.interrupt();
            rests.awaitParked();
            offer(pool);
            assertThat(rests.result()).isTrue();
        }
        assertThat(live(pool)).isEqualTo(1);
    }

    @Test
    @DisplayName("a worker whose time is up leaves though there is an entry, and has a thread started for that")
    void whoLeavesSeesToWhatIsLeft() {
        QueuedPool pool = withKeepAlive(1, Duration.ofNanos(1));
        Worker worker = awake(pool);
        assertThat(pool.backlog.offer((Runnable) () -> {})).isEqualTo(Backlog.Offer.ACCEPTED);
        assertThat(pool.workers.rest(worker, false)).isFalse();
        assertThat(asked).hasValue(2);
        assertThat(live(pool)).isEqualTo(1);
        assertThat(pool.workers.startSearch()).as("the new one does").isFalse();
    }

    // ---- lending -------------------------------------------------------------------------------------

    @Test
    @DisplayName("who gives up its slot gives back what it has claimed, and somebody else is called for that")
    void lentSlotIsFilled() {
        QueuedPool pool = pool(1);
        Worker worker = awake(pool);
        offer(pool);
        offer(pool);
        assertThat(pool.backlog.claim(worker, 1, 1)).isTrue();
        assertThat(asked).as("with the limit reached").hasValue(1);
        assertThat(pool.workers.giveUpSlot(worker))
                .as("a thread is to be started")
                .isTrue();
        assertThat(worker.remaining()).isZero();
        assertThat(live(pool)).isEqualTo(2);
    }

    @Test
    void nobodyTakesASlotForNothing() {
        QueuedPool pool = pool(1);
        Worker worker = awake(pool);
        assertThat(pool.workers.giveUpSlot(worker)).isFalse();
        assertThat(atRest(pool)).as("it comes back").isFalse();
    }

    @Test
    @DisplayName("a lender comes back when the one who stood in for it has ended its entry, and that one leaves")
    void lenderWaitsForItsSlot() throws Exception {
        QueuedPool pool = pool(1);
        Worker lender = awake(pool);
        Worker standIn = joined(pool);
        CountDownLatch awaited = new CountDownLatch(1);
        try (Crew crew = new Crew(ThreadKind.PLATFORM)) {
            Crew.Member<Integer> lends = crew.start(() -> pool.workers.lend(lender, () -> {
                        awaited.await();
                        return 42;
                    }))
                    .awaitParked();
            offer(pool);
            assertThat(asked).as("for the slot that is lent").hasValue(2);
            runs(pool, standIn);
            pool.workers.endSearch();
            awaited.countDown();
            await().until(pool.workers::arePressed);
            assertThat(lends.awaitParked().task()).as("its slot is taken").isNotDone();
            assertThat(pool.workers.rest(standIn, false)).isFalse();
            assertThat(lends.result()).isEqualTo(42);
        }
        assertThat(live(pool)).isEqualTo(1);
        assertThat(pool.workers.arePressed()).isFalse();
        offer(pool);
        assertThat(asked).as("the slot is the lender's").hasValue(2);
    }

    /** Has the lender wait, and the other one run an entry in its slot. */
    private static Crew.Member<Boolean> lends(
            Crew crew, QueuedPool pool, Worker lender, Worker standIn, CountDownLatch awaited) throws Exception {
        Crew.Member<Boolean> lends = crew.start(() -> pool.workers.lend(lender, () -> awaited.await(30, SECONDS)))
                .awaitParked();
        offer(pool);
        runs(pool, standIn);
        return lends;
    }

    @Test
    @DisplayName("the one who stood in for a lender sleeps, and leaves when the lender is back")
    void standInThatSleepsLeaves() throws Exception {
        QueuedPool pool = pool(1);
        Worker lender = awake(pool);
        Worker standIn = joined(pool);
        CountDownLatch awaited = new CountDownLatch(1);
        try (Crew crew = new Crew(ThreadKind.PLATFORM)) {
            Crew.Member<Boolean> lends = lends(crew, pool, lender, standIn, awaited);
            Crew.Member<Boolean> rests = asleep(crew, pool, standIn, true);
            assertThat(pool.isTerminated()).isFalse();
            awaited.countDown();
            assertThat(lends.result()).isTrue();
            assertThat(rests.result()).isFalse();
        }
        assertThat(live(pool)).isEqualTo(1);
    }

    @Test
    @DisplayName("a lender comes back when the limit grows, though its slot is taken")
    void lenderComesBackToAWiderPool() throws Exception {
        QueuedPool pool = pool(1);
        Worker lender = awake(pool);
        Worker standIn = joined(pool);
        CountDownLatch awaited = new CountDownLatch(1);
        try (Crew crew = new Crew(ThreadKind.PLATFORM)) {
            Crew.Member<Boolean> lends = lends(crew, pool, lender, standIn, awaited);
            pool.workers.endSearch();
            awaited.countDown();
            await().until(pool.workers::arePressed);
            pool.resize(2);
            assertThat(lends.result()).isTrue();
        }
        assertThat(pool.workers.arePressed()).isFalse();
        assertThat(pool.workers.startSearch()).isTrue();
        assertThat(live(pool)).isEqualTo(2);
    }

    @Test
    @DisplayName("a lender that comes back looks whether there is something to do for others, too")
    void lenderThatComesBackSeesToWhatIsLeft() {
        QueuedPool pool = pool(2);
        Worker lender = awake(pool);
        pool.workers.lend(lender, () -> pool.backlog.offer((Runnable) () -> {}));
        assertThat(asked).hasValue(2);
        assertThat(live(pool)).isEqualTo(2);
    }

    @Test
    @DisplayName("a wait for which a slot is lent gives its failure to the one who lent it, who has the slot again")
    void lenderHasItsSlotBackWhenTheWaitFails() {
        QueuedPool pool = pool(1);
        Worker lender = awake(pool);
        assertThatThrownBy(() -> pool.workers.lend(lender, () -> {
                    throw new IllegalStateException("the wait");
                }))
                .hasMessage("the wait");
        offer(pool);
        assertThat(asked).as("its slot is not free").hasValue(1);
        assertThat(atRest(pool)).isFalse();
    }

    // ---- short tasks ---------------------------------------------------------------------------------

    /** Another one is awake, and tasks are short; so who sleeps keeps watch. */
    private static void tasksAreShort(QueuedPool pool) {
        pool.tasksTake(1);
        assertThat(pool.tasksAreShort()).isTrue();
    }

    @Test
    @DisplayName("with nobody asleep who could watch, a thread is asked for though tasks are short")
    void threadsAreStartedForShortTasks() {
        QueuedPool pool = pool(2);
        awake(pool);
        tasksAreShort(pool);
        offer(pool);
        assertThat(asked).hasValue(2);
    }

    @Test
    @DisplayName("a full queue calls for a worker when it has something to do")
    void fullQueueCallsForAWorker() {
        QueuedPool pool = pool(1);
        pool.workers.callMore();
        assertThat(asked).as("for nothing").hasValue(0);
        assertThat(pool.backlog.offer((Runnable) () -> {})).isEqualTo(Backlog.Offer.ACCEPTED);
        pool.workers.callMore();
        assertThat(asked).hasValue(1);
        pool.workers.callMore();
        assertThat(asked).as("while it searches").hasValue(1);
    }

    @Test
    @DisplayName("while tasks are short a sleeper comes by itself for an entry that nobody was called for")
    void watcherComesUnasked() throws Exception {
        QueuedPool pool = pool(2);
        awake(pool);
        Worker watcher = awake(pool);
        try (Crew crew = new Crew(ThreadKind.PLATFORM)) {
            tasksAreShort(pool);
            assertThat(pool.backlog.offer((Runnable) () -> {})).isEqualTo(Backlog.Offer.ACCEPTED);
            assertThat(crew.start(() -> pool.workers.rest(watcher, false)).result())
                    .isTrue();
        }
        assertThat(pool.workers.startSearch()).as("the watcher does").isFalse();
        assertThat(asked).hasValue(2);
    }

    @Test
    @DisplayName("a watch that finds nothing is the last one, and who is added then is called for")
    void watchEndsWhenThereIsNothing() throws Exception {
        QueuedPool pool = pool(2);
        awake(pool);
        Worker watcher = awake(pool);
        try (Crew crew = new Crew(ThreadKind.PLATFORM)) {
            tasksAreShort(pool);
            Crew.Member<Boolean> rests = crew.start(() -> pool.workers.rest(watcher, false));
            await().until(() -> !pool.tasksAreShort());
            rests.awaitParked();
            offer(pool);
            assertThat(rests.result()).isTrue();
        }
    }

    @Test
    @DisplayName("the last one that is awake keeps no watch when it sleeps")
    void lastOneKeepsNoWatch() throws Exception {
        QueuedPool pool = pool(1);
        Worker worker = awake(pool);
        tasksAreShort(pool);
        try (Crew crew = new Crew(ThreadKind.PLATFORM)) {
            Crew.Member<Boolean> rests = asleep(crew, pool, worker, false);
            offer(pool);
            assertThat(rests.result()).isTrue();
        }
        assertThat(pool.tasksAreShort()).as("nothing was seen").isTrue();
    }

    // ---- threads that cannot be had ------------------------------------------------------------------

    @Test
    @DisplayName(
            "scenario 12: what a thread could not be started for is out of the queue, and counted, if it is the caller's")
    void ownEntryIsTakenBack() {
        QueuedPool pool = new QueuedPool("refused", 1, 64, OnFull.BLOCK, body -> null);
        Runnable own = () -> {};
        assertThat(pool.backlog.offer(own)).isEqualTo(Backlog.Offer.ACCEPTED);
        assertThatThrownBy(() -> pool.workers.call(own))
                .isInstanceOf(RejectedExecutionException.class)
                .hasMessageContaining("no thread");
        assertThat(live(pool)).isZero();
        assertThat(atRest(pool)).isTrue();
        assertThat(pool.stats().rejected()).isEqualTo(1);
        assertThat(pool.stats().queued()).isZero();
    }

    @Test
    @DisplayName("scenario 12: what others have queued fails, each when no thread could be started for it")
    void entriesOfOthersFail() {
        QueuedPool pool = new QueuedPool("refused", 1, 64, OnFull.BLOCK, body -> null);
        Task<?> first = Task.of(pool, () -> {});
        Task<?> second = Task.of(pool, () -> {});
        assertThat(pool.backlog.offer(first)).isEqualTo(Backlog.Offer.ACCEPTED);
        assertThat(pool.backlog.offer(second)).isEqualTo(Backlog.Offer.ACCEPTED);
        pool.workers.startWanted();
        for (Task<?> failed : new Task<?>[] {first, second}) {
            assertThatThrownBy(failed::get).hasCauseInstanceOf(RejectedExecutionException.class);
        }
        assertThat(pool.stats().failed()).isEqualTo(2);
        assertThat(pool.stats().queued()).isZero();
        assertThat(pool.look(pool::idle)).isTrue();
    }

    @Test
    @DisplayName("scenario 12: who waits for the end of a pool is told when its only thread cannot be started")
    void endOfAPoolWithoutAThreadIsTold() throws Exception {
        AtomicReference<QueuedPool> pool = new AtomicReference<>();
        try (Crew crew = new Crew(ThreadKind.PLATFORM)) {
            pool.set(new QueuedPool("refused", 1, 64, OnFull.BLOCK, body -> {
                crew.run(() -> pool.get().close()).awaitParked();
                return null;
            }));
            assertThatThrownBy(() -> pool.get().execute(() -> {})).isInstanceOf(RejectedExecutionException.class);
        }
        assertThat(pool.get().isTerminated()).isTrue();
    }

    @Test
    @DisplayName("scenario 12: that a thread could not be started is logged, with the reason")
    void missingThreadIsLogged() throws Exception {
        QueuedPool pool = new QueuedPool("refused", 1, 64, OnFull.BLOCK, body -> {
            throw new IllegalStateException("no thread today");
        });
        String log = Logged.during(
                () -> assertThatThrownBy(() -> pool.execute(() -> {})).hasCauseInstanceOf(IllegalStateException.class));
        assertThat(log).contains("refused: a worker thread could not be started", "no thread today");
    }

    @Test
    @DisplayName("scenario 12: who waits for room in the lane of an entry that is refused for want of a thread gets it")
    void refusedEntryMakesRoomInItsLane() throws Exception {
        CountDownLatch refuse = new CountDownLatch(1);
        QueuedPool pool = (QueuedPool) WorkerPool.builder()
                .workers(1)
                .laneCapacity(1)
                .threadFactory(body -> {
                    if (asked.getAndIncrement() > 0) {
                        return new Thread(body);
                    }
                    Uninterruptibly.await(refuse);
                    return null;
                })
                .build();
        Lane lane = pool.lane("a");
        try (Crew crew = new Crew(ThreadKind.PLATFORM)) {
            crew.run(() ->
                    assertThatThrownBy(() -> lane.submit(() -> 1)).isInstanceOf(RejectedExecutionException.class));
            await().until(() -> asked.get() == 1);
            Crew.Member<Integer> behind = crew.start(() -> lane.submit(() -> 2).get());
            await().until(() -> pool.stats().waiting() == 1);
            behind.awaitParked();
            refuse.countDown();
            assertThat(behind.result()).isEqualTo(2);
        } finally {
            refuse.countDown();
        }
        pool.close();
    }
}
