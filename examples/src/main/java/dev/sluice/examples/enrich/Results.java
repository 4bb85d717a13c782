package dev.sluice.examples.enrich;

import de.siegmar.fastcsv.writer.QuoteStrategy;
import dev.sluice.examples.enrich.Line.Reject;
import dev.sluice.examples.enrich.Line.Row;
import dev.sluice.examples.io.CommandFailure;
import dev.sluice.examples.io.OutputFile;
import dev.sluice.pipeline.PipelineStats;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where lines end up: rows in the output, rejects in the rejects file if there is one; and the picture of the run. Rows
 * are written by one thread and rejects by another; the rest is done when neither writes.
 */
final class Results implements Closeable {
    private static final QuoteStrategy WHERE_NEEDED = new QuoteStrategy() {};
    private static final QuoteStrategy RAW_TEXT_ALWAYS = new QuoteStrategy() {
        @Override
        public boolean quoteValue(int line, int column, String value) {
            return line > 1 && column == 2;
        }
    };

    private final CsvFile out;
    private final @Nullable CsvFile rejects;
    private final @Nullable OutputFile diagram;
    private long written;
    private long rejected;
    private @Nullable Reject firstReject;
    private volatile @Nullable CommandFailure rejectsFailure;

    private Results(CsvFile out, @Nullable CsvFile rejects, @Nullable OutputFile diagram) {
        this.out = out;
        this.rejects = rejects;
        this.diagram = diagram;
    }

    /** Opens the files and writes their headers. */
    static Results open(Request request, Header feed) throws IOException {
        List<Closeable> opened = new ArrayList<>();
        try {
            CsvFile out = CsvFile.create(request.out(), WHERE_NEEDED);
            opened.add(out);
            CsvFile rejects = request.rejects() == null ? null : CsvFile.create(request.rejects(), RAW_TEXT_ALWAYS);
            if (rejects != null) {
                opened.add(rejects);
            }
            OutputFile diagram = request.diagram() == null ? null : OutputFile.open(request.diagram());
            Results results = new Results(out, rejects, diagram);
            opened.add(results);
            results.writeHeaders(request, feed);
            return results;
        } catch (CommandFailure e) {
            for (Closeable each : opened) {
                each.close();
            }
            throw e;
        }
    }

    private void writeHeaders(Request request, Header feed) {
        List<String> columns = new ArrayList<>(feed.columns());
        request.join().taken().forEach(taken -> columns.add(taken.as()));
        out.write(columns);
        if (rejects != null) {
            rejects.write(List.of("line", "reason", "raw"));
        }
    }

    void write(Row row) {
        if (rejectsFailure != null) {
            throw rejectsFailure;
        }
        out.write(row.cells());
        written++;
    }

    /** Does not throw: that a reject cannot be written is no matter of that reject, but fails the command. */
    void reject(Reject reject) {
        RawRecord source = reject.source().record();
        if (rejects != null && rejectsFailure == null) {
            try {
                rejects.write(
                        List.of(Long.toString(source.line()), reject.reason(), Utf8Reader.printable(source.text())));
            } catch (CommandFailure e) {
                rejectsFailure = e;
            }
        }
        rejected++;
        firstReject = firstReject == null ? reject : firstReject;
    }

    /** Makes the files appear under their names. */
    void finish(PipelineStats stats) {
        if (rejectsFailure != null) {
            throw rejectsFailure;
        }
        List<OutputFile> files = new ArrayList<>();
        for (CsvFile file : rejects == null ? List.of(out) : List.of(out, rejects)) {
            file.end();
            files.add(file.file());
        }
        if (diagram != null) {
            draw(diagram, stats);
            files.add(diagram);
        }
        try {
            OutputFile.finish(files);
        } catch (IOException e) {
            throw new CommandFailure("cannot write " + out.file().name(), e);
        }
    }

    private static void draw(OutputFile diagram, PipelineStats stats) {
        try (OutputStream stream = diagram.stream()) {
            stream.write(stats.toMermaid().getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new CommandFailure("cannot write " + diagram.name(), e);
        }
    }

    long written() {
        return written;
    }

    long rejected() {
        return rejected;
    }

    @Nullable
    Reject firstReject() {
        return firstReject;
    }

    @Override
    public void close() throws IOException {
        try (CsvFile first = out;
                CsvFile second = rejects;
                OutputFile third = diagram) {
            // All are closed, whichever of them fails.
        }
    }
}
