package dev.sluice.examples.io;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** Turns what was typed into a path. */
public final class FileName {
    private FileName() {}

    /**
     * The path that {@code name} names.
     *
     * @throws CommandFailure when no file can have that name, as in a locale that lacks its letters
     */
    public static Path path(String name) {
        try {
            return Path.of(name);
        } catch (InvalidPathException e) {
            throw new CommandFailure("no file can be called '" + name + "' here (file names are "
                    + System.getProperty("sun.jnu.encoding") + "; LC_ALL=C.UTF-8 makes them UTF-8)");
        }
    }
}
