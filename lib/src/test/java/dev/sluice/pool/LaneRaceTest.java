package dev.sluice.pool;

import static dev.sluice.pool.PoolAssert.LONG;
import static dev.sluice.pool.PoolAssert.assertAddsUp;
import static dev.sluice.pool.PoolAssert.assertCloses;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testing.Crew;
import dev.sluice.testing.NoThreadLeaks;
import dev.sluice.testing.Rounds;
import dev.sluice.testing.ThreadKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Lanes under load: exact order, one at a time, nothing lost, and accounts that add up. */
@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class LaneRaceTest {

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName(
            "promise 6: tasks of a key run in exact order and one at a time; no wait for room in a lane is for ever")
    void orderIsExact(PoolKind kind) throws Exception {
        int keys = 5;
        int submitters = 3;
        int each = Rounds.of(kind.gated() ? 30_000 : 300_000);
        WorkerPool pool = kind.builder(4, 16).laneCapacity(3).build();
        AtomicIntegerArray active = new AtomicIntegerArray(keys);
        int[][] last = new int[keys][submitters];
        AtomicInteger wrong = new AtomicInteger();
        try (Crew crew = new Crew(ThreadKind.PLATFORM)) {
            for (int s = 0; s < submitters; s++) {
                int submitter = s;
                Random random = new Random(17 + s);
                crew.run(() -> {
                    int[] next = new int[keys];
                    for (int i = 0; i < each; i++) {
                        int key = random.nextInt(keys);
                        int number = ++next[key];
                        pool.lane(key).execute(() -> {
                            if (active.incrementAndGet(key) != 1 || last[key][submitter] + 1 != number) {
                                wrong.incrementAndGet();
                            }
                            last[key][submitter] = number;
                            active.decrementAndGet(key);
                        });
                    }
                });
            }
        }
        assertThat(pool.awaitIdle(LONG)).isTrue();
        assertThat(wrong.get()).isZero();
        assertThat(assertCloses(pool).succeeded()).isEqualTo((long) submitters * each);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("promise 2: a storm of lane tasks, cancels, failures and resizes leaves accounts that add up")
    void stormAddsUp(PoolKind kind) throws Exception {
        for (OnFull policy : kind.policies()) {
            if (policy != OnFull.CALLER_RUNS) {
                storm(kind, policy);
            }
        }
    }

    private static void storm(PoolKind kind, OnFull policy) throws Exception {
        WorkerPool pool = kind.builder(3, 6).laneCapacity(3).onFull(policy).build();
        int each = Rounds.of(kind.gated() ? 10_000 : 50_000);
        List<TaskHandle<?>> handles = new ArrayList<>();
        AtomicInteger calls = new AtomicInteger();
        int[] unguarded = new int[4];
        AtomicInteger ran = new AtomicInteger();
        try (Crew crew = new Crew(ThreadKind.PLATFORM)) {
            for (int s = 0; s < 3; s++) {
                Random random = new Random(99 + s);
                crew.run(() -> {
                    List<TaskHandle<?>> mine = new ArrayList<>();
                    for (int i = 0; i < each; i++) {
                        submitOne(pool, random, unguarded, ran).ifPresent(mine::add);
                        calls.incrementAndGet();
                        if (random.nextInt(3) == 0 && !mine.isEmpty()) {
                            mine.get(mine.size() - 1 - random.nextInt(Math.min(4, mine.size())))
                                    .cancel(random.nextBoolean());
                        }
                        if (random.nextInt(500) == 0) {
                            pool.resize(1 + random.nextInt(4));
                            assertAddsUp(pool.stats());
                        }
                    }
                    synchronized (handles) {
                        handles.addAll(mine);
                    }
                });
            }
        }
        assertThat(pool.awaitIdle(LONG)).isTrue();
        assertThat(handles).allMatch(TaskHandle::isDone);
        PoolStats stats = assertCloses(pool);
        assertThat(stats.submitted()).isEqualTo(calls.get());
        int counted = 0;
        for (int key : unguarded) {
            counted += key;
        }
        assertThat(counted).as("lanes exclude one another's tasks").isEqualTo(ran.get());
    }

    private static java.util.Optional<TaskHandle<?>> submitOne(
            WorkerPool pool, Random random, int[] unguarded, AtomicInteger ran) {
        int key = random.nextInt(unguarded.length);
        boolean fails = random.nextInt(10) == 0;
        Runnable work = () -> {
            ran.incrementAndGet();
            unguarded[key]++;
            if (fails) {
                throw new IllegalStateException("as planned");
            }
        };
        try {
            return random.nextInt(4) == 0
                    ? pool.lane(key).trySubmit(work)
                    : java.util.Optional.of(pool.lane(key).submit(work));
        } catch (RejectedExecutionException e) {
            return java.util.Optional.empty();
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName(
            "scenario 6: a first task cancelled while a worker passes by the next one does not leave that one behind")
    void cancelOfTheFirstRacesPassingBy(PoolKind kind) throws Exception {
        WorkerPool pool = kind.builder(2, 8).laneCapacity(4).build();
        for (int i = 0; i < Rounds.of(kind.gated() ? 20_000 : 100_000); i++) {
            TaskHandle<Integer> first = pool.lane("a").submit(() -> 1);
            TaskHandle<Integer> second = pool.lane("a").submit(() -> 2);
            TaskHandle<Integer> third = pool.lane("a").submit(() -> 3);
            first.cancel(false);
            second.cancel(false);
            assertThat(third.get()).isEqualTo(3);
        }
        assertThat(pool.awaitIdle(LONG)).isTrue();
        assertCloses(pool);
    }
}
