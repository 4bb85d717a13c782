package dev.sluice.examples.enrich;

import dev.sluice.examples.enrich.Line.Reject;
import dev.sluice.pipeline.PipelineStats;
import dev.sluice.pipeline.StageStats;
import java.io.PrintStream;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What has been done.
 *
 * @param read rows of the feed, its header and blank lines left out
 * @param written rows in the output
 * @param filtered rows that a condition kept out
 * @param rejected rows that could not be parsed or matched
 * @param irregular rows of the lookup table that could not be parsed
 * @param firstReject an example
 * @param stats where the time went
 */
record Report(
        long read,
        long written,
        long filtered,
        long rejected,
        long irregular,
        @Nullable Reject firstReject,
        PipelineStats stats) {
    static Report of(PipelineStats stats, Results results, LookupTable lookup) {
        long filtered = stats.stages().stream().mapToLong(StageStats::filtered).sum();
        return new Report(
                stats.stages().get(0).in(),
                results.written(),
                filtered,
                results.rejected(),
                lookup.irregular(),
                results.firstReject(),
                stats);
    }

    /** Prints the summary, with an example of a reject where they are in no file. */
    void print(PrintStream to, Request request) {
        to.printf(Locale.ROOT, "%,12d rows in%n%,12d out%n%,12d filtered%n", read, written, filtered);
        to.printf(Locale.ROOT, "%,12d rejected%n", rejected);
        to.printf(Locale.ROOT, "%12.1f seconds%n%n", stats.elapsed().toMillis() / 1000.0);
        to.println(stats);
        if (firstReject != null && request.rejects() == null) {
            to.printf(
                    "%nrejects are not kept without --rejects; the first is line %d: %s%n",
                    firstReject.source().record().line(), firstReject.reason());
        }
        if (irregular > 0) {
            to.printf(
                    Locale.ROOT,
                    "%n%,d irregular rows in %s, used where they have the columns needed%n",
                    irregular,
                    request.lookup());
        }
    }
}
