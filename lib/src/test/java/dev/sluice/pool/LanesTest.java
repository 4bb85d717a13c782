package dev.sluice.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The table of lanes by itself: what is in it, what is freed, and that nothing stays. */
@Timeout(180)
class LanesTest {
    private final WorkerPool pool = WorkerPool.of(1);

    private LaneTask<?> task(Object key) {
        return new LaneTask<>(new Lane((BasePool) pool, key), (Runnable) () -> {}, true, true);
    }

    /** A key with many that have its hash. */
    private record Key(int number) {
        @Override
        public int hashCode() {
            return number % 3;
        }
    }

    @Test
    void secondOfAKeyIsFreedWhenAWorkerHasPassedItBy() {
        Lanes lanes = new Lanes(16, 8);
        LaneTask<?> first = task("a");
        LaneTask<?> second = task("a");
        LaneTask<?> third = task("a");
        assertThat(List.of(lanes.enter(first), lanes.enter(second), lanes.enter(third)))
                .containsOnly(true);
        assertThat(first.callUpon()).isTrue();
        assertThat(second.callUpon()).isFalse();
        assertThat(lanes.leave(first).freed()).isSameAs(second);
        assertThat(lanes.leave(second).freed()).as("nobody has passed it by").isNull();
        assertThat(third.callUpon()).isTrue();
        assertThat(lanes.leave(third)).isSameAs(Lanes.Left.NOTHING);
        assertThat(lanes.all()).isEmpty();
    }

    @Test
    @DisplayName("whoever keeps the handle of a task that is done keeps none of the others in its lane")
    void taskThatHasLeftHoldsNoOther() {
        Lanes lanes = new Lanes(16, 8);
        LaneTask<?> first = task("a");
        LaneTask<?> middle = task("a");
        LaneTask<?> last = task("a");
        assertThat(List.of(lanes.enter(first), lanes.enter(middle), lanes.enter(last)))
                .containsOnly(true);
        lanes.leave(middle);
        lanes.leave(first);
        for (LaneTask<?> gone : List.of(middle, first)) {
            assertThat(Stream.of(gone.before, gone.after, gone.last, gone.nextLane))
                    .containsOnlyNulls();
        }
        lanes.leave(last);
    }

    @Test
    @DisplayName("in a lane of a gated pool a task that waits for its permit counts once")
    void firstThatWaitsForItsPermitCountsOnce() {
        GatedLanes lanes = new GatedLanes(2);
        LaneTask<?> first = task("a");
        LaneTask<?> second = task("a");
        LaneTask<?> third = task("a");
        lanes.open(first);
        assertThat(lanes.hasRoom(second)).isTrue();
        lanes.add(second);
        assertThat(lanes.hasRoom(third)).isFalse();
        assertThat(lanes.advance(first)).isSameAs(second);
        assertThat(lanes.hasRoom(third)).isTrue();
    }

    @Test
    @DisplayName("promise 6: a lane of a gated pool gives one task after the other, and then is none")
    void laneOfAGatedPoolGivesOneAfterTheOther() {
        GatedLanes lanes = new GatedLanes(3);
        LaneTask<?> first = task("a");
        LaneTask<?> second = task("a");
        LaneTask<?> third = task("a");
        lanes.open(first);
        lanes.add(second);
        lanes.add(third);
        assertThat(lanes.isBusy(second)).isTrue();
        assertThat(lanes.isBusy(task("b"))).isFalse();
        assertThat(lanes.queued()).isEqualTo(2);
        assertThat(lanes.all()).isEqualTo(List.of(second, third));
        assertThat(lanes.first(third)).isSameAs(first);
        assertThat(lanes.advance(second)).as("it is not the first").isNull();
        assertThat(lanes.advance(first)).isSameAs(second);
        assertThat(lanes.first(third)).isSameAs(second);
        lanes.remove(second);
        assertThat(lanes.queued()).isEqualTo(1);
        assertThat(lanes.advance(second)).isSameAs(third);
        lanes.remove(third);
        assertThat(lanes.queued()).isZero();
        assertThat(lanes.advance(third)).isNull();
        assertThat(lanes.isBusy(third)).isFalse();
        assertThat(lanes.first(third)).isNull();
        assertThat(lanes.advance(third)).as("it is gone").isNull();
    }

    @Test
    void leaverIsToldThatSomebodyWaits() {
        Lanes lanes = new Lanes(16, 2);
        LaneTask<?> first = task("a");
        LaneTask<?> second = task("a");
        LaneTask<?> third = task("a");
        assertThat(lanes.enter(first)).isTrue();
        assertThat(lanes.enter(second)).isTrue();
        assertThat(lanes.enter(third)).isFalse();
        assertThat(lanes.hasRoom(task("b"))).isTrue();
        assertThat(lanes.hasRoom(third)).isFalse();
        assertThat(lanes.leave(second).roomIsAwaited()).isTrue();
        assertThat(lanes.enter(third)).isTrue();
        assertThat(lanes.leave(third).roomIsAwaited()).as("once").isFalse();
        assertThat(lanes.enter(second = task("a"))).isTrue();
        assertThat(lanes.hasRoom(third)).isFalse();
        assertThat(lanes.leave(first).roomIsAwaited()).isTrue();
        assertThat(lanes.leave(second)).isSameAs(Lanes.Left.NOTHING);
    }

    @Test
    @DisplayName("promise 6: keys of one hash, and of one slot, are lanes of their own; nothing is left of them")
    void collidingKeysAreLanesOfTheirOwn() {
        Lanes lanes = new Lanes(16, 100);
        Random random = new Random(5);
        List<List<LaneTask<?>>> model = new ArrayList<>();
        for (int key = 0; key < 12; key++) {
            model.add(new ArrayList<>());
        }
        for (int i = 0; i < 100_000; i++) {
            int key = random.nextInt(12);
            List<LaneTask<?>> lane = model.get(key);
            if (random.nextBoolean() && lane.size() < 20) {
                LaneTask<?> task = task(new Key(key));
                assertThat(lanes.enter(task)).isTrue();
                assertThat(task.isFirst()).isEqualTo(lane.isEmpty());
                lane.add(task);
            } else if (!lane.isEmpty()) {
                LaneTask<?> gone = lane.remove(random.nextInt(lane.size()));
                assertThat(lanes.leave(gone).freed()).isNull();
                assertThat(lanes.all(gone)).isEqualTo(lane);
                assertThat(lanes.first(gone)).isSameAs(lane.isEmpty() ? null : lane.get(0));
            }
        }
        model.forEach(lane -> lane.forEach(lanes::leave));
        assertThat(lanes.all()).isEmpty();
    }
}
