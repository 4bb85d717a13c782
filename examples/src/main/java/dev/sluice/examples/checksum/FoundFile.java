package dev.sluice.examples.checksum;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * A file, and its name byte for byte.
 *
 * @param path how to open it
 * @param name how to print it: the folder's name as it was given, and the way from there
 */
record FoundFile(Path path, byte[] name) {
    /**
     * The bytes of a path's last name. On Unix a name is bytes, in no encoding that one could rely on, and
     * {@link Path#toString} loses those that do not fit the locale; a URI has them all.
     */
    static byte[] lastName(Path path) {
        String uri = path.toUri().getRawPath();
        int end = uri.endsWith("/") ? uri.length() - 1 : uri.length();
        int start = uri.lastIndexOf('/', end - 1) + 1;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(end - start);
        for (int i = start; i < end; i++) {
            if (uri.charAt(i) == '%') {
                bytes.write(Integer.parseInt(uri.substring(i + 1, i + 3), 16));
                i += 2;
            } else {
                bytes.write(uri.charAt(i));
            }
        }
        return bytes.toByteArray();
    }

    /** The line that {@code sha256sum} prints for this file. */
    byte[] line(String sum) {
        ByteArrayOutputStream line = new ByteArrayOutputStream(name.length + sum.length() + 8);
        ByteArrayOutputStream escaped = new ByteArrayOutputStream(name.length + 8);
        for (byte b : name) {
            int escape = "\n\r\\".indexOf(b);
            if (escape < 0) {
                escaped.write(b);
            } else {
                escaped.write('\\');
                escaped.write("nr\\".charAt(escape));
            }
        }
        if (escaped.size() > name.length) {
            line.write('\\');
        }
        line.writeBytes((sum + "  ").getBytes(StandardCharsets.US_ASCII));
        line.writeBytes(escaped.toByteArray());
        line.write('\n');
        return line.toByteArray();
    }

    /** The name for a message. */
    @Override
    public String toString() {
        return new String(name, StandardCharsets.UTF_8);
    }
}
