package dev.sluice.pipeline;

import dev.sluice.pipeline.Delivery.Outlet;
import org.jspecify.annotations.Nullable;

/** The loop that suits every stage. */
final class GeneralLoop extends Loop {
    private final Intake intake;
    private final Outlet outlet;
    private final Hand hand;
    private final Emitter chain;
    private final Pass pass;
    /** Somebody is told of items that are done, too, and soon. */
    private final boolean tells;

    GeneralLoop(StageRun stage, Intake intake, Outlet outlet, Hand hand, Emitter chain, Pass pass) {
        super(stage, outlet, hand.meter());
        this.hand = hand;
        this.intake = intake;
        this.outlet = outlet;
        this.chain = chain;
        this.pass = pass;
        this.tells = stage.execution().isTold();
    }

    @Override
    boolean run() {
        while (isWanted() && !hand.isDismissed() && outlet.reserve()) {
            Object input = poll();
            if (input == null) {
                outlet.release();
                return true;
            }
            begin(input);
            apply(input);
            if (tells) {
                stage.execution().tellDiscards();
            }
        }
        outlet.leave();
        return false;
    }

    private @Nullable Object poll() {
        try {
            return intake.poll(meter);
        } catch (Throwable e) {
            stage.failOutsideItems(intake.position(), e);
            return null;
        }
    }

    private void begin(Object input) {
        try {
            outlet.begin(input, meter.position);
        } catch (Throwable defect) {
            stage.discard(input, defect);
            throw defect;
        }
    }

    private void apply(Object input) {
        boolean delivered;
        try {
            pass.begin();
            delivered = outlet.wanted() && Emitter.push(chain, input);
        } catch (Throwable e) {
            failed(input, e);
            return;
        }
        if (delivered) {
            outlet.finish(input, pass.fate());
        } else {
            drop(input, null);
        }
    }
}
