package dev.sluice.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When an end of a ring looks at the other one, and what it then does. One thread is both of them. */
@Timeout(180)
class RingTest {
    private final Ring<Object> ring = new Ring<>(8);

    private void add(int... elements) {
        for (int element : elements) {
            assertThat(ring.add(element, 1)).isTrue();
        }
    }

    @Test
    void takesWhatItKnowsOfAndLooksForAWorthwhileNumber() {
        add(1, 2, 3);
        assertThat(ring.poll(4)).as("too few to look for").isNull();
        assertThat(ring.poll(3)).isEqualTo(1);
        add(4, 5);
        assertThat(ring.poll(4)).as("seen at the last look").isEqualTo(2);
        assertThat(ring.poll(4)).isEqualTo(3);
        assertThat(ring.poll(4)).as("came since").isNull();
        assertThat(ring.poll(2)).isEqualTo(4);
    }

    @Test
    void addsWhereItKnowsOfRoomAndLooksForAWorthwhileNumber() {
        add(1, 2, 3, 4, 5, 6, 7);
        assertThat(ring.add(8, 8)).as("it knows of the last place").isTrue();
        ring.poll(1);
        ring.poll(1);
        ring.poll(1);
        assertThat(ring.add(9, 4)).as("too little room to look for").isFalse();
        assertThat(ring.add(9, 3)).isTrue();
        ring.poll(1);
        assertThat(ring.add(10, 8)).as("seen at the last look").isTrue();
        assertThat(ring.add(11, 8)).isTrue();
        assertThat(ring.add(12, 2)).as("made since").isFalse();
        assertThat(ring.add(12, 1)).isTrue();
    }

    @Test
    void movesAsManyAsItKnowsOfWhenThereAreNotEnoughToLookFor() {
        Object[] into = new Integer[8];
        add(1, 2, 3);
        assertThat(ring.poll(into, 8, 4)).as("too few to look for").isZero();
        assertThat(ring.poll(into, 2, 4)).as("as many as asked for").isEqualTo(2);
        assertThat(into).startsWith(1, 2, null);
        assertThat(ring.poll(into, 1, 1)).isEqualTo(1);
        assertThat(into[0]).isEqualTo(3);
        assertThat(ring.poll(into, 1, 1)).isZero();
    }

    @Test
    void addsARangeUpToItsEndAndAsMuchAsThereIsRoomFor() {
        Object[] elements = {1, 2, 3, 4, 5, 6, 7, 8, 9};
        assertThat(ring.add(elements, 1, 4, 1)).isEqualTo(3);
        assertThat(ring.snapshot().elements()).containsExactly(2, 3, 4);
        ring.poll(1);
        assertThat(ring.add(elements, 0, 9, 7))
                .as("too little room to look for")
                .isZero();
        assertThat(ring.add(elements, 2, 9, 6)).isEqualTo(6);
        assertThat(ring.snapshot().elements()).containsExactly(3, 4, 3, 4, 5, 6, 7, 8);
        ring.poll(1);
        assertThat(ring.add(elements, 8, 9, 6))
                .as("it asks for no more than it adds")
                .isEqualTo(1);
        assertThat(ring.add(elements, 0, 1, 1)).isZero();
    }

    @Test
    void countsWithoutALock() {
        assertThat(ring.seenCount()).isZero();
        assertThat(ring.seenRoom()).isEqualTo(8);
        add(1, 2, 3);
        ring.poll(1);
        assertThat(ring.seenCount()).isEqualTo(2);
        assertThat(ring.seenRoom()).isEqualTo(6);
    }

    @Test
    void tellsWhetherThereWasSomethingToRemove() {
        assertThat(ring.clear()).isFalse();
        add(1, 2, 3);
        Snapshot<Object> snapshot = ring.snapshot();
        assertThat(ring.remove(snapshot, 1)).isTrue();
        ring.poll(1);
        assertThat(ring.remove(snapshot, 0)).as("it is gone").isFalse();
        assertThat(ring.remove(snapshot, 2)).isTrue();
        assertThat(ring.clear()).isFalse();
        add(4);
        assertThat(ring.clear()).isTrue();
        assertThat(ring.clear()).isFalse();
    }

    @Test
    void closesAGapFromTheSideThatHasFewerToMove() {
        add(7, 8, 9);
        ring.clear();
        add(0, 1, 2, 3, 4, 5, 6);
        Snapshot<Object> snapshot = ring.snapshot();
        long first = snapshot.first;
        ring.remove(snapshot, 2);
        assertThat(snapshot.first).as("those behind it lie where they lay").isEqualTo(first);
        assertThat(ring.snapshot().first).isEqualTo(first + 1);
        ring.remove(snapshot, 5);
        assertThat(snapshot.first).as("those behind it have moved").isEqualTo(first - 1);
        assertThat(ring.snapshot().first).isEqualTo(first + 1);
        assertThat(ring.remove(snapshot, 6)).isTrue();
        assertThat(ring.snapshot().elements()).containsExactly(0, 1, 3, 4);
    }

    @Test
    void removesTheChosenOfASnapshotAndNoneThatCameAfterIt() {
        add(1, 2, 3);
        Snapshot<Object> snapshot = ring.snapshot();
        BitSet chosen = new BitSet();
        chosen.set(1);
        chosen.set(3);
        add(4);
        assertThat(ring.remove(snapshot, chosen)).isTrue();
        assertThat(ring.snapshot().elements()).containsExactly(1, 3, 4);
        assertThat(ring.remove(ring.snapshot(), new BitSet())).isFalse();
    }

    @Test
    void removesWhatOthersHaveMovedMeanwhileIfItIsStillThere() {
        add(1, 2, 3, 4);
        Snapshot<Object> snapshot = ring.snapshot();
        assertThat(ring.removeIdentical(2)).isTrue();
        assertThat(ring.remove(snapshot, 2)).isTrue();
        assertThat(ring.remove(snapshot, 1)).as("somebody else has").isFalse();
        assertThat(ring.snapshot().elements()).containsExactly(1, 4);
    }
}
