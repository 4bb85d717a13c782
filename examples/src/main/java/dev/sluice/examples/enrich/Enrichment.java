package dev.sluice.examples.enrich;

import dev.sluice.examples.enrich.Line.Row;
import dev.sluice.examples.io.CommandFailure;
import dev.sluice.examples.io.Input;
import dev.sluice.pipeline.Pipeline;
import dev.sluice.pipeline.PipelineException;
import dev.sluice.pipeline.PipelineRun;
import dev.sluice.pipeline.PipelineStats;
import java.io.IOException;
import java.util.List;
import java.util.function.Predicate;

/** The work itself: read, parse, filter, join, write. */
final class Enrichment {
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
            LookupTable lookup = LookupTable.read(request.lookup(), request.join(), feed);
            try (Results results = Results.open(request, feed);
                    Progress.Bar bar = progress.bar("enrich", input.size())) {
                input.onRead(bar::at);
                PipelineStats stats = run(pipeline(records, feed, where, lookup, results));
                results.finish();
                return Report.of(stats, results, lookup);
            }
        }
    }

    private Pipeline<Void> pipeline(
            RecordReader records, Header feed, Predicate<List<String>> where, LookupTable lookup, Results results) {
        Budget budget = new Budget();
        RowParser parser = new RowParser(feed.size());
        return Pipeline.fromIterator(records)
                .name("enrich")
                .map(budget::admit)
                .stage("parse", parser::parse, s -> s.workers(request.workers()).ordered())
                .filter(line -> isWanted(line, where))
                .stage("join", lookup::join)
                .forEach("write", line -> {
                    results.write(line);
                    line.done();
                });
    }

    private static boolean isWanted(Line line, Predicate<List<String>> where) {
        boolean wanted = !(line instanceof Row) || where.test(((Row) line).cells());
        if (!wanted) {
            line.done();
        }
        return wanted;
    }

    private static PipelineStats run(Pipeline<Void> pipeline) throws InterruptedException {
        try (PipelineRun<Void> run = pipeline.start()) {
            run.await();
            return run.stats();
        } catch (PipelineException e) {
            // The reader and the results say in their own words what is wrong with which file.
            if (e.getCause() instanceof CommandFailure) {
                throw (CommandFailure) e.getCause();
            }
            throw e;
        }
    }
}
