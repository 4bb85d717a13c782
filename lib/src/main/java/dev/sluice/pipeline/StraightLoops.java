package dev.sluice.pipeline;

import dev.sluice.internal.RingEnd;
import dev.sluice.pipeline.Delivery.Outlet;
import org.jspecify.annotations.Nullable;

/**
 * The loops of stages with one function, whose results go on as they come, through rings with one thread on each side.
 *
 * <p>They work through the items that are known to be there in a run. What they need for an item they keep in local
 * variables: after each publication a virtual machine reads every field again, and there are more of those on the way
 * of an item than instructions of any other kind. A run ends early for all that is not the rule: a failure, a ring
 * that is full, a sample that is due. What is done for each item is what {@link Ring}, {@link RingLink} and {@link Loop#isWanted} do.
 */
final class StraightLoops {
    private StraightLoops() {}

    /** The loop for a stage of this kind; null when it is of another. */
    static @Nullable Loop of(StageRun stage, Intake intake, Outlet outlet, Meter meter, Emitter chain) {
        if (intake instanceof FeedIntake feed) {
            RingLink out = ringBehind(chain);
            return out == null ? null : new Source(stage, outlet, meter, feed, out);
        }
        if (!outlet.isDirect() || !(intake instanceof LinkIntake links)) {
            return null;
        }
        RingLink in = single(links.link());
        if (in == null) {
            return null;
        }
        if (chain instanceof Steps.Map map) {
            RingLink out = ringBehind(map.next());
            return out == null ? null : new Relay(stage, outlet, meter, in, map, out);
        }
        if (chain instanceof Steps.Peek last && last.next() instanceof ChainEnd end && end.isNowhere()) {
            return new Sink(stage, outlet, meter, in, last);
        }
        return null;
    }

    private static @Nullable RingLink ringBehind(Emitter step) {
        return step instanceof ChainEnd end ? single(end.downstream()) : null;
    }

    private static @Nullable RingLink single(Downstream link) {
        return link instanceof RingLink ring && ring.isSingle() ? ring : null;
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
                if (!feed(meter.nextSample(feed.taken()))) {
                    return true;
                }
            }
            return false;
        }

        /** Up to item number {@code end}; false when there is no more. */
        private boolean feed(long end) {
            StageRun stage = this.stage;
            Meter meter = this.meter;
            Waiters takers = out.takers();
            RingEnd putting = out.ring().in;
            @Nullable Object[] to = out.ring().cells();
            long place = putting.index();
            long limit = putting.limit();
            long completed = meter.completedSoFar();
            do {
                Object item = poll();
                if (item == null) {
                    return false;
                }
                if (place >= limit) {
                    handOn(item, item, out);
                    return true;
                }
                to[(int) place & (to.length - 1)] = item;
                place++;
                putting.publish(place);
                takers.callIfSeen();
                completed++;
                meter.completed(completed);
                Thread.interrupted();
            } while (stage.takesMore() && meter.position + 1 < end);
            return true;
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
                long index = in.ring().out.index();
                long end = Math.min(in.ring().filled(index), meter.nextSample(index));
                if (index == end) {
                    return true;
                }
                relay(index, end);
            }
            return false;
        }

        /** What is in the ring from {@code index} on, up to {@code end} at most; at least one. */
        private void relay(long index, long end) {
            StageRun stage = this.stage;
            Meter meter = this.meter;
            Steps.Map map = this.map;
            Waiters putters = in.putters();
            Waiters takers = out.takers();
            RingEnd taking = in.ring().out;
            RingEnd putting = out.ring().in;
            @Nullable Object[] from = in.ring().cells();
            @Nullable Object[] to = out.ring().cells();
            long place = putting.index();
            long limit = putting.limit();
            long completed = meter.completedSoFar();
            do {
                int cell = (int) index & (from.length - 1);
                Object item = from[cell];
                from[cell] = null;
                meter.position = index;
                index++;
                taking.publish(index);
                if (putters.areSeen()) {
                    in.callPutters();
                }
                Object result;
                try {
                    result = map.result(item);
                } catch (Throwable e) {
                    failed(item, e);
                    return;
                }
                if (place >= limit) {
                    handOn(item, result, out);
                    return;
                }
                to[(int) place & (to.length - 1)] = result;
                place++;
                putting.publish(place);
                takers.callIfSeen();
                completed++;
                meter.completed(completed);
                Thread.interrupted();
            } while (stage.takesMore() && index < end);
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
                long index = in.ring().out.index();
                long end = Math.min(in.ring().filled(index), meter.nextSample(index));
                if (index == end) {
                    return true;
                }
                sink(index, end);
            }
            return false;
        }

        /** What is in the ring from {@code index} on, up to {@code end} at most; at least one. */
        private void sink(long index, long end) {
            StageRun stage = this.stage;
            Meter meter = this.meter;
            Steps.Peek last = this.last;
            Waiters putters = in.putters();
            RingEnd taking = in.ring().out;
            @Nullable Object[] from = in.ring().cells();
            long completed = meter.completedSoFar();
            do {
                int cell = (int) index & (from.length - 1);
                Object item = from[cell];
                from[cell] = null;
                meter.position = index;
                index++;
                taking.publish(index);
                if (putters.areSeen()) {
                    in.callPutters();
                }
                try {
                    last.look(item);
                } catch (Throwable e) {
                    failed(item, e);
                    return;
                }
                completed++;
                meter.completed(completed);
                Thread.interrupted();
            } while (stage.takesMore() && index < end);
        }
    }
}
