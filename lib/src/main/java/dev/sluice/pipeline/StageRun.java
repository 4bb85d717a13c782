package dev.sluice.pipeline;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * A stage of one run: its workers, what they share, and how it ends.
 *
 * <p>It ends in one place: the last worker to leave tells the next stage that there will be no more, either because all
 * inputs have been taken and none has failed the stage, or because of a failure. A failure is marked before its worker
 * leaves, so the last one sees it.
 */
final class StageRun {
    private final Execution execution;
    private final int index;
    private final String name;
    private final StageDefinition definition;
    private final @Nullable Link input;
    private final List<Way> ways;
    /** Where the ways lead. */
    private final List<Downstream> targets;

    private final Downstream downstream;
    private final Intake intake;
    private final Delivery delivery;
    private final @Nullable Window window;
    private final Timings timings = Timings.none();
    private final Tracing tracing;
    private final @Nullable PoolTurns pool;
    private final Staff staff;
    /** Makes the threads of its workers; null as long as none have been started. */
    private volatile @Nullable ThreadFactory threads;
    // Counted here and not by the workers: whoever aborts the run discards for them.
    private final AtomicLong discarded = new AtomicLong();
    private final AtomicBoolean unmatched = new AtomicBoolean();
    private final AtomicBoolean sinkFailed = new AtomicBoolean();
    /** For what breaks when there is no memory to tell of it. */
    private final PipelineException lastResort;

    // Not an AtomicBoolean: that is linked at its first call, which takes memory.
    private final AtomicInteger lastResortUses = new AtomicInteger();

    private volatile boolean failed;
    // Aborted or failed: what is asked before each input.
    private volatile boolean stopped;
    // Set before the links are aborted and the workers interrupted; never taken back.
    private volatile @Nullable Throwable abortReason;

    StageRun(
            Execution execution,
            int index,
            String name,
            StageDefinition definition,
            @Nullable Link input,
            Intake intake,
            List<Way> ways,
            List<Downstream> targets) {
        this.execution = execution;
        this.index = index;
        this.name = name;
        this.lastResort = new PipelineException(name);
        this.definition = definition;
        this.input = input;
        this.intake = intake;
        this.ways = ways;
        this.targets = targets;
        this.downstream = Outflow.of(targets);
        this.tracing = new Tracing(execution.name(), name);
        Settings settings = definition.settings();
        this.delivery = settings.reorders() ? new Reorder(this, settings.window()) : new DirectDelivery(this);
        this.window = settings.isStepped() && input != null ? window(settings, input) : null;
        this.pool = settings.pool() == null ? null : new PoolTurns(settings.pool(), this);
        this.staff = new Staff(
                Stream.generate(this::worker).limit(settings.workers()).toList());
        if (input != null && settings.isMany()) {
            input.dismissesTakers(staff::hasSurplus);
        }
    }

    /** One more worker, not begun. */
    Hand worker() {
        return window == null ? new Worker(this, intake, delivery) : new StepWorker(this, window, pool);
    }

    private Window window(Settings settings, Link link) {
        if (settings.keyOf() != null) {
            return new KeyedWindow(this, link, settings.window(), settings.keyOf(), settings.perKey());
        }
        return settings.reorders()
                ? new OrderedWindow(this, link, settings.window())
                : new FreeWindow(this, link, settings.window());
    }

    Execution execution() {
        return execution;
    }

    int index() {
        return index;
    }

    String name() {
        return name;
    }

    Tracing tracing() {
        return tracing;
    }

    Sampler sampler(Meter meter) {
        return new Sampler(meter, input, timings, definition.settings().reorders());
    }

    OnError onError() {
        return definition.settings().onError();
    }

    Settings settings() {
        return definition.settings();
    }

    List<Hand> workers() {
        return staff.hands();
    }

    /** How many workers there are to be. */
    int wanted() {
        return staff.wanted();
    }

    /** Makes the threads of its workers from here on. */
    void threads(ThreadFactory factory) {
        threads = factory;
    }

    @Nullable
    ThreadFactory threads() {
        return threads;
    }

    /** By a party of the run; does nothing when the stage has ended. */
    void resize(int n) {
        new Hiring(this, staff).resize(n);
        callWhoMayLeave();
    }

    /** Whether the worker that asks is one too many, and leaves. */
    boolean letsGo() {
        if (!staff.letsGo()) {
            return false;
        }
        if (window == null) {
            // It may have been called for an item. That of a window is passed on when the worker ends.
            callWhoMayLeave();
        }
        return true;
    }

    private void callWhoMayLeave() {
        if (window != null) {
            window.callAll();
        } else if (input != null) {
            input.wakeTakers();
        }
    }

    void hasLeft(Hand hand) {
        staff.left(hand, execution.elapsed());
    }

    /** What it has taken; null when its workers wait. For tests, too. */
    @Nullable
    Window window() {
        return window;
    }

    /** Whether its workers get their threads from a pool of the user's. */
    boolean sharesThreads() {
        return definition.settings().pool() != null;
    }

    /** Has the end of a worker run in a thread that can be had. */
    void startEnd(Runnable end) {
        execution.startThread(name(), end);
    }

