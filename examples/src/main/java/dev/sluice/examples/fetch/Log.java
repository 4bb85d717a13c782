package dev.sluice.examples.fetch;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/** Says what has been saved as it comes, and keeps what has failed for the end. Thread-safe: a lock guards it all. */
final class Log {
    private final PrintStream out;
    private final ReentrantLock lock = new ReentrantLock();
    private final List<String> failures = new ArrayList<>();
    private long files;

    Log(PrintStream out) {
        this.out = out;
    }

    void saved(Download download, long bytes) {
        lock.lock();
        try {
            files++;
            out.println(download.file() + "\t" + bytes + "\t" + download.url());
        } finally {
            lock.unlock();
        }
    }

    void failed(String url, String reason) {
        lock.lock();
        try {
            failures.add(url + ": " + reason);
        } finally {
            lock.unlock();
        }
    }

    /** Lists the failures; true when there are none. */
    boolean finish(PrintStream errors) {
        lock.lock();
        try {
            errors.println("fetch: " + files + " saved, " + failures.size() + " failed");
            failures.forEach(failure -> errors.println("  " + failure));
            return failures.isEmpty();
        } finally {
            lock.unlock();
        }
    }
}
