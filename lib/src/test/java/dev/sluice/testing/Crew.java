package dev.sluice.testing;

import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Threads of a test; closing it joins them and reports what they threw. */
public final class Crew implements AutoCloseable {
    private static final Set<Thread.State> PARKED = EnumSet.of(Thread.State.WAITING, Thread.State.TIMED_WAITING);

    private final ThreadKind kind;
    private final List<Member<?>> members = new ArrayList<>();

    public Crew(ThreadKind kind) {
        this.kind = kind;
    }

    /** What a thread of the crew does. */
    public interface Action {
        void run() throws Exception;
    }

    public <T> Member<T> start(Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(work);
        Member<T> member = new Member<>(task, kind.factory().newThread(task));
        members.add(member);
        member.thread.start();
        return member;
    }

    public Member<Void> run(Action work) {
        return start(() -> {
            work.run();
            return null;
        });
    }

    @Override
    public void close() throws Exception {
        for (Member<?> member : members) {
            member.result();
        }
    }

    /** One thread of the crew. */
    public record Member<T>(FutureTask<T> task, Thread thread) {
        public T result() throws Exception {
            try {
                return task.get(Rounds.patienceSeconds(), TimeUnit.SECONDS);
            } catch (TimeoutException e) {
                AssertionError hang = new AssertionError(thread + " still runs");
                hang.setStackTrace(thread.getStackTrace());
                throw hang;
            }
        }

        public Member<T> awaitParked() {
            await().until(() -> PARKED.contains(thread.getState()));
            return this;
        }

        public void interrupt() {
            thread.interrupt();
        }
    }
}
