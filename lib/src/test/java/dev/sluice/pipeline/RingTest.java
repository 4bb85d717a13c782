package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testing.Crew;
import dev.sluice.testing.Rounds;
import dev.sluice.testing.ThreadKind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(180)
class RingTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 15, 16, 17, 1000, 1024})
    void holdsAsManyAsItsCapacityAndNotOneMore(int capacity) {
        Ring ring = new Ring(capacity);
        // Several times round, and each time from another cell.
        for (int round = 0; round < 50; round++) {
            assertThat(ring.size()).isZero();
            assertThat(ring.poll()).isNull();
            for (int i = 0; i < capacity; i++) {
                assertThat(ring.offer(i)).isTrue();
                assertThat(ring.size()).isEqualTo(i + 1);
            }
            assertThat(ring.offer("one too many")).isFalse();
            for (int i = 0; i < capacity; i++) {
                assertThat(ring.poll()).isEqualTo(i);
            }
            ring.offer(round);
            assertThat(ring.poll()).isEqualTo(round);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 16})
    void roomIsFreeAsSoonAsAnElementIsTaken(int capacity) {
        Ring ring = new Ring(capacity);
        for (int i = 0; i < capacity; i++) {
            ring.offer(i);
        }
        for (int i = 0; i < 100; i++) {
            assertThat(ring.offer(-1)).isFalse();
            assertThat(ring.poll()).isEqualTo(i);
            assertThat(ring.offer(capacity + i)).isTrue();
        }
    }

    @Test
    void whoPollsMayTakeFromTheCellsWhatItKnowsOf() {
        Ring ring = new Ring(16);
        assertThat(ring.filled(0)).isZero();
        ring.offer("a");
        ring.offer("b");
        assertThat(ring.filled(0)).isEqualTo(2);
        ring.offer("c");
        assertThat(ring.filled(1)).as("as far as it knows").isEqualTo(2);
        assertThat(ring.filled(2)).isEqualTo(3);
        assertThat(ring.cells()).startsWith("a", "b", "c", null);
    }

    @ParameterizedTest
    @CsvSource({"1, 16", "16, 16", "17, 32", "1000, 1024", "1024, 1024"})
    void hasAsManyCellsAsAPowerOfTwoThatIsEnough(int capacity, int cells) {
        assertThat(new Ring(capacity).cells()).hasSize(cells);
    }

    /** As many cells as elements: each is filled as soon as it has been emptied. */
    @Test
    @Timeout(1200)
    void aCellIsFilledWhenItHasBeenEmptied() throws Exception {
        int elements = Rounds.of(50_000_000);
        Ring ring = new Ring(16);
        try (Crew crew = new Crew(ThreadKind.PLATFORM)) {
            Crew.Member<Void> taker = crew.run(() -> {
                int next = 0;
                for (int tries = 0; next < elements; tries++) {
                    Object element = ring.poll();
                    if (element != null) {
                        assertThat(element).isEqualTo(next);
                        next++;
                    } else if (tries % 64 == 0) {
                        Thread.yield();
                    }
                }
            });
            int next = 0;
            for (int tries = 0; next < elements && !taker.task().isDone(); tries++) {
                if (ring.offer(next)) {
                    next++;
                } else if (tries % 64 == 0) {
                    Thread.yield();
                }
            }
        }
    }
}
