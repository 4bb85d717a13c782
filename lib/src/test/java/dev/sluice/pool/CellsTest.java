package dev.sluice.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The array of a backlog by itself, over its end and back to its beginning; and the times of its entries. */
@Timeout(180)
class CellsTest {
    private final BasePool pool = (BasePool) WorkerPool.of(1);
    private final Cells cells = new Cells(1_024);

    private void fill(int from, int to) {
        for (int index = from; index < to; index++) {
            cells.set(index, index);
        }
    }

    @Test
    void thereAreUpToTwiceAsManyCellsAsLiveEntries() {
        assertThat(cells.size()).isLessThan(2_048);
        for (int i = 0; i < 5; i++) {
            cells.grow(0, 0);
        }
        assertThat(cells.size()).isEqualTo(2_048);
        assertThat(new Cells(1).size()).isEqualTo(2);
        assertThat(new Cells(Integer.MAX_VALUE).size()).as("to begin with").isEqualTo(512);
    }

    @Test
    void entriesKeepTheirPlacesWhenThereAreMoreCells() {
        int size = cells.size();
        fill(300, 300 + size);
        cells.grow(300, 300 + size);
        assertThat(IntStream.range(300, 300 + size).mapToObj(cells::get))
                .containsExactlyElementsOf(
                        IntStream.range(300, 300 + size).boxed().toList());
        assertThat(cells.get(300 + size)).as("behind the last").isNull();
        assertThat(cells.get(299)).as("before the first").isNull();
    }

    @Test
    void entriesAreTakenOverTheEndOfTheArray() {
        int end = cells.size();
        fill(end - 4, end + 4);
        @Nullable Object[] into = new Object[6];
        cells.take(end - 3, 6, into);
        assertThat(into).containsExactly(end - 3, end - 2, end - 1, end, end + 1, end + 2);
        assertThat(IntStream.range(end - 4, end + 4).mapToObj(cells::get))
                .containsExactly(end - 4, null, null, null, null, null, null, end + 3);
        assertThat(cells.take(end + 3)).isEqualTo(end + 3);
        assertThat(cells.get(end + 3)).isNull();
    }

    @Test
    void whatIsDeadIsTakenOutAndTheOthersKeepTheirOrder() {
        int size = cells.size();
        List<Object> alive = new ArrayList<>();
        for (int index = 7; index < 7 + size; index++) {
            Task<?> task = Task.executed(pool, () -> {});
            if (index % 4 == 1) {
                task.moveTo(Phase.CANCELLED);
            }
            Object entry = index % 4 == 0 ? Cells.NOTHING : index % 4 == 3 ? "bare" + index : task;
            cells.set(index, entry);
            if (index % 4 > 1) {
                alive.add(entry);
            }
        }
        long to = cells.compact(7);
        assertThat(to).isEqualTo(7 + size / 2);
        assertThat(IntStream.range(7, (int) to).mapToObj(cells::get)).containsExactlyElementsOf(alive);
        assertThat(IntStream.range((int) to, 7 + size).mapToObj(cells::get)).containsOnlyNulls();
    }

    @Test
    void eachTimeIsThatOfItsEntryAndIsTakenOnce() {
        Stamps stamps = new Stamps();
        long around = 64 * (Stamps.EACH + 1);
        long before = System.nanoTime();
        Stream.of(0L, 64L, around).forEach(stamps::put);
        assertThat(stamps.take(64) - before).isNotNegative();
        assertThat(stamps.take(64)).isZero();
        assertThat(stamps.take(around)).as("its place was taken").isZero();
        assertThat(stamps.take(0) - before).isNotNegative();
        stamps.put(around);
        assertThat(stamps.take(around) - before).isNotNegative();
        Stream.of(0L, around - 64).forEach(stamps::put);
        stamps.clear();
        assertThat(stamps.take(0)).isZero();
        assertThat(stamps.take(around - 64)).isZero();
    }
}
