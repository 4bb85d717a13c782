package dev.sluice.pipeline;

import dev.sluice.internal.Lending;
import dev.sluice.internal.Threads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * One run of a pipeline: its stages and links, and how it ends.
 *
 * <p><b>End.</b> {@code parties} counts who may still do something: each thread of the run, whoever starts or cancels
 * it, and the reader of an iterator. Who takes it to zero ends the run, once; nobody can join after that. A party tells
 * the discarded items before it leaves, so none are left when the run ends.
 *
 * <p><b>Abort.</b> The steps have an order: the stages are marked, then the links aborted, then the workers
 * interrupted. A worker clears its interrupt flag before it looks at the mark and at the link, so it cannot miss all
 * three.
 *
 * <p>There is no lock here. Those of the links, reorder windows and {@link Interrupts} are held for moments only, and
 * none while another is held.
 */
final class Execution {
    private static final long FIRST_PAUSE_NANOS = 1_000_000;
    private static final long LONGEST_PAUSE_NANOS = 100_000_000;
    private static final long GRACE_NANOS = 100_000_000;
    private static final long MEMORY_PAUSE_NANOS = 1_000_000;

    private final Plan plan;
    private final String name;
    private final Wiring wiring;
    private final List<StageRun> stages;
    private final List<RunEnd> ends;
    /** All of them, so that a run can be aborted without memory. */
    private final List<Link> links;

    /** Those that have been started; added to by parties only. */
    private final List<Thread> threads = new CopyOnWriteArrayList<>();

    private final Set<Thread> members = ConcurrentHashMap.newKeySet();
    private final AtomicInteger parties = new AtomicInteger(1);
    private final FirstFailure failure = new FirstFailure();
    private final Notices notices;
    private final CompletableFuture<@Nullable Object> result = new CompletableFuture<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final long begun = System.nanoTime();
    /** How long the run took; negative until it has ended. */
    private volatile long duration = -1;

    /** Set before there are other threads; null when nobody listens. */
    private @Nullable Progress progress;

    private volatile boolean seen;

    Execution(String name, Plan plan) {
        this.name = name;
        this.plan = plan;
        this.notices = new Notices(this);
        this.wiring = new Wiring(this, plan);
        this.stages = wiring.stages();
        this.ends = wiring.ends();
        this.links = List.copyOf(wiring.linksInto(new BitSet(), plan.size()));
    }

    /** A link into stage number {@code index}, or into what is behind the stages. */
    Link link(int index, String stage, Settings settings, List<Way> inputs, Link.Side takers) {
        Link.Side putters = inputs.stream()
                .map(way -> way.from().settings().putters())
                .reduce(Link.Side::and)
                .orElseThrow();
        return link(index, stage, settings, putters, takers);
    }

    private Link link(int index, String stage, Settings settings, Link.Side putters, Link.Side takers) {
        return Link.of(stage, settings, putters, takers, new Link.Owner() {
            @Override
            public void broken(Throwable cause) {
                fail(new PipelineException(stage, -1, cause), index);
            }

            @Override
            public void discarded(Object item, @Nullable Throwable reason) {
                discard(item, stage, reason == null ? stopReason() : reason);
            }
        });
    }

    /** The link to somebody who reads the results of the run. */
    Link readersLink(String reader, List<Way> inputs) {
        return link(plan.size(), reader, Settings.DEFAULT, inputs, Link.Side.MANY);
    }

    String name() {
        return name;
    }

    /** The link to a source's worker from who gives the source its items. */
    Link sourceLink(int index, String stage) {
        // Each put calls who sleeps: the putter takes part in nothing else.
        return link(index, stage, Settings.DEFAULT, Link.Side.STEPS, Link.Side.ONE);
    }

    Notices notices() {
        return notices;
    }

    /** Whether a source of the run is told what became of its items. */
    boolean isTold() {
        return plan.isTold();
    }

    void start() {
        try {
            startProgress();
            StallWatch.begin(this);
            // All before the first begins: who fails stops the others' workers, and they leave.
            for (int i = 0; i < stages.size(); i++) {
                joins(stages.get(i).workers().size());
            }
            // Downstream first: who produces finds the consumers there.
            for (int i = stages.size() - 1; i >= 0; i--) {
                start(stages.get(i));
            }
            if (isThereAtOnce()) {
                result.complete(value());
            }
        } catch (Throwable e) {
            // Nobody will have this run in hand.
            stages.get(0).breakDown(e);
            throw e;
        } finally {
            leave();
        }
    }

