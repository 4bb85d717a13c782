package dev.sluice.examples.enrich;

import dev.sluice.examples.enrich.RawRecord.Shape;
import dev.sluice.examples.io.CommandFailure;
import dev.sluice.examples.io.Input;
import java.io.Closeable;
import java.io.IOException;
import java.nio.CharBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * Cuts CSV text into records, blank ones left out. It finds where a record ends and leaves the cells to
 * {@link CellParser}.
 *
 * <p>A record ends with {@code \n}, {@code \r\n} or {@code \r} outside quotes. A quote opens a quoted cell only where
 * nothing of the cell has come yet. When it has not closed at the end of the input, or 2^20 characters after the
 * record's start, the line on which the record began is a record of its own, and reading goes on with the next line.
 *
 * <p>Memory: as much as the longest record. Each stretch of text is looked at twice at most, because a quote that
 * stays open means that there is no other to open within the same 2^20 characters.
 *
 * <p>Not thread-safe. The failure to read is a {@link CommandFailure}.
 */
final class RecordReader implements Iterator<RawRecord>, Closeable {
    private static final int LONGEST_WITH_QUOTE_OPEN = 1 << 20;
    private static final int LONGEST = 1 << 22;
    private static final int END = -1;

    private final String name;
    private final Utf8Reader reader;
    private final int longestWithQuoteOpen;
    private char[] buffer;
    private int start;
    private int end;
    private long line = 1;
    private @Nullable RawRecord next;

    RecordReader(Input input) {
        this(input.name(), input, LONGEST_WITH_QUOTE_OPEN, 1 << 16);
    }

    /** With other limits than the real ones, for tests. */
    RecordReader(String name, ReadableByteChannel input, int longestWithQuoteOpen, int bufferSize) {
        this.name = name;
        this.reader = new Utf8Reader(input);
        this.longestWithQuoteOpen = longestWithQuoteOpen;
        this.buffer = new char[bufferSize];
        if (peek(0) == 0xFEFF) {
            start = 1;
        }
    }

    @Override
    public boolean hasNext() {
        while (next == null && peek(0) != END) {
            RawRecord record = scan();
            next = record.isBlank() ? null : record;
        }
        return next != null;
    }

    @Override
    public RawRecord next() {
        if (!hasNext()) {
            throw new NoSuchElementException("no more records in " + name);
        }
        RawRecord record = next;
        next = null;
        return record;
    }

    private RawRecord scan() {
        Shape shape = Shape.REGULAR;
        boolean quoted = false;
        boolean cellIsEmpty = true;
        boolean quoteHasClosed = false;
        int pairs = 0;
        for (int at = 0; ; at++) {
            int c = peek(at);
            if (quoted) {
                // Characters are code points: a surrogate pair is one.
                if (c == END || at - pairs > longestWithQuoteOpen) {
                    return unclosed();
                }
                if (c != '"') {
                    cellIsEmpty = false;
                } else if (peek(at + 1) == '"') {
                    cellIsEmpty = false;
                    at++;
                } else {
                    quoted = false;
                    quoteHasClosed = true;
                }
            } else if (c == '"' && cellIsEmpty) {
                quoted = true;
            } else if (c == ',') {
                cellIsEmpty = true;
                quoteHasClosed = false;
            } else if (c == '\n' || c == '\r' || c == END) {
                return take(at, lineEnd(at, c), shape);
            } else {
                cellIsEmpty = false;
                shape = quoteHasClosed ? Shape.TEXT_AFTER_QUOTE : shape;
            }
            pairs += Character.isHighSurrogate((char) c) ? 1 : 0;
        }
    }

    private RawRecord unclosed() {
        int at = 0;
        int c = peek(at);
        while (c != '\n' && c != END) {
            c = peek(++at);
        }
        int lineEnd = c == END ? 0 : 1;
        boolean carriageReturn = at > 0 && peek(at - 1) == '\r';
        return carriageReturn ? take(at - 1, lineEnd + 1, Shape.UNCLOSED) : take(at, lineEnd, Shape.UNCLOSED);
    }

    private int lineEnd(int at, int c) {
        if (c == END) {
            return 0;
        }
        return c == '\r' && peek(at + 1) == '\n' ? 2 : 1;
    }

    private RawRecord take(int length, int lineEnd, Shape shape) {
        RawRecord record = new RawRecord(line, new String(buffer, start, length), shape);
        int until = start + length + lineEnd;
        for (int i = start; i < until; i++) {
            boolean firstOfTwo = buffer[i] == '\r' && i + 1 < until && buffer[i + 1] == '\n';
            if ((buffer[i] == '\n' || buffer[i] == '\r') && !firstOfTwo) {
                line++;
            }
        }
        start = until;
        return record;
    }

    /** The character at {@code offset} from the record's start, or {@code END}. */
    private int peek(int offset) {
        return start + offset < end || fill(offset) ? buffer[start + offset] : END;
    }

    private boolean fill(int offset) {
        if (offset > LONGEST) {
            throw new CommandFailure(
                    name + ": the record that begins on line " + line + " is longer than " + LONGEST + " characters");
        }
        try {
            while (start + offset >= end) {
                makeRoom();
                CharBuffer room = CharBuffer.wrap(buffer, end, buffer.length - end);
                if (!reader.read(room)) {
                    return false;
                }
                end = room.position();
            }
            return true;
        } catch (IOException e) {
            throw new CommandFailure("cannot read " + name, e);
        }
    }

    private void makeRoom() {
        if (buffer.length - end >= Utf8Reader.ROOM) {
            return;
        }
        int length = end - start;
        char[] larger = length > buffer.length / 2 ? new char[buffer.length * 2] : buffer;
        System.arraycopy(buffer, start, larger, 0, length);
        buffer = larger;
        start = 0;
        end = length;
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }
}
