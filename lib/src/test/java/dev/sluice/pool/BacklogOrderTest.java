package dev.sluice.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The backlog in one thread: what comes out of it, in which order, and what is counted. */
@Timeout(180)
class BacklogOrderTest {
    private final QueuedPool pool = (QueuedPool) WorkerPool.builder()
            .workers(2)
            .queueCapacity(64)
            .queueTimeout(Duration.ofHours(1))
            .build();
    private final Backlog backlog = new Backlog(16, false);
    private final Worker owner = new Worker(pool);
    private final Worker other = new Worker(pool);

    /** An entry without a handle. */
    private record Bare(int number) implements Runnable {
        @Override
        public void run() {}
    }

    private static List<Bare> bare(int count) {
        return IntStream.range(0, count).mapToObj(Bare::new).toList();
    }

    private Task<?> task() {
        return Task.executed(pool, () -> {});
    }

    private LaneTask<?> laneTask(Object key) {
        return new LaneTask<>(new Lane(pool, key), (Runnable) () -> {}, true, true);
    }

    private static void offer(Backlog backlog, List<?> entries) {
        entries.forEach(entry -> assertThat(backlog.offer(entry)).isEqualTo(Backlog.Offer.ACCEPTED));
    }

    /** Begins and ends everything that the worker has claimed or can claim. */
    private static List<Object> drain(Backlog backlog, Worker worker) {
        List<Object> all = new ArrayList<>();
        do {
            for (Object entry = worker.begin(); entry != null; entry = worker.begin()) {
                all.add(entry);
                worker.ended(Ending.SUCCEEDED);
            }
        } while (backlog.claim(worker, 1, 1));
        return all;
    }

    private void join() {
        backlog.join(owner);
        backlog.join(other);
    }

    @Test
    @DisplayName("a worker claims several when there are twice as many for each worker, else one")
    void claimIsAShareOfWhatIsThere() {
        join();
        List<Bare> entries = bare(16);
        offer(backlog, entries);
        List<Integer> claimed = new ArrayList<>();
        List<Object> begun = new ArrayList<>();
        while (backlog.claim(owner, 3, 2)) {
            claimed.add(owner.remaining());
            for (Object entry = owner.begin(); entry != null; entry = owner.begin()) {
                begun.add(entry);
                owner.ended(Ending.SUCCEEDED);
            }
        }
        assertThat(claimed).containsExactly(3, 3, 2, 2, 1, 1, 1, 1, 1, 1);
        assertThat(begun).isEqualTo(entries);
        offer(backlog, entries.subList(0, 15));
        assertThat(backlog.claim(owner, 1, 1)).isTrue();
        assertThat(owner.remaining()).as("when its last were long").isEqualTo(1);
    }

    @Test
    @DisplayName("promise 6: what is given back comes before all else, in its order")
    void whatIsGivenBackComesFirst() {
        join();
        List<Bare> entries = bare(8);
        offer(backlog, entries);
        assertThat(backlog.claim(owner, 4, 1)).isTrue();
        assertThat(owner.begin()).isSameAs(entries.get(0));
        backlog.giveBack(owner);
        assertThat(owner.remaining()).isZero();
        assertThat(drain(backlog, other)).isEqualTo(entries.subList(1, 8));
        owner.ended(Ending.FAILED);
        assertThat(backlog.hasEntries()).isFalse();
    }

    @Test
    @DisplayName("a thief takes the first of what another has claimed, and nothing of its own")
    void thiefTakesTheFirstOfAnother() {
        join();
        List<Bare> entries = bare(8);
        offer(backlog, entries);
        assertThat(backlog.claim(owner, 3, 1)).isTrue();
        assertThat(backlog.steal(owner)).isFalse();
        assertThat(backlog.steal(other)).isTrue();
        assertThat(other.begin()).isSameAs(entries.get(0));
        assertThat(other.begin()).isNull();
        assertThat(owner.begin()).isSameAs(entries.get(1));
        assertThat(backlog.steal(other)).isTrue();
        assertThat(other.remaining()).isEqualTo(1);
        assertThat(owner.begin()).as("it was stolen").isNull();
    }

