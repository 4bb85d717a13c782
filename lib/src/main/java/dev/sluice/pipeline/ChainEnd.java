package dev.sluice.pipeline;

/** Where a chain ends: what comes out of it goes into the next link. */
final class ChainEnd extends Emitter {
    private final Downstream downstream;
    private final Meter meter;
    private final Pass pass;

    ChainEnd(Downstream downstream, Meter meter, Pass pass) {
        this.downstream = downstream;
        this.meter = meter;
        this.pass = pass;
    }

    Downstream downstream() {
        return downstream;
    }

    boolean isNowhere() {
        return downstream == Downstream.NOWHERE;
    }

    @Override
    boolean emit(Object item) {
        pass.arrived();
        return downstream.put(item, meter);
    }

    /** Where a chain ends whose results do not leave the stage as they come. */
    static final class ToOutlet extends Emitter {
        private final Delivery.Outlet outlet;
        private final Pass pass;

        ToOutlet(Delivery.Outlet outlet, Pass pass) {
            this.outlet = outlet;
            this.pass = pass;
        }

        @Override
        boolean emit(Object item) {
            pass.arrived();
            return outlet.emit(item);
        }
    }
}
