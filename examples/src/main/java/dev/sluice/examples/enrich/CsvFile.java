package dev.sluice.examples.enrich;

import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.QuoteStrategy;
import dev.sluice.examples.io.CommandFailure;
import dev.sluice.examples.io.OutputFile;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** A CSV file that is being written: RFC 4180, UTF-8. Not thread-safe. Failures to write are {@link CommandFailure}s. */
final class CsvFile implements Closeable {
    private final OutputFile file;
    private final CsvWriter writer;

    private CsvFile(OutputFile file, QuoteStrategy quotes) {
        this.file = file;
        this.writer = CsvWriter.builder().quoteStrategy(quotes).build(file.stream(), StandardCharsets.UTF_8);
    }

    static CsvFile create(String name, QuoteStrategy quotes) {
        return new CsvFile(OutputFile.open(name), quotes);
    }

    OutputFile file() {
        return file;
    }

    void write(Iterable<String> cells) {
        try {
            writer.writeRecord(cells);
        } catch (UncheckedIOException e) {
            throw failure(e.getCause());
        }
    }

    /** Writes what is still in memory; nothing can be written after it. */
    void end() {
        try {
            writer.close();
        } catch (IOException e) {
            throw failure(e);
        }
    }

    private CommandFailure failure(IOException cause) {
        return new CommandFailure("cannot write " + file.name(), cause);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