    Downstream downstream() {
        return downstream;
    }

    /** What a worker does with each input. */
    Emitter chain(Delivery.Outlet outlet, Pass pass, Meter meter) {
        Route<?> route = definition.route();
        Emitter end = route == null
                ? Op.all(ways.get(0).ops(), closing(outlet.end(pass), pass), pass)
                : route.onto(branches(outlet, pass, meter));
        Emitter chain = Op.all(definition.ops(), end, pass);
        return execution.isTold() ? new Tracked.Opening(chain, pass) : chain;
    }

    private Emitter closing(Emitter end, Pass pass) {
        return execution.isTold() ? new Tracked.Closing(end, pass) : end;
    }

    private Branches branches(Delivery.Outlet outlet, Pass pass, Meter meter) {
        List<Emitter> branches = new ArrayList<>();
        for (int i = 0; i < ways.size(); i++) {
            Emitter end = closing(outlet.end(targets.get(i), meter, pass), pass);
            branches.add(Op.all(ways.get(i).ops(), end, pass));
        }
        return new Branches(name, ways.stream().map(Way::accepts).toList(), branches, pass);
    }

    boolean isAborted() {
        return abortReason != null;
    }

    /** Why work is discarded here: the reason of the abort, or the one given, or the failure of the run. */
    Throwable reasonOr(@Nullable Throwable other) {
        Throwable reason = abortReason != null ? abortReason : other;
        return reason != null ? reason : execution.stopReason();
    }

    /** Whether one more input is wanted. A stage that has failed stops by itself: the source has no link to be aborted. */
    boolean takesMore() {
        return !stopped;
    }

    void markFailed() {
        failed = true;
        stopped = true;
    }

    /** A source gives no more; the others go on. */
    void cut() {
        if (intake instanceof FeedIntake feed) {
            feed.cut();
            stopped = true;
        } else if (intake instanceof PublisherIntake publisher) {
            publisher.cut();
        }
    }

    /** After a cut: interrupts the source, if the user's code does not return. */
    void hurry() {
        if (intake instanceof FeedIntake feed && !hasEnded() && stats(0, 1).inFlight() == 0) {
            workers().forEach(worker -> feed.interrupt(worker.interrupts()));
        }
    }

    /** The workers that are at work at this moment. */
    List<DrainReport.StillRunning> running() {
        List<DrainReport.StillRunning> running = new ArrayList<>();
        for (Hand worker : workers()) {
            Thread thread = worker.interrupts().worker();
            if (thread != null) {
                running.add(new DrainReport.StillRunning(name(), thread.getName(), List.of(thread.getStackTrace())));
            }
        }
        return running;
    }

    void failOutsideItems(long position, Throwable cause) {
        if (intake instanceof FeedIntake feed && feed.isCut() && Failures.isInterrupt(cause)) {
            // It tells of the interrupt that made the source end.
            return;
        }
        if (isAborted()) {
            execution.suppress(cause);
            return;
        }
        markFailed();
        execution.fail(failure(position, cause), index);
    }

    /** Something broke that is not the work on an item, or memory has run out. Throws nothing, and needs no memory. */
    void breakDown(Throwable cause) {
        markFailed();
        execution.failNow(failure(-1, cause));
    }

    /** A failure of this stage; without memory the one that is there for that, and knows of no item. */
    PipelineException failure(long position, Throwable cause) {
        try {
            return new PipelineException(name(), position, cause);
        } catch (OutOfMemoryError e) {
            if (lastResortUses.getAndIncrement() == 0) {
                lastResort.initCause(cause);
            }
            return lastResort;
        }
    }

    void settle(Object input, Fate fate, Meter meter) {
        meter.settled(fate, intake.count(input));
        Tracked.release(input);
    }

    /** No branch accepts an item. What nobody may have asked to be told of is logged, once. */
    void unmatched(Throwable reason) {
        if (unmatched.compareAndSet(false, true)) {
            try {
                LoggerFactory.getLogger(PipelineRun.class)
                        .warn("{}: {}; it is discarded, and so are others like it", execution, reason.getMessage());
            } catch (Throwable e) {
                // As below.
            }
        }
    }

    /** By any thread. */
    void discard(Object input, Throwable reason) {
        // First of all, and without memory: the accounts add up, whoever can be told of it.
        discarded.getAndAdd(intake.count(input));
        try {
            for (Object item : intake.items(input)) {
                execution.discard(item, name(), reason);
            }
            Tracked.refuse(input, reason);
        } catch (OutOfMemoryError e) {
            execution.untold(e);
        }
    }

    /** By any thread: the input has met its fate, but not all that it gave goes on. */
    void refuse(Object input, Throwable reason) {
        try {
            Tracked.refuse(input, reason);
        } catch (OutOfMemoryError e) {
            execution.untold(e);
        }
    }

