package dev.sluice.pipeline;

import static java.util.stream.Collectors.toList;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.gate.Gate;
import dev.sluice.pool.WorkerPool;
import dev.sluice.testing.NoThreadLeaks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** The examples of {@code SHAPES.md}, which compile and run; every line of Java there is a line here. */
@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class ShapesPageTest {
    private static final Path PAGE = Path.of("SHAPES.md");
    private static final Path HERE = Path.of("src/test/java/dev/sluice/pipeline/ShapesPageTest.java");

    private final List<String> lines = List.of("3;hat", "1;coat", "2;scarf");
    private final List<Object> log = Collections.synchronizedList(new ArrayList<>());

    /** What the examples work on. */
    record Row(int id, String name) {
        static Row parse(String line) {
            String[] cells = line.split(";");
            return new Row(Integer.parseInt(cells[0]), cells[1]);
        }

        boolean isSmall() {
            return id < 2;
        }
    }

    private void store(Object row) {
        log.add(row);
    }

    @Test
    void everyLineOfJavaOfThePageIsHere() throws IOException {
        Set<String> here = Files.readAllLines(HERE).stream().map(String::strip).collect(Collectors.toSet());
        List<String> quoted = quotedJava(Files.readAllLines(PAGE));
        assertThat(quoted).hasSizeGreaterThan(40);
        assertThat(here).containsAll(quoted);
    }

    private static List<String> quotedJava(List<String> page) {
        List<String> quoted = new ArrayList<>();
        boolean inside = false;
        for (String line : page) {
            if (line.startsWith("```")) {
                inside = line.equals("```java");
            } else if (inside && !line.isBlank()) {
                quoted.add(line.strip());
            }
        }
        return quoted;
    }

    @Test
    void chain() throws InterruptedException {
        List<Row> rows = Pipeline.from(lines)
                .stage("parse", Row::parse)
                .filter(row -> row.id() > 1)
                .collect(toList())
                .run();
        assertThat(rows).containsExactly(new Row(3, "hat"), new Row(2, "scarf"));
    }

    @Test
    void flatMapAndBatch() throws InterruptedException {
        Pipeline.from(lines)
                .flatMap(line -> List.of(line.split(";")))
                .batch(4, Duration.ofMillis(50))
                .forEach("write", this::store)
                .run();
        assertThat(log).containsExactly(List.of("3", "hat", "1", "coat"), List.of("2", "scarf"));
    }

    @Test
    void iterator() throws InterruptedException {
        Iterator<String> once = lines.iterator();
        List<String> all = Pipeline.fromIterator(once).collect(toList()).run();
        assertThat(all).isEqualTo(lines);
    }

    @Test
    void streamOfItsOwnInEachRun() throws InterruptedException {
        Pipeline<List<String>> upper =
                Pipeline.fromEach(lines::stream).map(String::toUpperCase).collect(toList());
        assertThat(upper.run()).isEqualTo(upper.run());
    }

    @Test
    void queueToQueue() throws InterruptedException {
        String end = new String("end");
        BlockingQueue<String> queue = new ArrayBlockingQueue<>(2);
        try (PipelineRun<Void> writer = Pipeline.from(lines).toQueue(queue, end).start()) {
            List<String> all = Pipeline.fromQueue(queue, end).collect(toList()).run();
            writer.await();
            assertThat(all).isEqualTo(lines);
        }
    }

    @Test
    void publisher() throws InterruptedException {
        try (PipelineRun<Flow.Publisher<String>> run =
                Pipeline.from(lines).toPublisher().start()) {
            Flow.Publisher<String> publisher = run.await();
            assertThat(Pipeline.fromPublisher(publisher).collect(toList()).run())
                    .isEqualTo(lines);
        }
    }

    /** A broker, as the page has it. */
    static final class Messages implements Source<String> {
        private final BlockingQueue<String> waiting = new LinkedBlockingQueue<>(List.of("one", "two", "bad"));
        private final List<String> told = Collections.synchronizedList(new ArrayList<>());

        @Override
        public @Nullable String next() {
            return waiting.poll();
        }

        @Override
        public void ack(String message) {
            told.add("done " + message);
        }

        @Override
        public void nack(String message, Throwable reason) {
            told.add("back " + message + ": " + reason.getMessage());
        }

        @Override
        public void close() {
            told.add("closed");
        }
    }

    @Test
    void sourceThatIsTold() throws InterruptedException {
        Messages messages = new Messages();
        Pipeline.fromSource(messages)
                .forEach("handle", this::handle, s -> s.onError(OnError.skip()))
                .run();
        assertThat(messages.told).containsExactly("done one", "done two", "back bad: bad message", "closed");
    }

    private void handle(String message) {
        if (message.equals("bad")) {
            throw new IllegalArgumentException("bad message");
        }
    }

    @Test
    void merge() throws InterruptedException {
        PipelineBuilder<Row> old = Pipeline.from(List.of("7;glove")).map(Row::parse);
        PipelineBuilder<Row> fresh = Pipeline.from(lines).stage("parse", Row::parse);
        List<Row> all = Pipeline.merge(old, fresh).collect(toList()).run();
        assertThat(all).hasSize(4);
    }

    @Test
    void broadcast() throws InterruptedException {
        FanOut<String> copies = Pipeline.from(lines).fanOut("copies", Route.broadcast());
        Pipeline<Void> audit = copies.branch().forEach("audit", this::store);
        Pipeline<List<Row>> rows = copies.branch().stage("parse", Row::parse).collect(toList());
        List<Row> parsed = rows.with(audit).run();
        assertThat(parsed).hasSize(3);
        assertThat(log).containsExactlyElementsOf(lines);
    }

    @Test
    void conditions() throws InterruptedException {
        FanOut<Row> sizes = Pipeline.from(lines).map(Row::parse).fanOut("sizes", Route.firstMatch());
        Pipeline<Void> small = sizes.branch(Row::isSmall).forEach("small", this::store);
        Pipeline<Void> rest = sizes.branch().forEach("rest", row -> {});
        small.with(rest).run();
        assertThat(log).containsExactly(new Row(1, "coat"));
    }

    @Test
    void turnsAndKeys() throws InterruptedException {
        FanOut<String> turns = Pipeline.from(lines).fanOut("turns", Route.roundRobin());
        FanOut<Row> keys = Pipeline.from(lines).map(Row::parse).fanOut("keys", Route.byKey(Row::name));
        List<String> again =
                Pipeline.merge(turns.branch(), turns.branch()).collect(toList()).run();
        List<Row> rows =
                Pipeline.merge(keys.branch(), keys.branch()).collect(toList()).run();
        assertThat(again).containsExactlyInAnyOrderElementsOf(lines);
        assertThat(rows).hasSize(3);
    }

    @Test
    void fragment() throws InterruptedException {
        Fragment<String, Row> parsing =
                Fragment.of("parsing", text -> text.stage("parse", Row::parse).filter(Row::isSmall));
        List<Row> alone = Pipeline.from(List.of("1;a", "9;b"))
                .then(parsing)
                .collect(toList())
                .run();
        Pipeline<Void> joined = Pipeline.from(lines).then(parsing).forEach("store", this::store);
        joined.run();
        assertThat(alone).containsExactly(new Row(1, "a"));
        assertThat(log).containsExactly(new Row(1, "coat"));
    }

    @Test
    void readers() throws InterruptedException {
        try (ItemIterator<String> reader = Pipeline.from(lines).iterator().run()) {
            assertThat(reader.next()).isEqualTo("3;hat");
        }
        try (Stream<String> stream = Pipeline.from(lines).stream().run()) {
            assertThat(stream.limit(2)).containsExactly("3;hat", "1;coat");
        }
    }

    @Test
    void orderedByWindow() throws InterruptedException {
        List<Row> rows = Pipeline.from(lines)
                .stage(
                        "parse",
                        Row::parse,
                        s -> s.workers(4).ordered().window(64).capacity(16))
                .collect(toList())
                .run();
        assertThat(rows.stream().map(Row::id)).containsExactly(3, 1, 2);
    }

    @Test
    void orderedByKey() throws InterruptedException {
        Pipeline.from(lines)
                .stage(
                        "store",
                        Row::parse,
                        s -> s.workers(4).orderedBy(line -> line.charAt(0)).perKey(64))
                .forEach("write", this::store)
                .run();
        assertThat(log).hasSize(3);
    }

    @Test
    void sharedThreadsAndPermits() throws InterruptedException {
        Gate api = Gate.of(2);
        try (WorkerPool pool = WorkerPool.of(2)) {
            List<Row> rows = Pipeline.from(lines)
                    .stage("parse", Row::parse, s -> s.workers(4).pool(pool))
                    .stage("price", row -> row, s -> s.workers(4).gate(api).timeLimit(Duration.ofSeconds(5)))
                    .collect(toList())
                    .run();
            assertThat(rows).hasSize(3);
        }
        assertThat(api.available()).isEqualTo(2);
    }

    @Test
    void resizedStage() throws InterruptedException {
        Pipeline<List<Row>> growing = Pipeline.from(lines)
                .stage("parse", Row::parse, s -> s.resizable())
                .collect(toList());
        try (PipelineRun<List<Row>> run = growing.start()) {
            run.stage("parse").resize(8);
            assertThat(run.await()).hasSize(3);
        }
    }

    @Test
    void retry() throws InterruptedException {
        Pipeline<List<Row>> patient = Pipeline.from(lines)
                .stage("parse", this::flakyParse, s -> s.retry(Retry.times(3).backoff(Duration.ofMillis(1))))
                .collect(toList());
        assertThat(patient.run()).hasSize(3);
    }

    private Row flakyParse(String line) throws IOException {
        if (!log.contains(line)) {
            log.add(line);
            throw new IOException("not yet");
        }
        return Row.parse(line);
    }

    @Test
    void drain() throws InterruptedException {
        PipelineRun<Void> run = Pipeline.fromEach(() -> Stream.generate(() -> "1;a"))
                .forEach("store", this::store)
                .start();
        DrainReport report = run.drain(Duration.ofSeconds(10));
        assertThat(report.undelivered()).isEmpty();
    }

    @Test
    void failure() {
        Pipeline<List<Row>> strict =
                Pipeline.from(List.of("1;a", "x")).stage("parse", Row::parse).collect(toList());
        assertThatThrownBy(strict::run)
                .hasMessageStartingWith("stage 'parse' failed on item 1: java.lang.NumberFormatException");
    }

    @Test
    void failNow() {
        Pipeline<Void> hasty = Pipeline.from(List.of("1;a", "x"))
                .stage("parse", Row::parse, s -> s.onError(OnError.failNow()))
                .onDiscard((item, stage, reason) -> log.add(item))
                .forEach("store", this::store);
        assertThatThrownBy(hasty::run).isInstanceOf(PipelineException.class);
        assertThat(log).contains("x");
    }

    @Test
    void skip() throws InterruptedException {
        Pipeline<List<Row>> lenient = Pipeline.from(List.of("1;a", "x"))
                .stage("parse", Row::parse, s -> s.onError(OnError.skip()))
                .collect(toList());
        assertThat(lenient.run()).containsExactly(new Row(1, "a"));
    }

    @Test
    void deadLetter() throws InterruptedException {
        List<DeadLetter> letters = new ArrayList<>();
        List<Row> rows = Pipeline.from(List.of("1;a", "x"))
                .stage("parse", Row::parse, s -> s.onError(OnError.deadLetter(letters::add)))
                .collect(toList())
                .run();
        assertThat(rows).hasSize(1);
        assertThat(letters.get(0).item()).isEqualTo("x");
    }
}
