package dev.sluice.examples.io;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** Why a command cannot do what it was asked to: one line for the person at the keyboard, exit status 2. */
public final class CommandFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** With a message that stands by itself: what was asked for and what is wrong with it. */
    public CommandFailure(String message) {
        super(message);
    }

    /** With a message that is followed by what went wrong below. */
    public CommandFailure(String message, IOException cause) {
        super(message + ": " + reason(cause), cause);
    }

    /** What went wrong in a few words; the JDK's own message is often no more than the file's name. */
    public static String reason(IOException failure) {
        if (failure instanceof NoSuchFileException) {
            return "no such file or folder";
        }
        if (failure instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (failure instanceof NotDirectoryException) {
            return "it is not a folder";
        }
        if (failure instanceof FileSystemException && ((FileSystemException) failure).getReason() != null) {
            return ((FileSystemException) failure).getReason();
        }
        return failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
    }
}