    @Test
    @DisplayName("an entry is there for workers, and counts, wherever it lies, until it has begun")
    void entriesAreThereUntilTheyHaveBegun() {
        join();
        assertThat(backlog.hasEntries()).isFalse();
        assertThat(backlog.isEmpty()).isTrue();
        offer(backlog, bare(1));
        assertThereIsOne();
        assertThat(backlog.claim(owner, 1, 1)).isTrue();
        assertThereIsOne();
        backlog.giveBack(owner);
        assertThereIsOne();
        assertThat(backlog.claim(owner, 1, 1)).isTrue();
        assertThat(owner.begin()).isNotNull();
        assertThat(backlog.hasEntries()).isFalse();
        assertThat(backlog.isEmpty()).isTrue();
        assertThat(backlog.snapshot().running).isEqualTo(1);
        owner.ended(Ending.FAILED);
        Tally tally = backlog.snapshot();
        assertThat(tally.running).isZero();
        assertThat(tally.failed).isEqualTo(1);
        assertThat(tally.accepted).isEqualTo(1);
    }

    private void assertThereIsOne() {
        assertThat(backlog.hasEntries()).isTrue();
        assertThat(backlog.isEmpty()).isFalse();
        assertThat(backlog.snapshot().queued).isEqualTo(1);
    }

    @Test
    @DisplayName("promise 2: who takes its entry back takes just that one, wherever it lies")
    void bareEntryIsTakenBackOnce() {
        join();
        List<Bare> entries = bare(6);
        offer(backlog, entries);
        assertThat(backlog.remove(entries.get(5))).isTrue();
        assertThat(backlog.remove(entries.get(5))).isFalse();
        assertThat(backlog.remove(entries.get(2))).isTrue();
        assertThat(backlog.claim(owner, 2, 1)).isTrue();
        backlog.giveBack(owner);
        assertThat(backlog.remove(entries.get(1))).isTrue();
        assertThat(backlog.remove(entries.get(1))).isFalse();
        assertThat(backlog.remove(new Bare(7))).isFalse();
        assertThat(backlog.snapshot().queued).isEqualTo(3);
        assertThat(drain(backlog, owner)).containsExactly(entries.get(0), entries.get(3), entries.get(4));
        assertThat(backlog.isEmpty()).isTrue();
    }

    @Test
    @DisplayName("promise 3: in a full queue the oldest gives its place to the newest, wherever it lies")
    void oldestGivesItsPlace() {
        Backlog two = new Backlog(2, false);
        two.join(owner);
        List<Bare> entries = bare(5);
        assertThat(two.addDroppingOldest(entries.get(0))).isNull();
        Task<?> task = task();
        assertThat(two.addDroppingOldest(task)).isNull();
        assertThat(task.queued).isTrue();
        assertThat(two.addDroppingOldest(entries.get(1))).isSameAs(entries.get(0));
        assertThat(two.addDroppingOldest(entries.get(2))).isSameAs(task);
        assertThat(task.phase()).isEqualTo(Phase.DROPPING);
        assertThat(two.claim(owner, 1, 1)).isTrue();
        assertThat(two.addDroppingOldest(entries.get(3))).as("claimed").isSameAs(entries.get(1));
        assertThat(two.claim(owner, 1, 1)).isTrue();
        two.giveBack(owner);
        assertThat(two.addDroppingOldest(entries.get(4))).as("given back").isSameAs(entries.get(2));
        assertThat(two.snapshot().queued).isEqualTo(2);
        assertThat(two.snapshot().accepted).isEqualTo(6);
        assertThat(drain(two, owner)).containsExactly(entries.get(3), entries.get(4));
    }

    @Test
    @DisplayName("promise 7: what is cleared out is all that lives, each once")
    void everythingThatLivesIsClearedOut() {
        join();
        backlog.openLanes(8);
        Task<?> dead = task();
        Task<?> alive = task();
        LaneTask<?> first = laneTask("a");
        LaneTask<?> passed = laneTask("a");
        LaneTask<?> behind = laneTask("a");
        Bare bare = new Bare(1);
        offer(backlog, List.of(first, passed));
        assertThat(backlog.claim(owner, 1, 1)).isTrue();
        assertThat(owner.begin()).isSameAs(first);
        assertThat(backlog.claim(other, 1, 1)).isTrue();
        assertThat(other.begin()).as("it is behind the first").isNull();
        offer(backlog, List.of(dead, alive, bare, behind));
        assertThat(backlog.withdraw(dead, Phase.CANCELLED)).isTrue();
        assertThat(backlog.withdraw(dead, Phase.CANCELLED)).isFalse();
        assertThat(backlog.snapshot().queued).isEqualTo(4);
        assertThat(backlog.clear(Phase.CANCELLED)).containsExactlyInAnyOrder(alive, bare, behind, passed);
        assertThat(List.of(alive, behind, passed)).allMatch(task -> task.phase() == Phase.CANCELLED);
        assertThat(first.isRunning()).isTrue();
        assertThat(backlog.isEmpty()).isTrue();
        assertThat(backlog.clear(Phase.CANCELLED)).isEmpty();
        assertThat(backlog.lanes().all()).isEqualTo(List.of(first));
    }

