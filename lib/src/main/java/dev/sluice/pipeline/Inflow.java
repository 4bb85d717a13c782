package dev.sluice.pipeline;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One of several ways into the same link. The link ends when all of them have, and fails then if one has failed: before
 * that, somebody may still put.
 */
final class Inflow implements Downstream {
    /** What the ways into one link have in common. */
    private static final class Confluence {
        final Downstream link;
        final AtomicInteger open;
        // Written before the count goes down, read by who takes it to zero.
        volatile boolean failed;

        Confluence(Downstream link, int ways) {
            this.link = link;
            this.open = new AtomicInteger(ways);
        }

        void leave() {
            if (open.decrementAndGet() > 0) {
                return;
            }
            if (failed) {
                link.fail();
            } else {
                link.end();
            }
        }
    }

    private final Confluence shared;
    private final AtomicLong received = new AtomicLong();

    private Inflow(Confluence shared) {
        this.shared = shared;
    }

    /** As many ways into a link as are asked for; the link itself when that is one. */
    static List<Downstream> into(Downstream link, int ways) {
        if (ways == 1) {
            return List.of(link);
        }
        Confluence shared = new Confluence(link, ways);
        List<Downstream> inflows = new ArrayList<>();
        for (int i = 0; i < ways; i++) {
            inflows.add(new Inflow(shared));
        }
        return inflows;
    }

    @Override
    public boolean put(Object item, Meter meter) {
        if (!shared.link.put(item, meter)) {
            return false;
        }
        received.getAndIncrement();
        return true;
    }

    @Override
    public void attend() {
        shared.link.attend();
    }

    @Override
    public Put tryPut(Object item, Meter meter) {
        Put put = shared.link.tryPut(item, meter);
        if (put == Put.DONE) {
            received.getAndIncrement();
        }
        return put;
    }

    @Override
    public boolean watchRoom(Runnable call) {
        return shared.link.watchRoom(call);
    }

    @Override
    public void passOnRoom() {
        shared.link.passOnRoom();
    }

    @Override
    public void handOver() {
        shared.link.handOver();
    }

    @Override
    public long received() {
        return received.get();
    }

    @Override
    public void end() {
        shared.leave();
    }

    @Override
    public void fail() {
        shared.failed = true;
        shared.leave();
    }
}
