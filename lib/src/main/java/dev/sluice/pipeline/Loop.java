package dev.sluice.pipeline;

import dev.sluice.pipeline.Delivery.Outlet;
import org.jspecify.annotations.Nullable;

/**
 * What a worker does while there is input: claim one, apply the stage's steps to it, hand on what comes of it. Belongs
 * to that worker's thread.
 *
 * <p>{@link GeneralLoop} does it for every stage. The stages that are most of all, those with one function and nothing
 * else, have loops of their own ({@link StraightLoops}), which do the same with the parts that they know: a virtual
 * machine compiles each for its own calls, and an item takes half the time of that in a loop which is shared by all.
 */
abstract class Loop {
    final StageRun stage;
    final Meter meter;
    private final Outlet outlet;
    private final Sampler sampler;
    // An input is at hand whose fate is not decided.
    private boolean holds;

    Loop(StageRun stage, Outlet outlet, Meter meter) {
        this.stage = stage;
        this.outlet = outlet;
        this.meter = meter;
        this.sampler = stage.sampler(meter);
    }

    static Loop of(StageRun stage, Intake intake, Outlet outlet, Hand hand) {
        Meter meter = hand.meter();
        Attempt attempt = stage.settings().isGuarded() ? hand.attempt : null;
        Pass pass = new Pass(stage.name(), outlet::wanted, null, attempt);
        Emitter chain = stage.chain(outlet, pass, meter);
        Loop straight = StraightLoops.of(stage, intake, outlet, meter, chain);
        return straight != null ? straight : new GeneralLoop(stage, intake, outlet, hand, chain, pass);
    }

    /** Works until there is no input at hand; false when no more is wanted. */
    abstract boolean run();

    /**
     * Whether to claim one more. An abort sets its mark before it interrupts: either the mark is seen here, or the
     * interrupt comes after the clearing.
     */
    final boolean isWanted() {
        sampleIfDue();
        Thread.interrupted();
        return stage.takesMore();
    }

    /** Between two inputs. */
    final void sampleIfDue() {
        if (meter.isSampleDue()) {
            sampler.look(System.nanoTime());
        }
    }

    /** Puts what came of an input, which has one result, when there is room for it; settles the input. */
    final void handOn(Object input, Object result, Downstream out) {
        boolean delivered;
        try {
            delivered = out.put(result, meter);
        } catch (Throwable e) {
            failed(input, e);
            return;
        }
        if (delivered) {
            meter.completed();
        } else {
            drop(input, null);
        }
    }

    /** The next link, or the end of a chain, has refused what came of an input. */
    final void drop(Object input, @Nullable Throwable reason) {
        holds = false;
        outlet.drop(input, reason);
    }

    /** The work on an input has thrown. Its fate is decided here; when that breaks down, the input is discarded. */
    final void failed(Object input, Throwable cause) {
        holds = true;
        try {
            decide(input, cause);
        } catch (Throwable defect) {
            if (holds) {
                holds = false;
                abandon(input, defect);
            }
            throw defect;
        }
    }

    /** What the work on an input has thrown may be of no account yet: it will be tried again. */
    boolean retries(Throwable cause) {
        return false;
    }

    /** An input that is at hand is lost by a defect. */
    private void abandon(Object input, Throwable defect) {
        outlet.drop(input, defect);
    }

    private void decide(Object input, Throwable cause) {
        if (cause instanceof Branches.NoBranch) {
            stage.unmatched(cause);
            drop(input, cause);
            stage.execution().tellDiscards();
            return;
        }
        if (!outlet.wanted()) {
            // Most likely it tells of the interrupt that came with the abort.
            stage.execution().suppress(cause);
            drop(input, null);
            return;
        }
        if (retries(cause)) {
            holds = false;
            return;
        }
        Fate fate = stage.onError().settle(stage, input, cause);
        if (fate != null) {
            if (fate == Fate.SKIPPED) {
                Tracked.refuse(input, cause);
            }
            holds = false;
            outlet.finish(input, fate);
        } else {
            fail(input, stage.failure(meter.position, cause), cause);
        }
    }

    private void fail(Object input, PipelineException failure, Throwable cause) {
        stage.markFailed();
        if (stage.onError().stopsEverything()) {
            drop(input, cause);
            stage.execution().failNow(failure);
        } else {
            holds = false;
            outlet.fail(input, failure, cause);
        }
    }
}