    @Test
    @DisplayName("promise 1: an offer says why it was refused, and then nothing is in")
    void offersSayWhatBecameOfThem() {
        Backlog two = new Backlog(2, false);
        two.openLanes(1);
        LaneTask<?> inLane = laneTask("a");
        LaneTask<?> second = laneTask("a");
        offer(two, List.of(inLane));
        assertThat(two.offer(second)).isEqualTo(Backlog.Offer.LANE_FULL);
        assertThat(second.queued).isFalse();
        assertThat(two.inTheWayOf(second)).isEqualTo(List.of(inLane));
        assertThat(two.hasRoom(1)).isTrue();
        assertThat(two.hasRoom(2)).isFalse();
        assertThat(two.isHalfEmpty()).isTrue();
        Task<?> cancelled = task();
        cancelled.moveTo(Phase.CANCELLED);
        assertThat(two.offer(cancelled)).isEqualTo(Backlog.Offer.CANCELLED);
        offer(two, bare(1));
        Task<?> late = task();
        assertThat(two.offer(late)).isEqualTo(Backlog.Offer.FULL);
        assertThat(late.queued).isFalse();
        assertThat(two.offer(new Bare(2))).isEqualTo(Backlog.Offer.FULL);
        assertThat(two.hasRoom(1)).isFalse();
        assertThat(two.isHalfEmpty()).isFalse();
        assertThat(two.withdraw(inLane, Phase.CANCELLED)).isTrue();
        assertThat(two.isClosed()).isFalse();
        two.close();
        assertThat(two.isClosed()).isTrue();
        assertThat(two.offer(late)).isEqualTo(Backlog.Offer.CLOSED);
        assertThat(two.snapshot().accepted).isEqualTo(2);
        assertThat(two.snapshot().queued).isEqualTo(1);
    }

    @Test
    @DisplayName("promise 2: what a worker has counted goes with it when it leaves, and what is queued stays")
    void accountsGoWithTheWorkerThatLeaves() {
        join();
        Task<?> dead = task();
        offer(backlog, List.of(new Bare(1), dead, new Bare(2), new Bare(3)));
        assertThat(backlog.withdraw(dead, Phase.CANCELLED)).isTrue();
        assertThat(backlog.claim(owner, 2, 1)).isTrue();
        assertThat(owner.begin()).isEqualTo(new Bare(1));
        owner.ended(Ending.SUCCEEDED);
        assertThat(owner.begin()).as("it was cancelled").isNull();
        assertThat(backlog.snapshot().queued).isEqualTo(2);
        Tally gone = backlog.leave(owner);
        assertThat(gone.succeeded).isEqualTo(1);
        assertThat(backlog.crew()).containsExactly(other);
        Tally left = backlog.snapshot();
        assertThat(left.succeeded).isZero();
        assertThat(left.queued).isEqualTo(2);
        assertThat(left.accepted).isEqualTo(4);
    }

    @Test
    @DisplayName("promise 1: a large queue takes as many as it may, whatever was cancelled in it, and keeps its order")
    void largeQueueTakesAsManyAsItMay() {
        Backlog large = new Backlog(1_000, false);
        large.join(owner);
        List<Object> alive = new ArrayList<>();
        List<Task<?>> cancelled = new ArrayList<>();
        for (int i = 0; i < 700; i++) {
            Object entry = i % 2 == 0 ? new Bare(i) : task();
            assertThat(large.offer(entry)).isEqualTo(Backlog.Offer.ACCEPTED);
            if (entry instanceof Task<?> task && i % 5 == 0) {
                cancelled.add(task);
            } else {
                alive.add(entry);
            }
        }
        cancelled.forEach(
                task -> assertThat(large.withdraw(task, Phase.CANCELLED)).isTrue());
        while (alive.size() < 1_000) {
            Bare entry = new Bare(alive.size());
            assertThat(large.offer(entry)).isEqualTo(Backlog.Offer.ACCEPTED);
            alive.add(entry);
        }
        assertThat(large.offer(new Bare(0))).isEqualTo(Backlog.Offer.FULL);
        assertThat(large.snapshot().queued).isEqualTo(1_000);
        assertThat(large.snapshot().accepted).isEqualTo(1_000 + cancelled.size());
        assertThat(drain(large, owner)).isEqualTo(alive);
    }

