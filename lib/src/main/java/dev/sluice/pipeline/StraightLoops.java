package dev.sluice.pipeline;

import dev.sluice.pipeline.Delivery.Outlet;
import org.jspecify.annotations.Nullable;

/** The loops of stages with one function, whose results go on as they come. */
final class StraightLoops {
    private StraightLoops() {}

    /** The loop for a stage of this kind; null when it is of another. */
    static @Nullable Loop of(StageRun stage, Intake intake, Outlet outlet, Meter meter, Emitter chain) {
        if (intake instanceof FeedIntake feed && ringBehind(chain) instanceof RingLink out) {
            return new Source(stage, outlet, meter, feed, out);
        }
        if (!outlet.isDirect() || !(intake instanceof LinkIntake links) || !(links.link() instanceof RingLink in)) {
            return null;
        }
        if (chain instanceof Steps.Map map && ringBehind(map.next()) instanceof RingLink out) {
            return new Relay(stage, outlet, meter, in, map, out);
        }
        if (chain instanceof Steps.Peek last && last.next() instanceof ChainEnd end && end.isNowhere()) {
            return new Sink(stage, outlet, meter, in, last);
        }
        return null;
    }

    private static @Nullable Downstream ringBehind(Emitter step) {
        return step instanceof ChainEnd end ? end.downstream() : null;
    }

    /** From the feed into a ring. */
    private static final class Source extends Loop {
        private final FeedIntake feed;
        private final RingLink out;

        Source(StageRun stage, Outlet outlet, Meter meter, FeedIntake feed, RingLink out) {
            super(stage, outlet, meter);
            this.feed = feed;
            this.out = out;
        }

        @Override
        boolean run() {
            while (isWanted()) {
                Object item = poll();
                if (item == null) {
                    return true;
                }
                boolean delivered;
                try {
                    delivered = out.put(item, meter);
                } catch (Throwable e) {
                    failed(item, e);
                    continue;
                }
                if (delivered) {
                    meter.completed();
                } else {
                    drop(item, null);
                }
            }
            return false;
        }

        private @Nullable Object poll() {
            try {
                return feed.poll(meter);
            } catch (Throwable e) {
                stage.failOutsideItems(feed.position(), e);
                return null;
            }
        }
    }

    /** From ring to ring. */
    private static final class Relay extends Loop {
        private final RingLink in;
        private final Steps.Map map;
        private final RingLink out;

        Relay(StageRun stage, Outlet outlet, Meter meter, RingLink in, Steps.Map map, RingLink out) {
            super(stage, outlet, meter);
            this.in = in;
            this.map = map;
            this.out = out;
        }

        @Override
        boolean run() {
            while (isWanted()) {
                Object item = in.poll(meter);
                if (item == null) {
                    return true;
                }
                boolean delivered;
                try {
                    delivered = out.put(map.result(item), meter);
                } catch (Throwable e) {
                    failed(item, e);
                    continue;
                }
                if (delivered) {
                    meter.completed();
                } else {
                    drop(item, null);
                }
            }
            return false;
        }
    }

    /** From a ring to the user's sink. */
    private static final class Sink extends Loop {
        private final RingLink in;
        private final Steps.Peek last;

        Sink(StageRun stage, Outlet outlet, Meter meter, RingLink in, Steps.Peek last) {
            super(stage, outlet, meter);
            this.in = in;
            this.last = last;
        }

        @Override
        boolean run() {
            while (isWanted()) {
                Object item = in.poll(meter);
                if (item == null) {
                    return true;
                }
                try {
                    last.look(item);
                } catch (Throwable e) {
                    failed(item, e);
                    continue;
                }
                meter.completed();
            }
            return false;
        }
    }
}