    private void startProgress() {
        Progress.Choice choice = plan.onProgress();
        if (choice == null) {
            return;
        }
        Progress asked = new Progress(this, choice);
        try {
            Thread thread = plan.threads().apply(name + "-progress-").newThread(asked);
            thread.start();
            threads.add(thread);
            progress = asked;
        } catch (Throwable e) {
            // OutOfMemoryError among them. The work can do without, if it gets threads itself.
            LoggerFactory.getLogger(ProgressListener.class).warn("{}: there is no thread for the listener", this, e);
        }
    }

    /** Throws nothing: those that have been counted are to come, and to leave. */
    private void start(StageRun stage) {
        List<Hand> workers = stage.workers();
        if (stage.sharesThreads()) {
            for (int i = 0; i < workers.size(); i++) {
                workers.get(i).call();
            }
            return;
        }
        int started = 0;
        try {
            stage.threads(plan.threads().apply(name + "-" + stage.name() + "-"));
            while (started < workers.size() && !stage.isAborted()) {
                start(stage, workers.get(started));
                started++;
            }
        } catch (Throwable e) {
            // OutOfMemoryError among them: the system has no more threads.
            stage.breakDown(e);
        } finally {
            for (int i = started; i < workers.size(); i++) {
                workers.get(i).neverStarts();
            }
        }
    }

    /** Has a worker begin, who has been counted already. */
    void start(StageRun stage, Hand worker) {
        if (stage.sharesThreads()) {
            worker.call();
            return;
        }
        Thread thread = Objects.requireNonNull(stage.threads()).newThread(worker);
        threads.add(thread);
        thread.start();
    }

    StageRun stage(String wanted) {
        for (StageRun stage : stages) {
            if (stage.name().equals(wanted)) {
                return stage;
            }
        }
        List<String> names = stages.stream().map(StageRun::name).toList();
        throw new IllegalArgumentException("name must be that of a stage, " + names + ", but was '" + wanted + "'");
    }

    void resize(StageRun stage, int workers) {
        if (!join()) {
            return;
        }
        try {
            threads.removeIf(thread -> thread.getState() == Thread.State.TERMINATED);
            stage.resize(workers);
        } finally {
            leave();
        }
    }

    /** Runs the body in a new thread of the run, or here when there is none to be had. */
    void startThread(String stage, Runnable body) {
        if (!tryStartThread(stage, body)) {
            body.run();
        }
    }

    private boolean tryStartThread(String stage, Runnable body) {
        try {
            return Threads.start(
                            thread -> plan.threads()
                                    .apply(name + "-" + stage + "-end-")
                                    .newThread(thread),
                            body)
                    == null;
        } catch (Throwable e) {
            // Without memory: it has not begun.
            return false;
        }
    }

    /**
     * The calling thread, which has been counted already, is one of the run; false when it is that already, because what it
     * does for the run is nested.
     */
    boolean enter() {
        return members.add(Thread.currentThread());
    }

    void exit() {
        members.remove(Thread.currentThread());
    }

    /** Counts one more party; false when the run has ended. */
    boolean join() {
        int count = parties.get();
        while (count > 0 && !parties.compareAndSet(count, count + 1)) {
            count = parties.get();
        }
        return count > 0;
    }

    /** Counts some more; by a party. */
    void joins(int more) {
        parties.addAndGet(more);
    }

    /**
     * The discard handler and what depends on the result may be called here: as by a thread of the run, which must not
     * wait for it.
     */
    void leave() {
        boolean entered = false;
        try {
            entered = members.add(Thread.currentThread());
            notices.tell();
        } catch (OutOfMemoryError e) {
            // What has not been told is, by the last who leaves.
        } finally {
            // Whatever happens: a party that does not leave keeps the run from its end for ever.
            if (parties.decrementAndGet() == 0) {
                finish();
            }
            if (entered) {
                members.remove(Thread.currentThread());
            }
        }
    }

