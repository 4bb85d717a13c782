package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.testing.NoThreadLeaks;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Windows beside a run at rest, over a link of the test's; workers without threads, whose part the test plays. */
@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class WindowTest {
    private static final long HOUR = TimeUnit.HOURS.toNanos(1);

    @RegisterExtension
    final RunAtRest atRest = new RunAtRest(s -> s.retry(Retry.times(1)));

    private final Discarded discarded = atRest.discarded;
    private final PipelineRun<?> run = atRest.run;
    private final StageRun stage = atRest.stage;
    private final Link link =
            new RingLink("a", 64, Link.Side.ONE, Link.Side.STEPS, LinkStub.NOTHING_HAPPENS, Waiters.FIRST_NAP_NANOS);
    private final Meter meter = new Meter();

    private void put(int... items) {
        for (int item : items) {
            assertThat(link.tryPut(item, meter)).isEqualTo(Downstream.Put.DONE);
        }
    }

    private StepWorker worker(Window window) {
        return new StepWorker(stage, window, null);
    }

    /** Has the worker claim; gives the item. */
    private @Nullable Object claim(Window window, StepWorker worker) {
        Work work = claimed(window, worker);
        return work == null ? null : work.input;
    }

    private @Nullable Work claimed(Window window, StepWorker worker) {
        return window.claim(worker, meter);
    }

    /** A worker that has found nothing. */
    private StepWorker idle(Window window) {
        StepWorker worker = worker(window);
        assertThat(claim(window, worker)).isNull();
        return worker;
    }

    private static boolean isIdle(Window window, StepWorker worker) {
        window.lock.lock();
        try {
            return worker.isIdle;
        } finally {
            window.lock.unlock();
        }
    }

    private void finish(Window window, @Nullable Work work) {
        assertThat(work).isNotNull();
        window.finish(work, Fate.COMPLETED, meter);
    }

    private void fail(Window window, Work work) {
        IOException cause = new IOException("" + work.input);
        window.fail(work, new PipelineException("a", work.position, cause), cause);
    }

    @Test
    @DisplayName("promise 1: no more items are in a window than its size")
    void holdsNoMoreThanItsSize() {
        Window window = new FreeWindow(stage, link, 2);
        StepWorker a = worker(window);
        StepWorker b = worker(window);
        StepWorker c = worker(window);
        put(0, 1, 2, 3, 4);
        Work first = claimed(window, a);
        Work second = claimed(window, b);
        assertThat(first.input).isEqualTo(0);
        assertThat(second.position).isEqualTo(1);
        assertThat(claim(window, c)).isNull();
        assertThat(isIdle(window, c)).isTrue();
        assertThat(link.waiting()).isEqualTo(3);
        finish(window, first);
        assertThat(meter.get(Fate.COMPLETED)).isEqualTo(1);
        assertThat(claim(window, a)).isEqualTo(2);
        window.drop(second, new IOException());
        assertThat(claim(window, b)).isEqualTo(3);
        assertThat(claim(window, c)).isNull();
        assertThat(link.waiting()).isEqualTo(1);
        atRest.close();
        assertThat(discarded.items("a")).containsExactly(1);
    }

    @Test
    @DisplayName("promise 8: an idle worker is called for an item, and he calls another when there is more")
    void whoClaimsCallsTheNext() {
        Window window = new FreeWindow(stage, link, 8);
        StepWorker a = idle(window);
        StepWorker b = idle(window);
        put(0);
        assertThat(isIdle(window, b)).isFalse();
        assertThat(isIdle(window, a)).isTrue();
        put(1);
        assertThat(isIdle(window, a)).as("one is on his way").isTrue();
        assertThat(claim(window, b)).isEqualTo(0);
        assertThat(isIdle(window, a)).isFalse();
        assertThat(claim(window, a)).isEqualTo(1);
        assertThat(claim(window, b)).isNull();
        put(2);
        assertThat(isIdle(window, b)).isFalse();
        assertThat(claim(window, b)).isEqualTo(2);
    }

    @Test
    @DisplayName("promise 8: who claims the last item has the next one call somebody else while he is busy")
    void nextItemCallsSomebodyElse() {
        Window window = new FreeWindow(stage, link, 8);
        StepWorker a = idle(window);
        StepWorker b = idle(window);
        put(0);
        assertThat(claim(window, b)).isEqualTo(0);
        assertThat(isIdle(window, a)).as("there is nothing for him").isTrue();
        put(1);
        assertThat(isIdle(window, a)).isFalse();
        assertThat(claim(window, a)).isEqualTo(1);
    }

    @Test
    @DisplayName("promise 8: who was called and does not claim has another one called")
    void callIsPassedOn() {
        Window window = new FreeWindow(stage, link, 8);
        StepWorker a = idle(window);
        StepWorker b = idle(window);
        StepWorker c = idle(window);
        window.passOn(b);
        assertThat(isIdle(window, b)).isFalse();
        assertThat(isIdle(window, a)).as("there is nothing to do").isTrue();
        put(0);
        assertThat(isIdle(window, c)).isFalse();
        window.passOn(c);
        assertThat(isIdle(window, a)).isFalse();
        assertThat(claim(window, a)).isEqualTo(0);
    }

    @Test
    @DisplayName("promise 8: whoever is idle is called at the end")
    void endCallsAll() {
        Window window = new FreeWindow(stage, link, 8);
        StepWorker a = worker(window);
        put(0);
        Work work = claimed(window, a);
        StepWorker b = idle(window);
        StepWorker c = idle(window);
        link.end();
        assertThat(isIdle(window, c)).isFalse();
        assertThat(claim(window, c)).isNull();
        assertThat(isIdle(window, c)).as("one has something in hand").isTrue();
        assertThat(window.hasEnded()).isFalse();
        finish(window, work);
        assertThat(window.hasEnded()).isTrue();
        assertThat(claim(window, a)).isNull();
        assertThat(isIdle(window, b)).isFalse();
        assertThat(isIdle(window, c)).isFalse();
        assertThat(isIdle(window, a)).isFalse();
    }

    @Test
    @DisplayName("promise 1: an item that waits for its next attempt counts, and comes first when that is due")
    void itemThatIsTriedAgainComesFirst() {
        Window window = new FreeWindow(stage, link, 1);
        StepWorker a = worker(window);
        StepWorker b = worker(window);
        put(0, 1);
        Work work = claimed(window, a);
        window.retry(work, HOUR);
        assertThat(claim(window, b)).isNull();
        assertThat(window.rest()).containsExactly(work);
        assertThat(window.withdraw(work)).as("it has been withdrawn").isFalse();
        window.retry(work, 1);
        await().until(() -> !isIdle(window, b));
        assertThat(window.rest()).containsExactly(work);
        assertThat(claimed(window, b)).isEqualTo(work);
        assertThat(window.withdraw(work)).isFalse();
        finish(window, work);
        assertThat(claim(window, b)).isEqualTo(1);
    }

    @Test
    void whatIsWithdrawnIsNotTriedAgain() {
        Window window = new FreeWindow(stage, link, 4);
        StepWorker a = worker(window);
        put(0);
        Work work = claimed(window, a);
        window.retry(work, HOUR);
        assertThat(window.withdraw(work)).isTrue();
        assertThat(window.withdraw(work)).isFalse();
        assertThat(claim(window, a)).isNull();
        assertThat(window.rest()).isEmpty();
    }

    @Test
    @DisplayName("promise 6: of a key one item at a time is worked on")
    void oneOfAKeyAtATime() {
        KeyedWindow window = new KeyedWindow(stage, link, 8, i -> (Integer) i % 2, 8);
        StepWorker a = worker(window);
        StepWorker b = worker(window);
        StepWorker c = worker(window);
        put(0, 2, 1);
        Work first = claimed(window, a);
        assertThat(first.input).isEqualTo(0);
        assertThat(claim(window, b)).isEqualTo(1);
        assertThat(claim(window, c)).isNull();
        assertThat(window.rest()).extracting(work -> work.input).containsExactly(2);
        finish(window, first);
        assertThat(claim(window, a)).isEqualTo(2);
        assertThat(window.rest()).isEmpty();
        assertThat(window.keys()).isEqualTo(2);
    }

    @Test
    @DisplayName("promise 6: an item that is to be tried again holds its key, and comes before the next of it")
    void itemThatIsTriedAgainHoldsItsKey() {
        KeyedWindow window = new KeyedWindow(stage, link, 8, i -> (Integer) i % 2, 8);
        StepWorker a = worker(window);
        StepWorker b = worker(window);
        put(0, 2, 1);
        Work first = claimed(window, a);
        window.retry(first, HOUR);
        assertThat(claim(window, a)).isEqualTo(1);
        assertThat(claim(window, b)).isNull();
        assertThat(window.rest()).extracting(work -> work.input).containsExactly(2, 0);
        window.retry(first, 1);
        await().until(() -> !isIdle(window, b));
        assertThat(window.rest()).extracting(work -> work.input).containsExactly(0, 2);
        assertThat(claimed(window, b)).isEqualTo(first);
        assertThat(claim(window, a)).isNull();
        finish(window, first);
        assertThat(claim(window, b)).isEqualTo(2);
    }

    @Test
    @DisplayName("promise 1: a key has no more than its share, and what is behind it waits until it has less")
    void keyHasNoMoreThanItsShare() {
        KeyedWindow window = new KeyedWindow(stage, link, 8, i -> (Integer) i % 2, 1);
        StepWorker a = worker(window);
        StepWorker b = worker(window);
        put(0, 2, 4, 1, 3);
        assertThat(window.fullKey()).isNull();
        Work first = claimed(window, a);
        assertThat(window.fullKey()).isEqualTo(0);
        assertThat(claim(window, b)).isNull();
        assertThat(window.rest()).extracting(work -> work.input).containsExactly(2, 4, 1, 3);
        put(5);
        assertThat(claim(window, b)).isNull();
        assertThat(link.waiting()).as("nothing is read meanwhile").isEqualTo(1);
        finish(window, first);
        Work second = claimed(window, a);
        assertThat(second.input).isEqualTo(2);
        assertThat(isIdle(window, b)).isFalse();
        assertThat(claim(window, b)).isEqualTo(1);
        assertThat(window.fullKey()).isNull();
        assertThat(window.rest()).extracting(work -> work.input).containsExactly(4, 3);
    }

    @Test
    @DisplayName("scenario 40: a key is forgotten when nothing of it is there, and not before")
    void keysAreForgottenWhenTheyAreIdle() {
        Work[] inHand = new Work[1];
        KeyedWindow[] windows = new KeyedWindow[1];
        KeyedWindow window = new KeyedWindow(
                stage,
                link,
                8,
                i -> {
                    if (i.equals(2)) {
                        // The line of the key is empty for a moment, while this one is about to join it.
                        finish(windows[0], inHand[0]);
                    }
                    return (Integer) i % 2;
                },
                8);
        windows[0] = window;
        StepWorker a = worker(window);
        StepWorker b = worker(window);
        put(0);
        inHand[0] = claimed(window, a);
        put(2);
        Work second = claimed(window, a);
        assertThat(second.input).isEqualTo(2);
        put(4);
        assertThat(claim(window, b)).as("2 is in hand").isNull();
        finish(window, second);
        Work third = claimed(window, a);
        assertThat(third.input).isEqualTo(4);
        finish(window, third);
        put(1);
        assertThat(claim(window, a)).isEqualTo(1);
        assertThat(window.keys()).isEqualTo(1);
    }

    @Test
    @DisplayName("scenario 40: an item without a key fails by itself, and holds up no other")
    void itemWithoutKeyStandsAlone() {
        IllegalStateException cause = new IllegalStateException();
        KeyedWindow window = new KeyedWindow(
                stage,
                link,
                8,
                i -> {
                    if (i.equals(7)) {
                        throw cause;
                    }
                    return i.equals(8) ? null : 0;
                },
                8);
        StepWorker a = worker(window);
        StepWorker b = worker(window);
        StepWorker c = worker(window);
        put(7, 8, 0);
        Work first = claimed(window, a);
        assertThat(first.keyFailure).isEqualTo(cause);
        assertThat(window.rest()).extracting(work -> work.input).containsExactlyInAnyOrder(0, 8);
        Work second = claimed(window, b);
        assertThat(second.keyFailure).isInstanceOf(NullPointerException.class).hasMessage("stage 'a': the key is null");
        assertThat(claimed(window, c).keyFailure).isNull();
        window.drop(first, cause);
        window.drop(second, cause);
        assertThat(window.rest()).isEmpty();
        assertThat(window.keys()).isEqualTo(1);
    }

    private void flush(Window window, StepWorker worker) {
        assertThat(window.outbox(worker, meter).flush()).isEqualTo(Downstream.Put.DONE);
    }

    @Test
    @DisplayName("promise 6: what is done leaves an ordered window in the order of the inputs, and makes room then")
    void leavesInOrder() {
        Window window = new OrderedWindow(stage, link, 2);
        StepWorker a = worker(window);
        StepWorker b = worker(window);
        StepWorker c = worker(window);
        put(0, 1, 2);
        Work first = claimed(window, a);
        Work second = claimed(window, b);
        assertThat(claim(window, c)).isNull();
        finish(window, second);
        flush(window, b);
        assertThat(isIdle(window, c)).isTrue();
        assertThat(window.rest()).containsExactly(first, second);
        finish(window, first);
        flush(window, a);
        assertThat(isIdle(window, c)).isFalse();
        assertThat(claim(window, c)).isEqualTo(2);
        assertThat(meter.get(Fate.COMPLETED)).isEqualTo(2);
    }

    @Test
    void whatIsSkippedCountsAtOnceAndOnce() {
        Window window = new OrderedWindow(stage, link, 4);
        StepWorker a = worker(window);
        StepWorker b = worker(window);
        put(0, 1);
        Work first = claimed(window, a);
        Work second = claimed(window, b);
        window.finish(second, Fate.SKIPPED, meter);
        assertThat(meter.get(Fate.SKIPPED)).isEqualTo(1);
        assertThat(window.rest()).containsExactly(first);
        finish(window, first);
        assertThat(meter.get(Fate.COMPLETED)).isZero();
        flush(window, a);
        assertThat(meter.get(Fate.SKIPPED)).isEqualTo(1);
        assertThat(meter.get(Fate.COMPLETED)).isEqualTo(1);
    }

    @Test
    @DisplayName("scenario 42: the head is for whoever has no room, when its next attempt may begin")
    void headIsClaimedWhenItIsDue() {
        Window window = new OrderedWindow(stage, link, 4);
        StepWorker a = worker(window);
        StepWorker b = worker(window);
        put(0, 1, 2);
        Work head = claimed(window, a);
        claimed(window, b);
        assertThat(window.claimHead(b)).as("it is in hand").isNull();
        window.retry(head, HOUR);
        assertThat(window.claimHead(b)).as("it waits").isNull();
        assertThat(window.withdraw(head)).isTrue();
        window.retry(head, 1);
        await().until(() -> window.claimHead(b) == head);
        assertThat(window.claimHead(a)).as("it is in hand").isNull();
        assertThat(claim(window, a)).isEqualTo(2);
    }

    @Test
    @DisplayName("promise 3: behind an item that has failed nothing is wanted, and what is before it goes on")
    void failureCallsOffWhatIsBehindIt() {
        Window window = new OrderedWindow(stage, link, 8);
        List<StepWorker> workers = new ArrayList<>();
        List<Work> works = new ArrayList<>();
        put(0, 1, 2, 3, 4);
        for (int i = 0; i < 5; i++) {
            workers.add(worker(window));
            works.add(claimed(window, workers.get(i)));
        }
        window.retry(works.get(3), HOUR);
        window.finish(works.get(4), Fate.COMPLETED, meter);
        fail(window, works.get(1));
        assertThat(works.stream().map(window::wants)).containsExactly(true, true, false, false, false);
        assertThat(window.hasEnded()).isFalse();
        assertThat(window.withdraw(works.get(3))).as("it has been withdrawn").isFalse();
        assertThat(window.rest()).containsExactly(works.get(0), works.get(2));
        window.retry(works.get(2), HOUR);
        assertThat(window.withdraw(works.get(2))).as("nobody wants it").isFalse();
        assertThat(window.rest()).containsExactly(works.get(0));
        finish(window, works.get(0));
        flush(window, workers.get(0));
        assertThat(window.hasEnded()).isTrue();
        assertThat(window.rest()).isEmpty();
        atRest.close();
        assertThat(discarded.items("a")).containsExactlyInAnyOrder(1, 2, 3, 4);
    }

    @Test
    @DisplayName("promise 3: the failure of an earlier item takes that of a later one over")
    void earlierFailureTakesOver() {
        Window window = new OrderedWindow(stage, link, 8);
        put(0, 1, 2);
        List<Work> works = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            works.add(claimed(window, worker(window)));
        }
        fail(window, works.get(1));
        assertThat(run.execution.failure()).hasRootCauseMessage("1");
        fail(window, works.get(2));
        assertThat(run.execution.failure()).hasRootCauseMessage("1");
        fail(window, works.get(0));
        assertThat(run.execution.failure()).hasRootCauseMessage("0");
        assertThat(window.hasEnded()).isTrue();
        atRest.close();
        assertThat(discarded.items("a")).containsExactlyInAnyOrder(0, 1, 2);
    }

    @Test
    @DisplayName(
            "promise 3: a failure interrupts who works on what is behind it, calls who is idle, and stops the source")
    void failureInterruptsWhoWorksOnWhatIsBehindIt() {
        Window window = new OrderedWindow(stage, link, 8);
        StepWorker before = worker(window);
        StepWorker failing = worker(window);
        StepWorker behind = worker(window);
        put(0, 1, 2);
        Work first = claimed(window, before);
        Work second = claimed(window, failing);
        Work third = claimed(window, behind);
        StepWorker idle = idle(window);
        // The test's thread is that of one and then of the other.
        behind.interrupts().enter();
        behind.interrupts().work(first);
        fail(window, second);
        assertThat(Thread.interrupted()).as("it works on something else").isFalse();
        assertThat(isIdle(window, idle)).isFalse();
        assertThat(run.execution.stages().get(0).isAborted()).isTrue();
        assertThat(stage.isAborted()).isFalse();

        before.interrupts().enter();
        before.interrupts().work(first);
        behind.interrupts().work(third);
        failing.interrupts().enter();
        failing.interrupts().work(second);
        fail(window, first);
        assertThat(Thread.interrupted()).isTrue();
        behind.interrupts().leave();
        before.interrupts().leave();
        failing.interrupts().leave();
    }

    @Test
    @DisplayName(
            "promise 3: a failure that comes second is attached to the first, by its reason or as the one taken over")
    void laterFailureIsAttached() {
        Window window = new OrderedWindow(stage, link, 8);
        put(0, 1, 2);
        List<Work> works = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            works.add(claimed(window, worker(window)));
        }
        fail(window, works.get(1));
        fail(window, works.get(2));
        assertThat(run.execution.failure().getSuppressed())
                .singleElement()
                .satisfies(e -> assertThat(e).hasMessage("2"));
        Throwable later = run.execution.failure();
        fail(window, works.get(0));
        assertThat(run.execution.failure().getSuppressed()).containsExactly(later);
    }

    @Test
    @DisplayName("promise 1: no more items are in a keyed window than its size, however many are read at once")
    void keyedWindowHoldsNoMoreThanItsSize() {
        Window window = new KeyedWindow(stage, link, 2, i -> i, 2);
        StepWorker a = worker(window);
        StepWorker b = worker(window);
        put(0, 1, 2, 3, 4);
        Work first = claimed(window, a);
        Work second = claimed(window, b);
        assertThat(link.waiting()).isEqualTo(3);
        finish(window, first);
        assertThat(meter.get(Fate.COMPLETED)).isEqualTo(1);
        assertThat(claim(window, a)).isEqualTo(2);
        assertThat(link.waiting()).isEqualTo(2);
        window.drop(second, new IOException());
        assertThat(claim(window, b)).isEqualTo(3);
        assertThat(link.waiting()).isEqualTo(1);
        atRest.close();
        assertThat(discarded.items("a")).containsExactly(1);
    }

    @Test
    @DisplayName("promise 8: a worker that looks again is no second idle one")
    void whoLooksAgainIsIdleOnce() {
        Window window = new FreeWindow(stage, link, 8);
        StepWorker b = idle(window);
        StepWorker a = idle(window);
        claim(window, a);
        put(0);
        assertThat(claim(window, a)).isEqualTo(0);
        put(1);
        assertThat(isIdle(window, b)).isFalse();
    }

    @Test
    @DisplayName("promise 3: an item that fails is discarded, and all who are idle are called")
    void failureCallsAll() {
        Window window = new FreeWindow(stage, link, 8);
        StepWorker a = worker(window);
        put(0);
        Work work = claimed(window, a);
        StepWorker b = idle(window);
        StepWorker c = idle(window);
        assertThat(window.wants(work)).isTrue();
        fail(window, work);
        assertThat(isIdle(window, b)).isFalse();
        assertThat(isIdle(window, c)).isFalse();
        assertThat(run.execution.failure()).hasRootCauseMessage("0");
        atRest.close();
        assertThat(discarded.items("a")).containsExactly(0);
    }

    @Test
    void nothingIsWantedAfterAnAbort() {
        Window free = new FreeWindow(stage, link, 8);
        Window keyed = new KeyedWindow(stage, link, 8, i -> i, 8);
        Window ordered = new OrderedWindow(stage, link, 8);
        List<Window> windows = List.of(free, keyed, ordered);
        put(0, 1, 2);
        List<Work> works = new ArrayList<>();
        works.add(claimed(free, worker(free)));
        works.add(claimed(ordered, worker(ordered)));
        works.add(claimed(keyed, worker(keyed)));
        assertThat(free.wants(works.get(0)) && ordered.wants(works.get(1)) && keyed.wants(works.get(2)))
                .isTrue();
        run.cancel();
        assertThat(free.wants(works.get(0)) || ordered.wants(works.get(1)) || keyed.wants(works.get(2)))
                .isFalse();
        for (Window window : windows) {
            assertThat(claim(window, worker(window))).isNull();
            assertThat(window.hasEnded()).isTrue();
        }
    }

    /** A link that has some items, and of which nothing more is to be had than an error, once it is broken. */
    private static final class BreakingLink extends LinkStub {
        private final ArrayDeque<Object> items = new ArrayDeque<>();
        private final List<Runnable> watchers = new ArrayList<>();
        private boolean broken;

        private void breakIfEmpty() {
            if (broken && items.isEmpty()) {
                throw new IllegalStateException("planned");
            }
        }

        @Override
        @Nullable
        Object poll(Meter meter) {
            breakIfEmpty();
            return items.poll();
        }

        @Override
        boolean watchItems(Runnable call) {
            breakIfEmpty();
            watchers.add(call);
            return true;
        }
    }

    @Test
    @DisplayName("promise 2: what was read when an error came is discarded, and the run fails with the error")
    void whatWasReadWhenAnErrorCameIsDiscarded() {
        BreakingLink breaking = new BreakingLink();
        breaking.items.addAll(List.of(0, 1));
        breaking.broken = true;
        Window window = new KeyedWindow(stage, breaking, 8, i -> i, 8);
        StepWorker a = worker(window);
        assertThatThrownBy(() -> claim(window, a)).hasMessage("planned");
        assertThat(run.execution.failure()).hasRootCauseMessage("planned");
        assertThat(window.rest()).isEmpty();
        atRest.close();
        assertThat(discarded.items("a")).containsExactlyInAnyOrder(0, 1);
    }

    @Test
    @DisplayName(
            "promise 2: an item in nobody's hand, because an error came while another worker was called, is discarded")
    void whatIsInNobodysHandIsDiscarded() {
        BreakingLink breaking = new BreakingLink();
        Window window = new FreeWindow(stage, breaking, 8);
        idle(window);
        StepWorker a = idle(window);
        breaking.items.add(0);
        breaking.watchers.forEach(Runnable::run);
        breaking.broken = true;
        assertThatThrownBy(() -> claim(window, a)).hasMessage("planned");
        atRest.close();
        assertThat(discarded.items("a")).containsExactly(0);
    }
}
