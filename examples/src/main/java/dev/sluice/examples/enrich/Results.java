package dev.sluice.examples.enrich;

import de.siegmar.fastcsv.writer.QuoteStrategy;
import dev.sluice.examples.enrich.Line.Reject;
import dev.sluice.examples.enrich.Line.Row;
import dev.sluice.examples.io.CommandFailure;
import dev.sluice.examples.io.OutputFile;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where lines end up: rows in the output, rejects in the rejects file if there is one. Not thread-safe. */
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
    private long written;
    private long rejected;
    private @Nullable Reject firstReject;

    private Results(CsvFile out, @Nullable CsvFile rejects) {
        this.out = out;
        this.rejects = rejects;
    }

    /** Opens the files and writes their headers. */
    static Results open(Request request, Header feed) throws IOException {
        CsvFile out = CsvFile.create(request.out(), WHERE_NEEDED);
        try {
            String name = request.rejects();
            CsvFile rejects = name == null ? null : CsvFile.create(name, RAW_TEXT_ALWAYS);
            Results results = new Results(out, rejects);
            results.writeHeaders(request, feed);
            return results;
        } catch (CommandFailure e) {
            out.close();
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

    void write(Line line) {
        if (line instanceof Row) {
            out.write(((Row) line).cells());
            written++;
        } else {
            reject((Reject) line);
        }
    }

    private void reject(Reject reject) {
        RawRecord source = reject.source().record();
        if (rejects != null) {
            rejects.write(List.of(Long.toString(source.line()), reject.reason(), Utf8Reader.printable(source.text())));
        }
        rejected++;
        firstReject = firstReject == null ? reject : firstReject;
    }

    /** Makes the files appear under their names. */
    void finish() {
        List<OutputFile> files = new ArrayList<>();
        for (CsvFile file : rejects == null ? List.of(out) : List.of(out, rejects)) {
            file.end();
            files.add(file.file());
        }
        try {
            OutputFile.finish(files);
        } catch (IOException e) {
            throw new CommandFailure("cannot write " + out.file().name(), e);
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
                CsvFile second = rejects) {
            // Both are closed, the second also when the first fails.
        }
    }
}
