package dev.sluice.examples.checksum;

import dev.sluice.examples.io.CommandFailure;
import dev.sluice.examples.io.FileName;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.BiConsumer;

/**
 * The regular files under a folder, ordered by the bytes of their names, links not followed.
 *
 * <p>In memory are the entries of one folder on each level. That is enough for the order of whole names: a folder is
 * sorted among its neighbours as if its name ended with a slash, which is how the names of all that is in it go on.
 */
final class FileTree implements Iterator<FoundFile> {
    /** The encoding in which this virtual machine got its arguments. */
    private static final Charset NAMES = Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));

    private final BiConsumer<String, IOException> unreadable;
    /** What is still to come, the next one last; a folder is replaced by what is in it when its turn comes. */
    private final Deque<Entry> pending = new ArrayDeque<>();

    /**
     * Begins at {@code start}, which is printed as it was given.
     *
     * @param unreadable is told of each folder that cannot be read, and why
     * @throws CommandFailure when there is nothing of that name
     */
    FileTree(String start, BiConsumer<String, IOException> unreadable) {
        this.unreadable = unreadable;
        try {
            Path path = path(start);
            pending.push(new Entry(path, start.getBytes(NAMES), kind(path)));
        } catch (IOException e) {
            throw new CommandFailure("cannot read " + start, e);
        }
    }

    private enum Kind {
        FILE,
        FOLDER,
        OTHER
    }

    private record Entry(Path path, byte[] name, Kind kind) {}

    private static Path path(String start) throws IOException {
        Path path = FileName.path(start);
        if (start.isEmpty()) {
            throw new NoSuchFileException(start);
        }
        if (!start.endsWith("/")) {
            return path;
        }
        // A slash behind the name of a link means the folder that the link leads to; a path does not keep that slash.
        if (Files.exists(path) && !Files.isDirectory(path)) {
            throw new NotDirectoryException(start);
        }
        return path.toRealPath();
    }

    @Override
    public boolean hasNext() {
        while (!pending.isEmpty() && pending.peek().kind() != Kind.FILE) {
            Entry entry = pending.pop();
            if (entry.kind() == Kind.FOLDER) {
                entries(entry).forEach(pending::push);
            }
        }
        return !pending.isEmpty();
    }

    @Override
    public FoundFile next() {
        if (!hasNext()) {
            throw new NoSuchElementException("no more files");
        }
        Entry file = pending.pop();
        return new FoundFile(file.path(), file.name());
    }

    /** What is in a folder, last name first. */
    private List<Entry> entries(Entry folder) {
        List<Entry> entries = new ArrayList<>();
        byte[] prefix = withSlash(folder.name());
        try (DirectoryStream<Path> paths = Files.newDirectoryStream(folder.path())) {
            for (Path path : paths) {
                add(entries, prefix, path);
            }
        } catch (DirectoryIteratorException e) {
            unreadable.accept(text(folder), e.getCause());
        } catch (IOException e) {
            unreadable.accept(text(folder), e);
        }
        entries.sort(Collections.reverseOrder((a, b) -> Arrays.compareUnsigned(sortName(a), sortName(b))));
        return entries;
    }

    private void add(List<Entry> entries, byte[] prefix, Path path) {
        ByteArrayOutputStream name = new ByteArrayOutputStream();
        name.writeBytes(prefix);
        name.writeBytes(FoundFile.lastName(path));
        Entry entry = new Entry(path, name.toByteArray(), Kind.OTHER);
        try {
            entries.add(new Entry(path, entry.name(), kind(path)));
        } catch (IOException e) {
            unreadable.accept(text(entry), e);
        }
    }

    private static Kind kind(Path path) throws IOException {
        BasicFileAttributes attributes =
                Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (attributes.isDirectory()) {
            return Kind.FOLDER;
        }
        return attributes.isRegularFile() ? Kind.FILE : Kind.OTHER;
    }

    private static byte[] sortName(Entry entry) {
        return entry.kind() == Kind.FOLDER ? withSlash(entry.name()) : entry.name();
    }

    private static byte[] withSlash(byte[] name) {
        if (name.length > 0 && name[name.length - 1] == '/') {
            return name;
        }
        byte[] longer = Arrays.copyOf(name, name.length + 1);
        longer[name.length] = '/';
        return longer;
    }

    private static String text(Entry entry) {
        return new FoundFile(entry.path(), entry.name()).toString();
    }
}
