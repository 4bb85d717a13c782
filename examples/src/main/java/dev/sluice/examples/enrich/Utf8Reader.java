package dev.sluice.examples.enrich;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Decodes UTF-8 without hiding what is none: each byte that is no part of a character becomes a surrogate that stands
 * alone, which no UTF-8 text decodes to, so that {@link #isText} can tell afterwards.
 */
final class Utf8Reader implements Closeable {
    /** The room that {@link #read} needs to get on. */
    static final int ROOM = 8;

    private static final char NO_TEXT = 0xDC00;
    private static final char REPLACEMENT = 0xFFFD;

    private final ReadableByteChannel channel;
    private final ByteBuffer bytes = ByteBuffer.allocate(1 << 16).flip();
    private final CharsetDecoder decoder = StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    private boolean ended;

    Utf8Reader(ReadableByteChannel channel) {
        this.channel = channel;
    }

    /** Puts at least one character into {@code into}, which has {@link #ROOM}; false at the end. */
    boolean read(CharBuffer into) throws IOException {
        int before = into.position();
        while (into.position() == before) {
            CoderResult result = decoder.decode(bytes, into, ended);
            if (result.isMalformed()) {
                keep(result.length(), into);
            } else if (into.position() == before) {
                if (ended) {
                    return false;
                }
                refill();
            }
        }
        return true;
    }

    private void keep(int malformed, CharBuffer into) {
        // With no room for all of it the decoder finds it again at the next read.
        if (into.remaining() >= malformed) {
            for (int i = 0; i < malformed; i++) {
                into.put((char) (NO_TEXT + (bytes.get() & 0xFF)));
            }
        }
    }

    private void refill() throws IOException {
        bytes.compact();
        ended = channel.read(bytes) < 0;
        bytes.flip();
    }

    /** Whether {@code decoded} was UTF-8. */
    static boolean isText(String decoded) {
        for (int i = 0; i < decoded.length(); i++) {
            char c = decoded.charAt(i);
            if (Character.isHighSurrogate(c)) {
                i++;
            } else if (Character.isLowSurrogate(c)) {
                return false;
            }
        }
        return true;
    }

    /** The text with the usual sign in the place of each byte that was none. */
    static String printable(String decoded) {
        if (isText(decoded)) {
            return decoded;
        }
        StringBuilder text = new StringBuilder(decoded);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isHighSurrogate(c)) {
                i++;
            } else if (Character.isLowSurrogate(c)) {
                text.setCharAt(i, REPLACEMENT);
            }
        }
        return text.toString();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