    @Test
    @DisplayName("promise 2: what has been queued for too long is found, wherever it lies, and nothing else")
    void whatIsLateIsFoundWhereverItLies() {
        Backlog timed = new Backlog(16, true);
        timed.openLanes(8);
        timed.join(owner);
        timed.join(other);
        assertThat(timed.oldestQueued()).isZero();
        LaneTask<?> first = laneTask("a");
        LaneTask<?> passed = laneTask("a");
        Task<?> claimed = task();
        Task<?> given = task();
        Task<?> inTime = task();
        Task<?> last = task();
        offer(timed, List.of(first, passed, claimed, given, inTime));
        assertThat(timed.addDroppingOldest(last)).isNull();
        assertThat(timed.claim(owner, 1, 1)).isTrue();
        assertThat(owner.begin()).isSameAs(first);
        assertThat(timed.claim(other, 1, 1)).isTrue();
        assertThat(other.begin()).isNull();
        assertThat(timed.claim(other, 2, 1)).isTrue();
        timed.giveBack(other);
        assertThat(timed.claim(other, 1, 1)).isTrue();
        assertThat(List.of(passed.submitted(), last.submitted())).doesNotContain(0L);
        assertThat(timed.oldestQueued()).isEqualTo(passed.submitted());
        assertThat(timed.takeLate()).isEmpty();
        List<Task<?>> late = List.of(given, last, claimed, passed);
        late.forEach(Task::makeLate);
        assertThat(timed.oldestQueued()).isEqualTo(passed.submitted());
        assertThat(timed.takeLate()).isEqualTo(late);
        assertThat(late).allMatch(task -> task.phase() == Phase.DROPPING);
        assertThat(timed.lanes().all()).isEqualTo(List.of(first));
        assertThat(timed.snapshot().queued).isEqualTo(1);
        assertThat(timed.oldestQueued()).isEqualTo(inTime.submitted());
        assertThat(drain(timed, other)).isEqualTo(List.of(inTime));
        assertThat(timed.isEmpty()).isTrue();
    }

