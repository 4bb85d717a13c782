package dev.sluice.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testing.Crew;
import dev.sluice.testing.Rounds;
import dev.sluice.testing.ThreadKind;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The backlog without threads of a pool: owners and thieves meet in every run. */
@Timeout(180)
class BacklogTest {
    private static final int CAPACITY = 64;

    private final QueuedPool pool =
            new QueuedPool("none", 2, CAPACITY, OnFull.REJECT, body -> new Thread(body, "never started"));
    private final Backlog backlog = new Backlog(CAPACITY, false);
    private final Worker owner = new Worker(pool);
    private final Worker thief = new Worker(pool);

    /** Takes what the worker has or can get, and ends it at once; false when there was nothing. */
    private static boolean work(Worker worker, boolean filled) {
        boolean any = false;
        for (Object entry = filled ? worker.begin() : null; entry != null; entry = worker.begin()) {
            ((Runnable) entry).run();
            worker.ended(Ending.SUCCEEDED);
            any = true;
        }
        return any;
    }

    @Test
    void everyEntryIsBegunOnceByItsOwnerOrAThiefAndEverySnapshotAddsUp() throws Exception {
        int entries = Rounds.of(20_000_000);
        AtomicIntegerArray begun = new AtomicIntegerArray(entries);
        List<String> wrong = new ArrayList<>();
        AtomicBoolean filled = new AtomicBoolean();
        AtomicBoolean emptied = new AtomicBoolean();
        backlog.join(owner);
        backlog.join(thief);
        try (Crew crew = new Crew(ThreadKind.PLATFORM)) {
            crew.run(() -> {
                for (int i = 0; i < entries; i++) {
                    int number = i;
                    Runnable entry = () -> begun.incrementAndGet(number);
                    while (backlog.offer(entry) != Backlog.Offer.ACCEPTED) {
                        Thread.yield();
                    }
                    if (i % 1_000 == 0) {
                        check(backlog.snapshot(), wrong);
                    }
                }
                filled.set(true);
            });
            crew.run(() -> {
                boolean last = false;
                while (!last) {
                    last = filled.get();
                    while (work(owner, backlog.claim(owner, Worker.MAX_RUN, 1))) {
                        last = false;
                    }
                    Thread.yield(); // on one core the others need it
                }
                emptied.set(true);
            });
            crew.run(() -> {
                while (!emptied.get()) {
                    if (!work(thief, backlog.steal(thief))) {
                        Thread.yield();
                    }
                }
            });
        }
        assertThat(wrong).isEmpty();
        assertThat(backlog.isEmpty()).isTrue();
        for (int i = 0; i < entries; i++) {
            assertThat(begun.get(i)).as("entry %d", i).isEqualTo(1);
        }
    }

    private static void check(Tally now, List<String> wrong) {
        if (now.accepted != now.queued + now.running + now.succeeded || now.queued > CAPACITY) {
            wrong.add("accepted " + now.accepted + ", queued " + now.queued + ", running " + now.running
                    + ", succeeded " + now.succeeded);
        }
    }

    @Test
    void cancelledTasksMakeRoomAtOnceHoweverManyThereAre() {
        backlog.offer(Task.executed(pool, () -> {}));
        for (int i = 0; i < 10_000; i++) {
            Task<?> task = Task.executed(pool, () -> {});
            assertThat(backlog.offer(task)).isEqualTo(Backlog.Offer.ACCEPTED);
            assertThat(backlog.withdraw(task, Phase.CANCELLED)).isTrue();
        }
        assertThat(backlog.snapshot().queued).isEqualTo(1);
        assertThat(backlog.snapshot().accepted).isEqualTo(10_001);
        assertThat(backlog.size()).isLessThanOrEqualTo(2 * CAPACITY);
    }

    @Test
    @DisplayName(
            "promise 5: in the way of who waits for room are the first tasks of lanes with others behind, in a full queue only")
    void firstsOfLanesAreInTheWayWhenAllElseIsBehindThem() {
        Backlog full = new Backlog(2, false);
        full.openLanes(8);
        full.join(owner);
        LaneTask<?> first = laneTask("a");
        LaneTask<?> beside = laneTask("b");
        for (LaneTask<?> each : List.of(first, beside)) {
            assertThat(full.offer(each)).isEqualTo(Backlog.Offer.ACCEPTED);
            assertThat(full.claim(owner, 1, 1)).isTrue();
            assertThat(owner.begin()).isSameAs(each);
        }
        Task<?> waits = Task.of(pool, () -> {});
        assertThat(full.offer(laneTask("a"))).isEqualTo(Backlog.Offer.ACCEPTED);
        assertThat(full.inTheWayOf(waits)).as("there is room").isEmpty();
        LaneTask<?> last = laneTask("b");
        assertThat(full.offer(last)).isEqualTo(Backlog.Offer.ACCEPTED);
        assertThat(full.inTheWayOf(waits)).containsExactlyInAnyOrder(first, beside);
        assertThat(full.withdraw(last, Phase.CANCELLED)).isTrue();
        assertThat(full.offer(laneTask("a"))).isEqualTo(Backlog.Offer.ACCEPTED);
        assertThat(full.inTheWayOf(waits)).as("nobody is behind the other one").isEqualTo(List.of(first));
    }

    private LaneTask<?> laneTask(Object key) {
        Runnable work = () -> {};
        return new LaneTask<>(new Lane(pool, key), work, true, true);
    }
}
