package dev.sluice.examples.io;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The bytes of a file, or of the standard input for {@code -}.
 *
 * <p>A channel and not a stream, because an interrupt ends a read that waits: a pipeline that has failed is not held up
 * by a terminal at which nobody types.
 */
public final class Input implements ReadableByteChannel {
    /** The name that stands for the standard input. */
    public static final String STANDARD = "-";

    private final String name;
    private final FileChannel channel;
    private final long size;
    private volatile long bytesRead;

    private Input(String name, FileChannel channel, long size) {
        this.name = name;
        this.channel = channel;
        this.size = size;
    }

    /**
     * Opens {@code name} for reading.
     *
     * @throws CommandFailure when it cannot be read
     */
    public static Input open(String name) {
        if (name.equals(STANDARD)) {
            return new Input("the standard input", new FileInputStream(FileDescriptor.in).getChannel(), -1);
        }
        Path path = FileName.path(name);
        try {
            if (Files.isDirectory(path)) {
                throw new IOException("it is a folder");
            }
            long size = Files.isRegularFile(path) ? Files.size(path) : -1;
            return new Input(name, FileChannel.open(path, StandardOpenOption.READ), size);
        } catch (IOException e) {
            throw new CommandFailure("cannot read " + name, e);
        }
    }

    /** What to call it in a message. */
    public String name() {
        return name;
    }

    /** The number of bytes, or -1 when nobody knows. */
    public long size() {
        return size;
    }

    /** How many bytes have been read. By any thread. */
    public long bytesRead() {
        return bytesRead;
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        int count = channel.read(into);
        if (count > 0) {
            bytesRead = bytesRead + count; // by the one thread that reads
        }
        return count;
    }

    @Override
    public boolean isOpen() {
        return channel.isOpen();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