    @Test
    @DisplayName(
            "promise 6: of those who were passed by the oldest is taken first, before all that nobody has come upon")
    void oldestOfThePassedIsTakenFirst() {
        join();
        backlog.openLanes(8);
        List<LaneTask<?>> passed = new ArrayList<>();
        for (int key = 0; key < 5; key++) {
            LaneTask<?> first = laneTask(10_007 * key);
            LaneTask<?> second = laneTask(10_007 * key);
            offer(backlog, List.of(first, second));
            assertThat(backlog.claim(owner, 1, 1)).isTrue();
            assertThat(owner.begin()).isSameAs(first);
            owner.ended(Ending.SUCCEEDED); // and leaves its lane later
            assertThat(backlog.claim(other, 1, 1)).isTrue();
            assertThat(other.begin()).isNull();
            passed.add(second);
        }
        List<Object> oldestFirst = new ArrayList<>(passed);
        oldestFirst.addAll(List.of(new Bare(1), laneTask("nobody has come upon it")));
        offer(backlog, oldestFirst.subList(5, 7));
        List<Object> taken = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            taken.add(backlog.poll(Phase.DROPPING));
        }
        assertThat(taken).isEqualTo(oldestFirst);
        assertThat(backlog.isEmpty()).isTrue();
    }

    @Test
    @DisplayName("promise 2: a task is taken out of its turn once, to run only while it is queued")
    void taskIsTakenOutOnce() {
        join();
        Task<?> outside = task();
        assertThat(backlog.withdraw(outside, Phase.RUNNING)).isFalse();
        Task<?> inside = task();
        Task<?> taken = task();
        offer(backlog, List.of(inside, taken));
        assertThat(backlog.withdraw(inside, Phase.RUNNING)).isTrue();
        assertThat(backlog.remove(taken)).isTrue();
        assertThat(backlog.remove(taken)).isFalse();
        assertThat(taken.phase()).isEqualTo(Phase.DROPPING);
        assertThat(backlog.isEmpty()).isTrue();
        assertThat(drain(backlog, owner)).isEmpty();
    }

    @Test
    @DisplayName("promise 3: a queue that drops its oldest keeps its order whatever is cancelled in it")
    void droppingKeepsTheOrderAmongTheDead() {
        Backlog two = new Backlog(2, false);
        two.join(owner);
        Bare first = new Bare(1);
        assertThat(two.addDroppingOldest(first)).isNull();
        for (int i = 0; i < 10; i++) {
            Task<?> task = task();
            assertThat(two.addDroppingOldest(task)).isNull();
            assertThat(two.withdraw(task, Phase.CANCELLED)).isTrue();
        }
        Bare last = new Bare(2);
        assertThat(two.addDroppingOldest(last)).isNull();
        assertThat(two.snapshot().accepted).isEqualTo(12);
        assertThat(drain(two, owner)).containsExactly(first, last);
    }

    @Test
    @DisplayName("one entry in 64 is measured, also when several are claimed at once")
    void oneEntryIn64IsMeasured() {
        QueuedPool sampling =
                new QueuedPool("sampling", 1, 256, OnFull.REJECT, body -> new Thread(body, "never started"));
        Backlog large = new Backlog(256, false);
        Worker worker = new Worker(sampling);
        large.join(worker);
        offer(large, bare(200));
        while (large.claim(worker, 10, 1)) {
            while (worker.begin() != null) {
                worker.ended(Ending.SUCCEEDED);
            }
        }
        assertThat(sampling.queueWait.timing().samples()).isEqualTo(4);
        assertThat(sampling.runTime.timing().samples()).isEqualTo(4);
    }

    @Test
    @DisplayName(
            "promise 6: who has been passed by comes back before all else when the one before it has left the lane")
    void whoWasPassedByComesBackFirst() {
        join();
        backlog.openLanes(8);
        LaneTask<?> first = laneTask("a");
        LaneTask<?> second = laneTask("a");
        LaneTask<?> third = laneTask("a");
        offer(backlog, List.of(first, second, third, new Bare(1)));
        assertThat(backlog.claim(owner, 1, 1)).isTrue();
        assertThat(owner.begin()).isSameAs(first);
        assertThat(backlog.claim(other, 1, 1)).isTrue();
        assertThat(other.begin()).isNull();
        assertThat(backlog.snapshot().queued).isEqualTo(3);
        assertThat(backlog.withdraw(second, Phase.RUNNING))
                .as("out of its turn")
                .isFalse();
        owner.ended(Ending.SUCCEEDED);
        assertThat(backlog.leaveLane(first).freed()).isSameAs(second);
        assertThat(backlog.snapshot().queued).isEqualTo(3);
        assertThat(backlog.claim(other, 1, 1)).isTrue();
        assertThat(other.begin()).isSameAs(second);
        assertThat(backlog.pollLane(third, Phase.DROPPING)).isSameAs(third);
        assertThat(backlog.pollLane(third, Phase.DROPPING)).isNull();
        other.ended(Ending.SUCCEEDED);
        assertThat(backlog.leaveLane(second)).isSameAs(Lanes.Left.NOTHING);
        assertThat(backlog.poll(Phase.CANCELLED)).isEqualTo(new Bare(1));
        assertThat(backlog.poll(Phase.CANCELLED)).isNull();
        assertThat(backlog.isEmpty()).isTrue();
    }

    @Test
    @DisplayName("promise 6: who has been passed by comes back also when the one before it is cancelled in the queue")
    void whoWasPassedByComesBackWhenTheFirstIsCancelled() {
        join();
        backlog.openLanes(8);
        LaneTask<?> first = laneTask("a");
        LaneTask<?> second = laneTask("a");
        LaneTask<?> third = laneTask("a");
        LaneTask<?> fourth = laneTask("a");
        offer(backlog, List.of(first, second, third, fourth));
        assertThat(backlog.claim(owner, 1, 1)).isTrue();
        assertThat(backlog.claim(other, 1, 1)).isTrue();
        assertThat(other.begin()).isNull();
        assertThat(backlog.withdraw(first, Phase.CANCELLED)).isTrue();
        assertThat(backlog.snapshot().queued).isEqualTo(3);
        assertThat(owner.begin()).isNull();
        assertThat(backlog.claim(owner, 1, 1)).isTrue();
        assertThat(owner.begin()).isSameAs(second);
        assertThat(backlog.pollLane(second, Phase.DROPPING)).isSameAs(third);
        assertThat(backlog.snapshot().queued).isEqualTo(1);
        owner.ended(Ending.SUCCEEDED);
        assertThat(backlog.leaveLane(second).freed()).isNull();
        assertThat(drain(backlog, owner)).isEqualTo(List.of(fourth));
        assertThat(backlog.isEmpty()).isTrue();
    }
}
