package dev.sluice.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;

/**
 * Plain threads that work together: each is started for one piece of work, and {@link #join} waits for all. When one fails
 * the others are interrupted, so that a lost element is a failed benchmark and no hang. Used by one thread.
 */
final class Crew {
    private final List<Thread> threads = new ArrayList<>();
    private final ExecutorCompletionService<Void> ends = new ExecutorCompletionService<>(this::startThread);

    /** A piece of work. */
    interface Part {
        void run() throws Exception;
    }

    void start(Part part) {
        Callable<Void> work = () -> {
            part.run();
            return null;
        };
        ends.submit(work);
    }

    void join() throws InterruptedException, ExecutionException {
        try {
            for (int ended = 0; ended < threads.size(); ended++) {
                ends.take().get();
            }
        } finally {
            threads.forEach(Thread::interrupt);
        }
    }

    /** A thread for executors that want a factory of them. */
    static Thread daemon(Runnable work) {
        Thread thread = new Thread(work, "peer");
        thread.setDaemon(true);
        return thread;
    }

    private void startThread(Runnable work) {
        Thread thread = new Thread(work, "crew-" + (threads.size() + 1));
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
    }
}
