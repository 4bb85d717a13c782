package dev.sluice.pipeline;

import java.util.List;

/** What several ways out of one stage have in common: their end. The items go down each of them by themselves. */
final class Outflow implements Downstream {
    private final List<Downstream> ways;

    private Outflow(List<Downstream> ways) {
        this.ways = ways;
    }

    /** All of them as one; the only one when there is one. */
    static Downstream of(List<Downstream> ways) {
        return ways.size() == 1 ? ways.get(0) : new Outflow(List.copyOf(ways));
    }

    @Override
    public boolean put(Object item, Meter meter) {
        throw new IllegalStateException("an item is put into one of the ways");
    }

    @Override
    public void attend() {
        ways.forEach(Downstream::attend);
    }

    @Override
    public void handOver() {
        ways.forEach(Downstream::handOver);
    }

    @Override
    public long received() {
        return ways.stream().mapToLong(Downstream::received).sum();
    }

    @Override
    public void end() {
        ways.forEach(Downstream::end);
    }

    @Override
    public void fail() {
        ways.forEach(Downstream::fail);
    }
}
