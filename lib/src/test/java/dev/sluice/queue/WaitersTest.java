package dev.sluice.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testing.Crew;
import dev.sluice.testing.NoThreadLeaks;
import dev.sluice.testing.ThreadKind;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class WaitersTest {
    private static final long FOR_EVER = Long.MAX_VALUE;

    private final AtomicInteger looks = new AtomicInteger();
    private final AtomicBoolean ready = new AtomicBoolean();

    /** Those for whom 10 are worthwhile; how many are there depends on how often they have looked. */
    private Waiters waiters(IntUnaryOperator seen) {
        return new Waiters(10, () -> seen.applyAsInt(looks.incrementAndGet()), ready::get);
    }

    private int looksAwake(IntUnaryOperator seen, long deadline) {
        looks.set(0);
        waiters(seen).awaitAwake(deadline);
        return looks.get();
    }

    @Test
    void whoMayNotWaitTakesWhatThereIs() {
        Waiters waiters = waiters(look -> 0);
        assertThat(waiters.worthwhile(0)).isEqualTo(1);
        assertThat(waiters.worthwhile(-1)).isEqualTo(1);
        assertThat(waiters.worthwhile(1)).isEqualTo(10);
    }

    @Test
    void deadlineThatWouldNeverComeIsNone() {
        assertThat(Waiters.deadline(FOR_EVER)).isEqualTo(FOR_EVER);
        long before = System.nanoTime();
        long deadline = Waiters.deadline(1_000_000);
        assertThat(deadline).isBetween(before + 1_000_000, System.nanoTime() + 1_000_000);
    }

    @Test
    @DisplayName("scenario 30: an idle queue has nobody spinning")
    void staysAwakeForAFewLooksOnly() {
        int looks = looksAwake(look -> 0, FOR_EVER);
        assertThat(looks).isBetween(2, 100);
        assertThat(looksAwake(look -> 0, System.nanoTime() - 1))
                .as("with no time left it does not yield")
                .isLessThan(looks);
    }

    @Test
    void goesOnWhenThereIsSomething() {
        int never = looksAwake(look -> 0, FOR_EVER);
        // Once more for each of its three ways to wait.
        assertThat(looksAwake(look -> 10, FOR_EVER)).isEqualTo(3);
        assertThat(looksAwake(look -> look < 20 ? 0 : 10, FOR_EVER)).isEqualTo(22);
        assertThat(looksAwake(look -> look < never - 5 ? 0 : 10, FOR_EVER)).isEqualTo(never - 4);
    }

    @Test
    void letsGatherAsLongAsMoreCome() {
        int worthwhileAtOnce = looksAwake(look -> 10, FOR_EVER);
        assertThat(looksAwake(look -> 9, FOR_EVER))
                .as("nothing has come since the last look")
                .isEqualTo(worthwhileAtOnce + 1);
        assertThat(looksAwake(look -> 6 + look, FOR_EVER))
                .as("until there is a worthwhile number")
                .isEqualTo(worthwhileAtOnce + 1);
        assertThat(looksAwake(look -> look, FOR_EVER))
                .as("but not for long")
                .isBetween(worthwhileAtOnce + 3, worthwhileAtOnce + 6);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void callIsPassedOnWhenThereIsMore(ThreadKind kind) throws Exception {
        Waiters waiters = waiters(look -> 0);
        try (Crew crew = new Crew(kind)) {
            Crew.Member<Boolean> sleeper =
                    crew.start(() -> waiters.awaitAsleep(FOR_EVER)).awaitParked();
            waiters.passOn();
            waiters.callOne();
            assertThat(sleeper.task().isDone()).isFalse();
            ready.set(true);
            waiters.passOn();
            assertThat(sleeper.result()).isTrue();
        }
    }

    @Test
    void sleepEndsWithTheTime() throws Exception {
        Waiters waiters = waiters(look -> 0);
        assertThat(waiters.awaitAsleep(System.nanoTime() - 1)).isFalse();
        assertThat(waiters.awaitAsleep(System.nanoTime() + 1_000_000)).isFalse();
        ready.set(true);
        assertThat(waiters.awaitAsleep(System.nanoTime() - 1)).isTrue();
        assertThat(waiters.awaitAsleep(System.nanoTime() + TimeUnit.HOURS.toNanos(1)))
                .isTrue();
    }
}
