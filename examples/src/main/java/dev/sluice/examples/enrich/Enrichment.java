package dev.sluice.examples.enrich;

import dev.sluice.examples.enrich.Line.Reject;
import dev.sluice.examples.enrich.Line.Row;
import dev.sluice.examples.io.CommandFailure;
import dev.sluice.examples.io.Input;
import dev.sluice.pipeline.DeadLetter;
import dev.sluice.pipeline.OnError;
import dev.sluice.pipeline.Pipeline;
import dev.sluice.pipeline.PipelineException;
import dev.sluice.pipeline.PipelineRun;
import dev.sluice.pipeline.PipelineStats;
import dev.sluice.pipeline.ProgressListener;
import dev.sluice.pipeline.Retry;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** The work itself: read, parse, filter, join, write. */
final class Enrichment {
    private static final Duration OFTEN = Duration.ofMillis(200);
    private static final Retry A_MOMENT = Retry.times(3).backoff(Duration.ofMillis(50));

    private final Request request;

    Enrichment(Request request) {
        this.request = request;
    }

    /**
     * Does it all; the results are under their names when this returns.
     *
     * @throws CommandFailure when a file cannot be read or written, or has not the columns that were asked for
     */
    Report run(Progress progress) throws IOException, InterruptedException {
        request.checkFiles();
        Input input = Input.open(request.in());
        try (RecordReader records = new RecordReader(input)) {
            Header feed = Header.read(input.name(), records);
            Predicate<List<String>> where = Condition.all(request.where(), feed);
            LookupTable lookup = readLookup(feed);
            try (Results results = Results.open(request, feed);
                    Progress.Bar bar = progress.bar("enrich", input.size())) {
                ProgressListener shown = stats -> bar.at(input.bytesRead());
                PipelineStats stats = run(pipeline(records, feed, where, lookup, results, shown));
                results.finish(stats);
                return Report.of(stats, results, lookup);
            }
        }
    }

    /** Tries again for a moment: a table that another program is just replacing may be missing, or half there. */
    private LookupTable readLookup(Header feed) throws InterruptedException {
        List<LookupTable> tables = new ArrayList<>();
        run(Pipeline.from(List.of(request.lookup()))
                .name("lookup")
                .stage("read", file -> LookupTable.read(file, request.join(), feed), s -> s.retry(A_MOMENT))
                .forEach("keep", tables::add));
        return tables.get(0);
    }

    private Pipeline<Void> pipeline(
            RecordReader records,
            Header feed,
            Predicate<List<String>> where,
            LookupTable lookup,
            Results results,
            ProgressListener shown) {
        Budget budget = new Budget();
        RowParser parser = new RowParser(feed.size());
        return Pipeline.fromIterator(records)
                .name("enrich")
                .onProgress(OFTEN, shown)
                .map(budget::admit)
                .stage("parse", parser::parse, s -> s.workers(request.workers()).ordered())
                .filter(line -> isWanted(line, where))
                // One worker, so that rejects keep the feed's order, too.
                .stage("join", lookup::join, s -> s.onError(OnError.deadLetter(letter -> reject(letter, results))))
                .forEach("write", row -> {
                    results.write(row);
                    row.done();
                });
    }

    private static boolean isWanted(Line line, Predicate<List<String>> where) {
        boolean wanted = !(line instanceof Row) || where.test(((Row) line).cells());
        if (!wanted) {
            line.done();
        }
        return wanted;
    }

    private static void reject(DeadLetter letter, Results results) {
        if (letter.cause() instanceof Rejected) {
            Reject reject = ((Rejected) letter.cause()).reject();
            results.reject(reject);
            reject.done();
        }
    }

    private static PipelineStats run(Pipeline<Void> pipeline) throws InterruptedException {
        try (PipelineRun<Void> run = pipeline.start()) {
            run.await();
            return run.stats();
        } catch (PipelineException e) {
            // The readers and the results say in their own words what is wrong with which file.
            if (e.getCause() instanceof CommandFailure) {
                throw (CommandFailure) e.getCause();
            }
            throw e;
        }
    }
}