    /** By a worker, without a lock: the item is discarded because where it was to go has failed; the stage goes on. */
    void lost(Object input, Throwable reason, Throwable sinkFailure) {
        discardLast(input, reason);
        if (sinkFailed.compareAndSet(false, true)) {
            tryReport(sinkFailure);
        }
        try {
            execution.tellDiscards();
        } catch (OutOfMemoryError e) {
            // The item has met its fate. Who leaves the run tells of it.
        }
    }

    private void tryReport(Throwable sinkFailure) {
        try {
            LoggerFactory.getLogger(OnError.class)
                    .warn(
                            "{}: the dead-letter sink of stage '{}' failed; the item is discarded; further failures of it are not logged",
                            execution,
                            name(),
                            sinkFailure);
        } catch (Throwable e) {
            // The log is the user's, and memory may have run out: neither is a failure of the item.
        }
    }

    /** First step of an abort. Of two at the same time either may give the reason. */
    void markAborted(Throwable reason) {
        if (abortReason == null) {
            abortReason = reason;
        }
        stopped = true;
    }

    /** Last step of an abort: frees and interrupts the workers. */
    void stop(Throwable reason) {
        try {
            delivery.abort(reason);
        } finally {
            List<Hand> workers = workers();
            for (int i = 0; i < workers.size(); i++) {
                stop(workers.get(i));
            }
        }
    }

    /** Whatever comes of it: the others are to be stopped, too. */
    private void stop(Hand worker) {
        try {
            worker.interrupts().interrupt();
            worker.call();
        } catch (Throwable e) {
            execution.suppress(e);
        }
    }

    void workerEnds(Interrupts interrupts) {
        if (!staff.ends()) {
            return;
        }
        closeIntake();
        if (!failed && !isAborted() && intake.hasEnded()) {
            endDownstream(interrupts);
        } else {
            failDownstream(interrupts);
        }
    }

    private void closeIntake() {
        discardRest();
        try {
            tracing.ended(() -> execution.stats(this));
        } catch (Throwable e) {
            // Not the user's code.
            breakDown(e);
        }
        try {
            intake.close();
        } catch (Throwable e) {
            failOutsideItems(-1, e);
        }
    }

    /** By the last worker: what has not left, each whatever becomes of the others. */
    private void discardRest() {
        Throwable reason = lastReason();
        try {
            delivery.discardRest();
        } catch (Throwable e) {
            breakDown(e);
            // The others: since the run has failed, nothing is thrown.
            delivery.discardRest();
        }
        if (window != null) {
            List<Work> rest = window.rest();
            for (int i = 0; i < rest.size(); i++) {
                Work work = rest.get(i);
                if (work.settled) {
                    refuse(work.input, reason);
                } else {
                    discardLast(work.input, reason);
                }
            }
        }
        Object rest = intake.rest();
        if (rest != null) {
            discardLast(rest, reason);
        }
    }

    private Throwable lastReason() {
        try {
            return reasonOr(null);
        } catch (OutOfMemoryError e) {
            breakDown(e);
            return e;
        }
    }

    private void discardLast(Object input, Throwable reason) {
        try {
            discard(input, reason);
        } catch (Throwable e) {
            // It counts as discarded already.
            breakDown(e);
        }
    }

    /** The end of a collector is the user's code, and may be interrupted. */
    private void endDownstream(Interrupts interrupts) {
        interrupts.enter();
        try {
            interruptIfAborted();
            downstream.end();
        } catch (Throwable e) {
            failOutsideItems(-1, e);
            interruptIfAborted();
            downstream.fail();
        } finally {
            interrupts.leave();
        }
    }

    /** The interrupt of an abort may have come before this thread could be interrupted, or have been used up. */
    private void interruptIfAborted() {
        if (isAborted()) {
            Thread.currentThread().interrupt();
        }
    }

    void runEnds() throws Exception {
        intake.runEnds();
    }

    /**
     * What is waited for there ends when the run is stopped: the mark is set before the interrupt comes. What interrupt the
     * thread had before is not of the run: it may be the one that started it.
     */
    private void failDownstream(Interrupts interrupts) {
        boolean interrupted = Thread.interrupted();
        interrupts.enter();
        try {
            interruptIfAborted();
            downstream.fail();
        } finally {
            interrupts.leave();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    StageStats stats(long now, long elapsed) {
        List<Meter> meters = staff.meters();
        meters.forEach(Meter::sampleSoon);
        return StageStats.of(
                name(),
                wanted(),
                meters,
                intake::taken,
                discarded.get(),
                downstream.received(),
                input,
                timings,
                window == null ? null : window.fullKey(),
                now,
                elapsed);
    }

    boolean hasEnded() {
        return staff.hasEnded();
    }

    /** What is to be said of this stage, if anything, by whom that has seen this much of it. */
    @Nullable
    Stall stall(Stall.Suspicion suspicion, long now) {
        long moved = intake.taken() + downstream.received() + discarded.get();
        Thread culprit = null;
        for (Meter meter : staff.meters()) {
            for (Fate fate : Fate.values()) {
                moved += meter.get(fate);
            }
        }
        for (Hand worker : workers()) {
            culprit = culprit != null ? culprit : worker.atWork();
        }
        return suspicion.look(name, moved, input == null ? -1 : input.waiting(), culprit, now);
    }
}
