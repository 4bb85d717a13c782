package dev.sluice.examples.enrich;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.examples.enrich.RawRecord.Shape;
import dev.sluice.examples.io.CommandFailure;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class RecordReaderTest {
    private static final int LIMIT = 1 << 20;

    private static final String[] PIECES = {
        "a", "b", ",", ",", "\"", "\"", "\"", "\"\"", "\n", "\n", "\r", "\r\n", " ", "é", "😀", "#", "\uFEFF", "\t"
    };

    @Test
    @Timeout(value = 600, unit = TimeUnit.SECONDS)
    void readsLikeTheDefinitionWhateverTheText() {
        Random random = new Random(7);
        int rounds =
                (int) Math.max(20_000, 2_000_000 * Double.parseDouble(System.getProperty("sluice.rounds", "0.01")));
        for (int round = 0; round < rounds; round++) {
            // Often so short that quotes are given up because of the distance.
            int limit = random.nextInt(4) == 0 ? random.nextInt(12) : LIMIT;
            String text = text(random, 1 + random.nextInt(30));
            // The first such character is a mark that is dropped, not text.
            String expected = text.startsWith("\uFEFF") ? text.substring(1) : text;
            List<Optional<List<String>>> cells = cells(read(text, limit, random));
            if (!cells.equals(PlainCsv.read(expected, limit))) {
                assertThat(cells)
                        .as("seed 7, round %d, limit %d, text <%s>", round, limit, text)
                        .isEqualTo(PlainCsv.read(expected, limit));
            }
        }
    }

    @Test
    void accountsForEveryCharacter() {
        Random random = new Random(8);
        for (int round = 0; round < 20_000; round++) {
            String text = "x" + text(random, 30);
            StringBuilder seen = new StringBuilder();
            read(text, 8, random).forEach(record -> seen.append(record.text()));
            String dropped = text.replaceAll("[\r\n]", "").replace("\"\"", "");
            assertThat(seen.toString().replaceAll("[\r\n]", "").replace("\"\"", ""))
                    .as("seed 8, round %d, text <%s>", round, text)
                    .isEqualTo(dropped);
        }
    }

    @Test
    void numbersTheLineOnWhichARecordBegins() {
        String text = "h\n\n\"two\nlines\"\r\nfive\rsix\n\"open\nseven and more\n";

        assertThat(read(text, LIMIT, new Random(1)))
                .containsExactly(
                        new RawRecord(1, "h", Shape.REGULAR),
                        new RawRecord(3, "\"two\nlines\"", Shape.REGULAR),
                        new RawRecord(5, "five", Shape.REGULAR),
                        new RawRecord(6, "six", Shape.REGULAR),
                        new RawRecord(7, "\"open", Shape.UNCLOSED),
                        new RawRecord(8, "seven and more", Shape.REGULAR));
    }

    @Test
    void anUnclosedQuoteCostsTheLineOnWhichTheRecordBegan() {
        String text = "\"a\nb\",\"c\r\nd,e\r\nf\n";

        assertThat(read(text, LIMIT, new Random(1)))
                .containsExactly(
                        new RawRecord(1, "\"a", Shape.UNCLOSED),
                        new RawRecord(2, "b\",\"c", Shape.UNCLOSED),
                        new RawRecord(3, "d,e", Shape.REGULAR),
                        new RawRecord(4, "f", Shape.REGULAR));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void aQuoteMayCloseAsFarAsTwoToTheTwentiethAway(int beyond) {
        // The record's first character has the distance 0, so that the closing quote has the distance LIMIT + beyond -
        // 1.
        String text = "\"" + "😀\n".repeat(10) + "y".repeat(LIMIT - 22 + beyond) + "\"\nlast\n";

        List<RawRecord> records = read(text, LIMIT, new Random(1));

        assertThat(cells(records)).isEqualTo(PlainCsv.read(text, LIMIT));
        assertThat(records.get(0).shape() == Shape.UNCLOSED).isEqualTo(beyond == 2);
    }

    @Test
    void bytesThatAreNotUtf8AreSeenAndKeptApart() throws IOException {
        byte[] bytes = "a,\u00FCb\nc,\u20AC\n".getBytes(StandardCharsets.UTF_8);
        bytes[2] = (byte) 0xFC;
        bytes[3] = 'x';

        List<RawRecord> records = all(new RecordReader("feed", channel(bytes, new Random(1)), LIMIT, 16));

        assertThat(Utf8Reader.isText(records.get(0).text())).isFalse();
        assertThat(Utf8Reader.printable(records.get(0).text())).isEqualTo("a,\uFFFDxb");
        assertThat(records.get(1)).isEqualTo(new RawRecord(2, "c,\u20AC", Shape.REGULAR));
    }

    @Test
    void aTruncatedCharacterAtTheEndIsNotText() throws IOException {
        byte[] bytes = {'a', (byte) 0xE2, (byte) 0x82};

        List<RawRecord> records = all(new RecordReader("feed", channel(bytes, new Random(1)), LIMIT, 16));

        assertThat(records).hasSize(1);
        assertThat(Utf8Reader.printable(records.get(0).text())).isEqualTo("a\uFFFD\uFFFD");
    }

    @Test
    void refusesARecordThatWouldFillTheMemory() throws IOException {
        byte[] bytes = "x".repeat((1 << 22) + 1).getBytes(StandardCharsets.UTF_8);
        RecordReader reader =
                new RecordReader("feed.csv", Channels.newChannel(new ByteArrayInputStream(bytes)), LIMIT, 1 << 16);

        assertThatThrownBy(reader::hasNext)
                .isInstanceOf(CommandFailure.class)
                .hasMessage("feed.csv: the record that begins on line 1 is longer than 4194304 characters");
    }

    private static String text(Random random, int pieces) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < pieces; i++) {
            text.append(PIECES[random.nextInt(PIECES.length)]);
        }
        return text.toString();
    }

    private static List<Optional<List<String>>> cells(List<RawRecord> records) {
        List<Optional<List<String>>> cells = new ArrayList<>();
        for (RawRecord record : records) {
            cells.add(
                    record.shape() == Shape.UNCLOSED
                            ? Optional.empty()
                            : Optional.of(List.of(CellParser.cells(record))));
        }
        return cells;
    }

    private static List<RawRecord> read(String text, int limit, Random random) {
        return all(new RecordReader("feed", channel(text.getBytes(StandardCharsets.UTF_8), random), limit, 16));
    }

    private static List<RawRecord> all(RecordReader reader) {
        List<RawRecord> records = new ArrayList<>();
        reader.forEachRemaining(records::add);
        return records;
    }

    /** Gives the bytes in pieces of all sizes, as a pipe does. */
    private static ReadableByteChannel channel(byte[] bytes, Random random) {
        ByteBuffer rest = ByteBuffer.wrap(bytes);
        return new ReadableByteChannel() {
            @Override
            public int read(ByteBuffer into) {
                if (!rest.hasRemaining()) {
                    return -1;
                }
                int most = rest.remaining() > 100 ? 4096 : 5;
                int count = Math.min(1 + random.nextInt(most), Math.min(rest.remaining(), into.remaining()));
                into.put(rest.slice(rest.position(), count));
                rest.position(rest.position() + count);
                return count;
            }

            @Override
            public boolean isOpen() {
                return true;
            }

            @Override
            public void close() {}
        };
    }
}