    /** Not for others to interrupt, as the end of the source is not. */
    private void endSources() {
        boolean interrupted = Thread.interrupted();
        for (StageRun stage : stages) {
            try {
                stage.runEnds();
            } catch (Throwable e) {
                failure.record(stage.failure(-1, e));
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void finish() {
        try {
            notices.tellRest();
            endSources();
        } finally {
            StallWatch.end(this);
            duration = System.nanoTime() - begun;
            if (progress != null) {
                progress.end();
            } else {
                complete();
            }
        }
    }

    /** Gives the result, for which a future takes memory; somebody waits for it. By whoever is the last. */
    void complete() {
        while (!result.isDone()) {
            try {
                giveResult();
            } catch (OutOfMemoryError e) {
                awaitMemory();
            }
        }
        ended.countDown();
    }

    /** For who has to end something, and has no memory for it: there may be some in a moment. */
    static void awaitMemory() {
        LockSupport.parkNanos(MEMORY_PAUSE_NANOS);
    }

    private void giveResult() {
        RuntimeException cause = failure.get();
        if (cause == null) {
            result.complete(value());
        } else {
            result.completeExceptionally(cause);
        }
    }

    List<StageRun> stages() {
        return stages;
    }

    List<Thread> threads() {
        return threads;
    }

    boolean hasEnded() {
        return parties.get() == 0;
    }

    boolean isThereAtOnce() {
        return ends.get(0).isThereAtOnce();
    }

    private @Nullable Object value() {
        return ends.get(0).value();
    }

    boolean isMember() {
        return members.contains(Thread.currentThread());
    }

    CompletableFuture<@Nullable Object> result() {
        return result;
    }

    @Nullable
    RuntimeException failure() {
        return failure.get();
    }

    /** A stage has failed: what is downstream of it finishes, what is upstream is stopped. */
    void fail(PipelineException cause, int stage) {
        failure.record(cause);
        abortUpstream(stage, cause);
    }

    /**
     * Records that an ordered stage has failed, on an input from before that of the failure {@code later}, if there is
     * one. The stage records one failure at a time, with its lock, and then calls {@link #abortUpstream}.
     *
     * @return false when the run has failed elsewhere: then the stage calls {@link #suppress}, without its lock
     */
    boolean recordBefore(@Nullable PipelineException later, PipelineException cause) {
        return failure.recordBefore(later, cause);
    }

    void failNow(PipelineException cause) {
        failure.record(cause);
        abortAll(cause);
    }

    /** Attaches a later failure to the first, unless it only tells that its thread was interrupted. */
    void suppress(Throwable later) {
        failure.suppress(later);
    }

    /** Stops what number {@code stage} stops by failing, and empties the links into that. */
    void abortUpstream(int stage, Throwable reason) {
        List<StageRun> stopped;
        List<Link> emptied;
        try {
            BitSet numbers = plan.stoppedBy(stage);
            stopped = numbers.stream().mapToObj(stages::get).toList();
            emptied = wiring.linksInto(numbers, stage);
        } catch (OutOfMemoryError e) {
            // It cannot be found out which.
            abortAll(reason);
            return;
        }
        abort(stopped, emptied, reason);
    }

    /** Takes no memory, which may be the reason. */
    private void abortAll(Throwable reason) {
        abort(stages, links, reason);
        for (int i = 0; i < ends.size(); i++) {
            try {
                ends.get(i).abort();
            } catch (Throwable e) {
                failure.suppress(e);
            }
        }
    }

    /** Each step, whatever has become of the one before: somebody waits for it. */
    private void abort(List<StageRun> stopped, List<Link> emptied, Throwable reason) {
        for (int i = 0; i < stopped.size(); i++) {
            stopped.get(i).markAborted(reason);
        }
        for (int i = 0; i < emptied.size(); i++) {
            try {
                emptied.get(i).abort(reason);
            } catch (Throwable e) {
                failure.suppress(e);
            }
        }
        // Those too that another abort has marked: it may not have come this far. To be stopped twice does no harm.
        for (int i = 0; i < stopped.size(); i++) {
            try {
                stopped.get(i).stop(reason);
            } catch (Throwable e) {
                failure.suppress(e);
            }
        }
    }

    void cancel() {
        if (join()) {
            try {
                CancellationException reason = new CancellationException("the run of " + name + " was cancelled");
                failure.recordIfFirst(reason);
                abortAll(reason);
            } finally {
                leave();
            }
        }
    }

    DrainReport drain(long nanos) throws InterruptedException {
        if (isMember()) {
            throw new IllegalStateException("a thread of the run of " + name + " must not wait for its end");
        }
        notices.keep();
        stages.forEach(StageRun::cut);
        List<DrainReport.StillRunning> running = List.of();
        AtomicBoolean drained = new AtomicBoolean();
        Lending.during(() -> drained.set(awaitDrained(nanos)));
        if (!drained.get()) {
            running = stages.stream().flatMap(stage -> stage.running().stream()).toList();
            cancel();
            // Who heeds the interrupt hands back what it has.
            ended.await(GRACE_NANOS, TimeUnit.NANOSECONDS);
        }
        return new DrainReport(hasEnded() && failure.get() == null, notices.kept(), running);
    }

    private boolean awaitDrained(long nanos) throws InterruptedException {
        long begin = System.nanoTime();
        long pause = FIRST_PAUSE_NANOS;
        long left = nanos;
        while (!ended.await(Math.min(pause, left), TimeUnit.NANOSECONDS)) {
            left = nanos - (System.nanoTime() - begin);
            if (left <= 0) {
                return false;
            }
            stages.forEach(StageRun::hurry);
            pause = Math.min(2 * pause, LONGEST_PAUSE_NANOS);
        }
        return true;
    }

    /** Somebody has been told of the failure, or is about to be. */
    void failureSeen() {
        seen = true;
    }

    void close() {
        cancel();
        if (isMember()) {
            if (hasEnded()) {
                return;
            }
            throw new IllegalStateException("a thread of the run of " + name + " must not wait for its end");
        }
        if (ended.getCount() > 0) {
            Uninterruptibly.lending(ended::await);
        }
        threads.forEach(Uninterruptibly::join);
        if (failure.get() instanceof PipelineException unseen && !seen) {
            seen = true;
            LoggerFactory.getLogger(PipelineRun.class)
                    .warn("{} was closed and nobody asked how it ended: {}", this, unseen.toString());
        }
    }

    /** Why work is discarded for which no other reason is known. */
    Throwable stopReason() {
        RuntimeException recorded = failure.get();
        return recorded != null ? recorded : new CancellationException("the run is being stopped");
    }

    void discard(Object item, String stage, Throwable reason) {
        Object given = Tracked.item(item);
        try {
            DiscardHandler handler = plan.onDiscard();
            notices.add(() -> handler.discarded(given, stage, reason));
            notices.discarded(given, stage);
            Tracked.refuse(item, reason);
        } catch (OutOfMemoryError e) {
            untold(e);
        }
    }

    /** There is no memory to tell of an item that is discarded. A run that does not fail already must do so for it. */
    void untold(OutOfMemoryError cause) {
        if (failure.get() == null) {
            throw cause;
        }
    }

    /** By a party, without a lock, while the run may go on for long. */
    void tellDiscards() {
        notices.tell();
    }

    PipelineStats stats() {
        long elapsed = elapsed();
        long now = begun + elapsed;
        List<StageStats> rows = new ArrayList<>();
        stages.forEach(stage -> rows.add(stage.stats(now, elapsed)));
        ends.forEach(end -> rows.addAll(end.stats(now, elapsed)));
        return new PipelineStats(rows, wiring.stats(), Duration.ofNanos(elapsed));
    }

    /** How long the run has taken so far, or in all. */
    long elapsed() {
        // Not by the count of parties, which says that the run has ended a moment before the duration is there.
        long whole = duration;
        return whole < 0 ? System.nanoTime() - begun : whole;
    }

    StageStats stats(StageRun stage) {
        long elapsed = elapsed();
        return stage.stats(begun + elapsed, elapsed);
    }

    /** Whether all stages have ended, though the run may not have. */
    boolean isQuiet() {
        return stages.stream().allMatch(StageRun::hasEnded);
    }

    @Override
    public String toString() {
        String phase = hasEnded() ? "ended" : failure.get() == null ? "running" : "ending";
        return "PipelineRun[" + name + ", " + phase + "]";
    }
}
