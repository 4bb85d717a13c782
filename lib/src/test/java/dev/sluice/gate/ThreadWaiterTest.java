package dev.sluice.gate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How long a thread in the line of a gate stays awake. */
@Timeout(180)
class ThreadWaiterTest {
    private final ThreadWaiter waiter = new ThreadWaiter(1);

    private long yields() {
        return IntStream.range(0, 100).filter(i -> waiter.yields()).count();
    }

    @Test
    void yieldsInAShortLineInWhichPermitsAreHandedOver() {
        assertThat(yields()).isZero();
        waiter.linedUp(0, true);
        long most = yields();
        assertThat(most).isPositive();
        assertThat(yields()).isZero();
        waiter.linedUp((int) most - 1, true);
        assertThat(yields()).isEqualTo(most);
        waiter.linedUp((int) most, true);
        assertThat(yields()).isZero();
        waiter.linedUp(0, false);
        assertThat(yields()).isZero();
    }

    @Test
    void looksLongerEachTimeThatItHasBeenOvertakenButNotForLong() {
        assertThat(IntStream.range(0, 10).map(i -> waiter.nextSpins()))
                .containsExactly(0, 1, 3, 7, 15, 31, 63, 127, 255, 255);
    }
}
