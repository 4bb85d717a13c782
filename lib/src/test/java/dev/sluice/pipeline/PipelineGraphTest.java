package dev.sluice.pipeline;

import static java.util.stream.Collectors.toList;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.testing.NoThreadLeaks;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Pipelines that branch and meet. */
@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class PipelineGraphTest {
    @RegisterExtension
    final Runs runs = new Runs();

    private final Discarded discarded = new Discarded();

    private static List<Integer> range(int from, int to) {
        return IntStream.range(from, to).boxed().toList();
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Kind#all")
    @DisplayName("scenario 33: fan-in does not end with its first input")
    void mergeEndsWhenAllInputsHaveEnded(Kind kind) throws InterruptedException {
        CountDownLatch shortOneHasEnded = new CountDownLatch(1);
        PipelineBuilder<Integer> shortOne =
                Pipeline.fromIterator(new EndTelling(range(0, 3).iterator(), shortOneHasEnded));
        PipelineBuilder<Integer> longOne = Pipeline.from(range(3, 1000))
                .stage(
                        "wait",
                        item -> {
                            shortOneHasEnded.await();
                            return item;
                        },
                        kind.options());
        PipelineBuilder<Integer> both = kind.threads(
                        Pipeline.merge(shortOne.stage("short", i -> i, kind.options()), longOne))
                .stage("both", i -> i, kind.options(s -> s.workers(2)));

        assertThat(runs.run(both.collect(toList()))).containsExactlyInAnyOrderElementsOf(range(0, 1000));
    }

    /** Tells when it has been closed, which the source does before the next stage learns of its end. */
    private record EndTelling(Iterator<Integer> items, CountDownLatch closed)
            implements Iterator<Integer>, AutoCloseable {
        @Override
        public boolean hasNext() {
            return items.hasNext();
        }

        @Override
        public Integer next() {
            return items.next();
        }

        @Override
        public void close() {
            closed.countDown();
        }
    }

    @Test
    void mergeKeepsTheOrderOfEachInput() throws InterruptedException {
        Pipeline<List<Integer>> pipeline = Pipeline.merge(
                        Pipeline.from(range(0, 10_000)).stage("left", i -> i),
                        Pipeline.from(range(10_000, 20_000)).map(i -> i),
                        Pipeline.from(range(20_000, 30_000)))
                .map(i -> i)
                .stage("all", i -> i, s -> s.workers(3).ordered())
                .collect(toList());

        List<Integer> items = runs.run(pipeline);

        assertThat(items.stream().filter(i -> i < 10_000)).containsExactlyElementsOf(range(0, 10_000));
        assertThat(items.stream().filter(i -> i >= 10_000 && i < 20_000))
                .containsExactlyElementsOf(range(10_000, 20_000));
        assertThat(items.stream().filter(i -> i >= 20_000)).containsExactlyElementsOf(range(20_000, 30_000));
    }

    @Test
    void failureOfOneInputStopsTheOthers() throws InterruptedException {
        Pipeline<Void> pipeline = Pipeline.merge(
                        Pipeline.from(new Endless()).stage("endless", i -> i, s -> s.capacity(4)),
                        Pipeline.from(range(0, 10)).stage("broken", i -> {
                            if (i == 5) {
                                throw new IllegalArgumentException("five");
                            }
                            return i;
                        }))
                .onDiscard(discarded)
                .forEach("sink", i -> {}, s -> s.capacity(2));

        assertThatThrownBy(() -> runs.run(pipeline))
                .isInstanceOf(PipelineException.class)
                .hasMessageContaining("stage 'broken'")
                .hasMessageContaining("five");
    }

    @Test
    void failureStopsASourceThatLeadsElsewhere() {
        FanOut<Integer> copies = Pipeline.from(range(0, 10)).fanOut("copies", Route.broadcast());
        Pipeline<Void> broken = copies.branch().forEach("broken", i -> {
            throw new IllegalStateException("broken");
        });
        Pipeline<Void> other =
                Pipeline.merge(copies.branch(), Pipeline.from(new Endless())).forEach("other", i -> {});

        assertThatThrownBy(() -> runs.run(broken.with(other))).hasMessageContaining("stage 'broken' failed");
    }

    @Test
    void failureBehindTheMeetingPointStopsAllInputs() throws InterruptedException {
        AtomicInteger seen = new AtomicInteger();
        Pipeline<Void> pipeline = Pipeline.merge(Pipeline.from(new Endless()), Pipeline.from(new Endless()))
                .forEach(
                        "sink",
                        i -> {
                            if (seen.incrementAndGet() == 100) {
                                throw new IllegalStateException("enough");
                            }
                        },
                        s -> s.capacity(1));

        assertThatThrownBy(() -> runs.run(pipeline)).hasMessageContaining("enough");
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Kind#all")
    @DisplayName("scenario 34: broadcast gives every branch every item")
    void broadcastGivesEveryBranchEveryItem(Kind kind) throws InterruptedException {
        List<Integer> slow = new ArrayList<>();
        CountDownLatch fastHasSomething = new CountDownLatch(1);
        FanOut<Integer> copies = kind.threads(Pipeline.from(range(0, 5000)))
                .stage("before", i -> i, kind.options())
                .fanOut("copies", Route.broadcast());
        Pipeline<Void> slowOne = copies.branch()
                .forEach(
                        "slow",
                        i -> {
                            fastHasSomething.await();
                            slow.add(i);
                        },
                        kind.options(s -> s.capacity(1)));
        Pipeline<List<Integer>> fastOne = copies.branch()
                .stage(
                        "fast",
                        i -> {
                            fastHasSomething.countDown();
                            return i;
                        },
                        kind.options())
                .collect(toList());

        assertThat(runs.run(fastOne.with(slowOne))).containsExactlyElementsOf(range(0, 5000));
        assertThat(slow).containsExactlyElementsOf(range(0, 5000));
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Kind#all")
    @DisplayName("scenario 34: round-robin gives every branch its turn, whatever their speed")
    void roundRobinTakesStrictTurns(Kind kind) throws InterruptedException {
        FanOut<Integer> turns = kind.threads(Pipeline.from(range(0, 3000))).fanOut("turns", Route.roundRobin());
        List<List<Integer>> got = List.of(new ArrayList<>(), new ArrayList<>());
        PipelineBuilder<Integer> third = turns.branch().stage("third", i -> i, kind.options(s -> s.workers(2)));
        Pipeline<Void> first = turns.branch().forEach("first", got.get(0)::add, kind.options(s -> s.capacity(1)));
        Pipeline<Void> second = turns.branch().forEach("second", got.get(1)::add);

        List<Integer> rest = runs.run(third.collect(toList()).with(first).with(second));

        assertThat(rest).hasSize(1000).allMatch(i -> i % 3 == 0);
        assertThat(got.get(0)).hasSize(1000).allMatch(i -> i % 3 == 1);
        assertThat(got.get(1)).hasSize(1000).allMatch(i -> i % 3 == 2);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Kind#all")
    @DisplayName("scenario 34: an item that matches no branch is counted and reported")
    void itemThatMatchesNoBranchIsCountedAndReported(Kind kind) throws InterruptedException {
        FanOut<Integer> sizes =
                kind.threads(Pipeline.from(range(0, 100))).onDiscard(discarded).fanOut("sizes", Route.firstMatch());
        List<Integer> small = new ArrayList<>();
        List<Integer> middle = new ArrayList<>();
        Pipeline<Void> pipeline = sizes.branch(i -> i < 10)
                .forEach("small", small::add, kind.options())
                .with(sizes.branch(i -> i < 90).forEach("middle", middle::add, kind.options()));

        PipelineRun<Void> run = runs.start(pipeline);
        run.await();

        assertThat(small).containsExactlyElementsOf(range(0, 10));
        assertThat(middle).containsExactlyElementsOf(range(10, 90));
        StageStats stage = run.stats().stages().get(1);
        assertThat(stage.name()).isEqualTo("sizes");
        assertThat(stage.completed()).isEqualTo(90);
        assertThat(stage.discarded()).isEqualTo(10);
        assertThat(discarded.items()).containsExactlyElementsOf(range(90, 100));
        assertThat(discarded.entries())
                .allSatisfy(each -> assertThat(each.reason()).hasMessage("no branch of 'sizes' accepts the item"));
    }

    @Test
    void itemsThatMatchNoBranchAreReportedAtOnce() throws InterruptedException {
        CountDownLatch told = new CountDownLatch(100);
        FanOut<Integer> none = Pipeline.from(range(0, 101))
                .onDiscard((item, stage, reason) -> told.countDown())
                .fanOut("none", Route.broadcast());
        Pipeline<Void> pipeline = none.branch(i -> {
                    if (i == 100) {
                        told.await();
                    }
                    return false;
                })
                .forEach("sink", i -> {});

        runs.run(pipeline);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Kind#all")
    @DisplayName("scenario 34: equal keys go to the same branch")
    void equalKeysGoToTheSameBranch(Kind kind) throws InterruptedException {
        FanOut<Integer> keys = kind.threads(Pipeline.from(range(0, 10_000))).fanOut("keys", Route.byKey(i -> i % 97));
        ConcurrentHashMap<Integer, String> branchOf = new ConcurrentHashMap<>();
        List<Pipeline<Void>> branches = Stream.of("a", "b", "c")
                .map(name -> keys.branch()
                        .forEach(
                                name,
                                i -> {
                                    String before = branchOf.putIfAbsent(i % 97, name);
                                    assertThat(before == null || before.equals(name))
                                            .isTrue();
                                },
                                kind.options()))
                .toList();

        runs.run(branches.get(0).with(branches.get(1)).with(branches.get(2)));

        assertThat(branchOf).hasSize(97);
        assertThat(branchOf.values()).contains("a", "b", "c");
    }

    @Test
    void inlineStepsBelongToTheirBranch() throws InterruptedException {
        FanOut<Integer> copies = Pipeline.from(range(0, 10)).fanOut("copies", Route.broadcast());
        Pipeline<List<String>> pipeline = Pipeline.merge(
                        copies.branch().filter(i -> i % 2 == 0).map(i -> "even " + i),
                        copies.branch()
                                .flatMap(i -> List.of(i, i))
                                .filter(i -> i == 7)
                                .map(i -> "seven"))
                .collect(toList());

        assertThat(runs.run(pipeline))
                .containsExactlyInAnyOrder("even 0", "even 2", "even 4", "even 6", "even 8", "seven", "seven");
    }

    @Test
    void branchesMeetAgain() throws InterruptedException {
        FanOut<Integer> turns = Pipeline.from(range(0, 10_000)).fanOut("turns", Route.roundRobin());
        FanOut<Integer> deeper = turns.branch().stage("left", i -> i).fanOut("deeper", Route.byKey(i -> i));
        Pipeline<List<Integer>> pipeline = Pipeline.merge(
                        deeper.branch(),
                        turns.branch().stage("right", i -> i, s -> s.workers(2)),
                        deeper.branch().batch(10, Duration.ZERO).flatMap(list -> list))
                .stage("together", i -> i)
                .collect(toList());

        PipelineRun<List<Integer>> run = runs.start(pipeline);

        assertThat(run.await()).containsExactlyInAnyOrderElementsOf(range(0, 10_000));
        assertThat(pipeline)
                .hasToString(
                        "Pipeline["
                                + pipeline.toString()
                                        .substring(9, pipeline.toString().indexOf(':'))
                                + ": source -> turns -> left -> deeper; turns -> right; deeper -> batch; deeper, right, batch -> together -> collect]");
        assertThat(run.stats().links().stream().map(link -> link.from() + "-" + link.to()))
                .contains("deeper-together", "deeper-batch", "batch-together", "right-together");
    }

    @Test
    @DisplayName("promise 3: a branch that does not lead to the failure finishes what it has got")
    void otherBranchFinishesWhatItHasGot() throws InterruptedException {
        List<Integer> healthy = Collections.synchronizedList(new ArrayList<>());
        CountDownLatch failing = new CountDownLatch(1);
        FanOut<Integer> copies =
                Pipeline.from(new Endless()).onDiscard(discarded).fanOut("copies", Route.broadcast());
        Pipeline<Void> pipeline = copies.branch()
                .forEach("healthy", i -> {
                    failing.await();
                    healthy.add(i);
                })
                .with(copies.branch().forEach("broken", i -> {
                    if (i == 20) {
                        failing.countDown();
                        throw new IllegalStateException("twenty");
                    }
                }));

        assertThatThrownBy(() -> runs.run(pipeline)).hasMessageContaining("twenty");
        assertThat(healthy).hasSizeGreaterThan(20).containsExactlyElementsOf(range(0, healthy.size()));
    }

    @Test
    void conditionThatThrowsFailsTheRunAndNamesTheStage() {
        FanOut<Integer> one = Pipeline.from(range(0, 10)).fanOut("one", Route.firstMatch());
        Pipeline<Void> pipeline = one.branch(i -> 1 / (i - 3) < 5).forEach("sink", i -> {});

        assertThatThrownBy(() -> runs.run(pipeline)).isInstanceOfSatisfying(PipelineException.class, failure -> {
            assertThat(failure.stage()).isEqualTo("one");
            assertThat(failure.position()).isEqualTo(3);
        });
    }

    @Test
    @DisplayName("scenario 49: a null key names the stage")
    void nullKeyNamesTheStage() {
        FanOut<Integer> keys = Pipeline.from(range(0, 10)).fanOut("keys", Route.byKey(i -> null));

        assertThatThrownBy(() -> runs.run(keys.branch().forEach("sink", i -> {})))
                .hasMessageContaining("stage 'keys': the key is null");
    }

    @Test
    void whatIsContinuedTwiceIsRefused() {
        PipelineBuilder<Integer> plain = Pipeline.from(range(0, 10)).stage("a", i -> i);
        Pipeline<Void> one = plain.forEach("one", i -> {});
        Pipeline<Void> two = plain.forEach("two", i -> {});
        assertThatThrownBy(() -> one.with(two))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("stage 'a' is continued twice in one pipeline; fanOut() says how items are shared out");
        PipelineBuilder<Integer> branch = plain.fanOut("f", Route.broadcast()).branch();
        assertThatThrownBy(() -> Pipeline.merge(branch, branch.map(i -> i)).collect(toList()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("a branch of 'f' is continued twice");
    }

    @Test
    void placeOfTheBranchesSaysItsNameAndItsRoute() {
        FanOut<Integer> parts = Pipeline.from(range(0, 1)).fanOut("parts", Route.roundRobin());
        assertThat(parts).hasToString("FanOut[parts, " + Route.roundRobin() + "]");
    }

    @Test
    void namesAreUsedOnceInTheWholeGraph() {
        PipelineBuilder<Integer> left = Pipeline.from(range(0, 10)).stage("same", i -> i);
        PipelineBuilder<Integer> right = Pipeline.from(range(0, 10)).stage("same", i -> i);
        assertThatThrownBy(() -> Pipeline.merge(left, right))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("name is used twice in one pipeline: 'same'");
        assertThatThrownBy(() -> Pipeline.merge(left).fanOut("same", Route.broadcast()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    @DisplayName("scenario 51: a start that is refused leaves the other sources unread")
    void refusedStartClaimsNoSource() throws InterruptedException {
        PipelineBuilder<Integer> first = Pipeline.fromIterator(range(0, 3).iterator());
        PipelineBuilder<Integer> second = Pipeline.fromIterator(range(3, 6).iterator());
        runs.run(second.collect(toList()));
        Pipeline<List<Integer>> both = Pipeline.merge(first, second).collect(toList());

        assertThatThrownBy(both::start)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the source is an iterator and has been read by another run");
        assertThat(runs.run(first.collect(toList()))).containsExactly(0, 1, 2);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Kind#all")
    @DisplayName("scenario 51: a graph runs twice at once")
    void graphRunsTwiceAtOnce(Kind kind) throws InterruptedException {
        FanOut<Integer> turns = kind.threads(Pipeline.from(range(0, 1000))).fanOut("turns", Route.roundRobin());
        Pipeline<List<Integer>> pipeline = Pipeline.merge(
                        turns.branch().stage("left", i -> i, kind.options()), turns.branch())
                .collect(toList());
        PipelineRun<List<Integer>> one = runs.start(pipeline);
        PipelineRun<List<Integer>> two = runs.start(pipeline);
        assertThat(one.await()).hasSize(1000);
        assertThat(two.await()).hasSize(1000);
    }

    @Test
    void cancelledGraphLosesNothingUntold() throws InterruptedException {
        FanOut<Integer> copies =
                Pipeline.from(new Endless()).onDiscard(discarded).fanOut("copies", Route.broadcast());
        CountDownLatch begun = new CountDownLatch(1);
        Pipeline<Void> pipeline = copies.branch()
                .forEach("one", i -> begun.countDown())
                .with(Pipeline.merge(copies.branch(), Pipeline.from(new Endless()))
                        .forEach("two", i -> begun.countDown(), s -> s.capacity(3)));
        PipelineRun<Void> run = runs.start(pipeline);
        begun.await();
        run.close();
        long lost = run.stats().stages().stream()
                .mapToLong(stage -> stage.discarded() + stage.discardedInQueue())
                .sum();
        assertThat(discarded.items()).hasSize((int) lost);
    }
}
