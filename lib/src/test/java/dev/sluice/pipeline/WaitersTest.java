package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.testing.Crew;
import dev.sluice.testing.NoThreadLeaks;
import dev.sluice.testing.ThreadKind;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class WaitersTest {
    // Naps of an hour: who is not called does not come.
    private final Waiters waiters = new Waiters(TimeUnit.HOURS.toNanos(1));
    private final AtomicBoolean ready = new AtomicBoolean();

    @AfterEach
    void letGo() {
        ready.set(true);
        waiters.callAll();
    }

    private Crew.Member<Boolean> sleeper(Crew crew) {
        return crew.start(() -> waiters.sleep(ready::get, Link.NEVER));
    }

    /** Counts its calls, and watches again each time. */
    private Runnable faithful(AtomicInteger calls) {
        return new Runnable() {
            @Override
            public void run() {
                calls.incrementAndGet();
                waiters.watch(this, () -> false);
            }
        };
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void sleeperIsCalledBesideAWatcherThatIsAlwaysBack(ThreadKind kind) throws Exception {
        AtomicInteger calls = new AtomicInteger();
        Crew crew = new Crew(kind);
        Crew.Member<Boolean> sleeper = sleeper(crew).awaitParked();
        waiters.watch(faithful(calls), () -> false);
        ready.set(true);
        waiters.call();
        waiters.call();
        assertThat(sleeper.result()).isTrue();
        assertThat(calls).hasValue(1);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void callsGoToWatchersAgainWhenTheSleeperHasBeenCalled(ThreadKind kind) throws Exception {
        AtomicInteger calls = new AtomicInteger();
        Crew crew = new Crew(kind);
        Crew.Member<Boolean> sleeper = sleeper(crew).awaitParked();
        for (int i = 0; i < 3; i++) {
            waiters.watch(calls::incrementAndGet, () -> false);
        }
        ready.set(true);
        // Watcher, sleeper, watcher; the fourth may find the sleeper still on his way.
        for (int i = 0; i < 3; i++) {
            waiters.call();
        }
        assertThat(sleeper.result()).isTrue();
        assertThat(calls).hasValue(2);
        waiters.call();
        assertThat(calls).hasValue(3);
        assertThat(waiters.areSeen()).isFalse();
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void sleeperIsCalledWhenTheLastWatcherHasBeen(ThreadKind kind) throws Exception {
        AtomicInteger calls = new AtomicInteger();
        Crew crew = new Crew(kind);
        Crew.Member<Boolean> sleeper = sleeper(crew).awaitParked();
        waiters.watch(calls::incrementAndGet, () -> false);
        waiters.call();
        assertThat(waiters.areSeen()).isTrue();
        ready.set(true);
        waiters.call();
        assertThat(sleeper.result()).isTrue();
        assertThat(calls).hasValue(1);
    }

    @Test
    void eachWatcherIsRunOnceWhenAllAreCalled() {
        AtomicInteger first = new AtomicInteger();
        AtomicInteger second = new AtomicInteger();
        waiters.watch(first::incrementAndGet, () -> false);
        waiters.watch(second::incrementAndGet, () -> false);
        waiters.callAll();
        waiters.callAll();
        assertThat(first).hasValue(1);
        assertThat(second).hasValue(1);
    }

    @Test
    void watcherThatIsBackIsNotRunAgainByTheSameCallOfAll() {
        AtomicInteger calls = new AtomicInteger();
        waiters.watch(faithful(calls), () -> false);
        waiters.callAll();
        assertThat(calls).hasValue(1);
    }

    @Test
    void whoIsReadyLeavesNoWatcher() {
        AtomicInteger calls = new AtomicInteger();
        assertThat(waiters.watch(calls::incrementAndGet, () -> true)).isFalse();
        assertThat(waiters.areSeen()).isFalse();
        waiters.call();
        waiters.callAll();
        assertThat(calls).hasValue(0);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void whoIsReadyLeavesNoWatcherBesideASleeper(ThreadKind kind) throws Exception {
        AtomicInteger calls = new AtomicInteger();
        Crew crew = new Crew(kind);
        Crew.Member<Boolean> sleeper = sleeper(crew).awaitParked();
        assertThat(waiters.watch(calls::incrementAndGet, () -> true)).isFalse();
        ready.set(true);
        waiters.call();
        assertThat(sleeper.result()).isTrue();
        assertThat(calls).hasValue(0);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void whoIsReadyKeepsNoCallFromThoseWhoWait(ThreadKind kind) throws Exception {
        AtomicInteger calls = new AtomicInteger();
        waiters.watch(calls::incrementAndGet, () -> false);
        assertThat(waiters.watch(() -> calls.addAndGet(100), () -> true)).isFalse();
        waiters.call();
        assertThat(calls).hasValue(1);

        Crew crew = new Crew(kind);
        Crew.Member<Boolean> sleeper = sleeper(crew).awaitParked();
        assertThat(waiters.watch(() -> calls.addAndGet(100), () -> true)).isFalse();
        ready.set(true);
        waiters.call();
        assertThat(sleeper.result()).isTrue();
        assertThat(calls).hasValue(1);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    @DisplayName("promise 4: an interrupt does not end a wait, and is not lost")
    void interruptIsKept(ThreadKind kind) throws Exception {
        Crew crew = new Crew(kind);
        Crew.Member<Boolean> sleeper = crew.start(() -> {
            Thread.currentThread().interrupt();
            return waiters.await(ready::get, ready::get, Link.NEVER)
                    && Thread.currentThread().isInterrupted();
        });
        sleeper.awaitParked();
        ready.set(true);
        waiters.call();
        assertThat(sleeper.result()).isTrue();
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void whoHasSleptInVainIsUrgentUntilHeLeaves(ThreadKind kind) throws Exception {
        Crew crew = new Crew(kind);
        Crew.Member<Boolean> sleeper = sleeper(crew).awaitParked();
        assertThat(waiters.areSeen()).isTrue();
        assertThat(waiters.areUrgent()).isFalse();
        waiters.call();
        await().until(waiters::areUrgent);
        ready.set(true);
        waiters.call();
        assertThat(sleeper.result()).isTrue();
        assertThat(waiters.areUrgent()).isFalse();
        assertThat(waiters.areSeen()).isFalse();
    }

    private int looksBeforeTheSleep(BooleanSupplier ready) {
        AtomicInteger looks = new AtomicInteger();
        assertThat(waiters.await(
                        () -> {
                            looks.incrementAndGet();
                            return false;
                        },
                        ready,
                        Link.NEVER))
                .isTrue();
        return looks.get();
    }

    @Test
    void yieldsGetFewerWhereTheyAreOfNoUse() {
        int first = looksBeforeTheSleep(() -> true);
        int last = first;
        for (int i = 0; i < 10; i++) {
            int next = looksBeforeTheSleep(() -> true);
            assertThat(next).isBetween(last / 2, (last + 1) / 2);
            last = next;
        }
        assertThat(last).isEqualTo(1);
        assertThat(waiters.await(() -> true, () -> false, Link.NEVER))
                .as("it comes soon")
                .isTrue();
        assertThat(looksBeforeTheSleep(() -> true)).isEqualTo(first);
    }

    @Test
    void thereAreNoYieldsAfterALongSleepUntilAShortOne() {
        Waiters napping = new Waiters(Waiters.FIRST_NAP_NANOS);
        napping.callerComes();
        AtomicInteger looks = new AtomicInteger();
        AtomicLong since = new AtomicLong();
        BooleanSupplier hasSlept = () -> !since.compareAndSet(0, System.nanoTime())
                && System.nanoTime() - since.get() >= Waiters.FIRST_NAP_NANOS;
        BooleanSupplier worth = () -> looks.incrementAndGet() == 0;
        assertThat(napping.await(worth, hasSlept, Link.NEVER)).isTrue();
        looks.set(0);
        assertThat(napping.await(worth, () -> true, Link.NEVER)).isTrue();
        assertThat(looks).hasValue(0);
        assertThat(napping.await(worth, () -> true, Link.NEVER)).isTrue();
        assertThat(looks).hasValue(1);
    }

    @Test
    void whoIsReadyHasNotMissedTheDeadline() {
        long past = System.nanoTime() - 1;
        assertThat(waiters.await(() -> false, () -> false, past)).isFalse();
        assertThat(waiters.await(() -> false, () -> true, past)).isTrue();
        assertThat(waiters.await(() -> false, () -> false, System.nanoTime() + 1_000_000))
                .isFalse();
        assertThat(waiters.areSeen()).isFalse();
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    @DisplayName("promise 8: who may have missed a sleeper calls him before he goes")
    void callerThatGoesCallsWhomItMayHaveMissed(ThreadKind kind) throws Exception {
        waiters.callerComes();
        Crew crew = new Crew(kind);
        Crew.Member<Boolean> sleeper = sleeper(crew).awaitParked();
        ready.set(true);
        waiters.callerGoes();
        assertThat(sleeper.result()).isTrue();
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    @DisplayName("promise 8: while somebody may miss a sleeper, he looks by himself")
    void sleeperLooksByItselfWhileThereAreCallers(ThreadKind kind) throws Exception {
        Waiters napping = new Waiters(Waiters.FIRST_NAP_NANOS);
        napping.callerComes();
        napping.callerComes();
        napping.callerGoes();
        AtomicInteger looks = new AtomicInteger();
        Crew crew = new Crew(kind);
        Crew.Member<Boolean> sleeper = crew.start(() -> napping.sleep(() -> looks.incrementAndGet() > 2, Link.NEVER));
        assertThat(sleeper.result()).isTrue();
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void callOfAllWakesAllWhoSleep(ThreadKind kind) throws Exception {
        Crew crew = new Crew(kind);
        Crew.Member<Boolean> one = sleeper(crew).awaitParked();
        Crew.Member<Boolean> another = sleeper(crew).awaitParked();
        ready.set(true);
        waiters.callAll();
        assertThat(one.result()).isTrue();
        assertThat(another.result()).isTrue();
        assertThat(waiters.areSeen()).isFalse();
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void whoLeavesLeavesWordOfThoseWhoSleepOn(ThreadKind kind) throws Exception {
        Crew crew = new Crew(kind);
        AtomicBoolean goes = new AtomicBoolean();
        Crew.Member<Boolean> first =
                crew.start(() -> waiters.sleep(goes::get, Link.NEVER)).awaitParked();
        Crew.Member<Boolean> second = sleeper(crew).awaitParked();
        goes.set(true);
        await().until(() -> {
            waiters.call();
            return first.task().isDone();
        });
        await().until(waiters::areUrgent);
        ready.set(true);
        waiters.call();
        assertThat(second.result()).isTrue();
        assertThat(waiters.areSeen()).isFalse();
    }
}
