package dev.sluice.examples.fetch;

import dev.sluice.examples.io.CommandFailure;
import dev.sluice.examples.io.FileName;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * The URLs that the command's arguments name, read as they are needed. Each argument is a URL, a file with one on each
 * line, or {@code -} for the standard input. A line has at most 2^16 characters. Not thread-safe.
 */
final class UrlList implements Iterator<String>, Closeable {
    private static final int LONGEST = 1 << 16;

    private final Deque<String> arguments;
    private String name = "";
    private long line;
    private BufferedReader lines = new BufferedReader(new StringReader(""));
    private @Nullable String next;

    UrlList(List<String> arguments) {
        this.arguments = new ArrayDeque<>(arguments);
    }

    @Override
    public boolean hasNext() {
        try {
            while (next == null) {
                String text = readLine();
                if (text != null) {
                    next = text.isBlank() || text.strip().startsWith("#") ? null : text.strip();
                } else if (arguments.isEmpty()) {
                    return false;
                } else {
                    lines.close();
                    name = arguments.remove();
                    lines = open(name);
                    line = 0;
                }
            }
            return true;
        } catch (IOException e) {
            throw new CommandFailure("cannot read " + name, e);
        }
    }

    @Override
    public String next() {
        if (!hasNext()) {
            throw new NoSuchElementException("no more URLs");
        }
        String url = next;
        next = null;
        return url;
    }

    /** The next line without its end; null when there are no more. A file may be no list at all, and a line without an end. */
    private @Nullable String readLine() throws IOException {
        StringBuilder text = new StringBuilder();
        line++;
        int read = lines.read();
        if (read < 0) {
            return null;
        }
        for (; read >= 0 && read != '\n'; read = lines.read()) {
            if (text.length() == LONGEST) {
                throw new CommandFailure(name + ": line " + line + " is longer than " + LONGEST + " characters");
            }
            text.append((char) read);
        }
        return text.toString();
    }

    private static BufferedReader open(String argument) throws IOException {
        if (argument.matches("[A-Za-z][A-Za-z0-9+.-]*://.*")) {
            return new BufferedReader(new StringReader(argument));
        }
        return argument.equals("-")
                ? new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))
                : Files.newBufferedReader(FileName.path(argument));
    }

    @Override
    public void close() throws IOException {
        lines.close();
    }
}
