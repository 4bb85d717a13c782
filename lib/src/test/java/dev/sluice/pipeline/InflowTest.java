package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class InflowTest {
    private static final class Noting implements Downstream {
        private final List<String> told = new ArrayList<>();
        private Put answer = Put.DONE;

        @Override
        public boolean put(Object item, Meter meter) {
            return tryPut(item, meter) == Put.DONE;
        }

        @Override
        public Put tryPut(Object item, Meter meter) {
            told.add("" + item);
            return answer;
        }

        @Override
        public void attend() {
            told.add("attended");
        }

        @Override
        public boolean watchRoom(Runnable call) {
            call.run();
            return answer != Put.DONE;
        }

        @Override
        public void passOnRoom() {
            told.add("room passed on");
        }

        @Override
        public void handOver() {
            told.add("handed over");
        }

        @Override
        public void end() {
            told.add("end");
        }

        @Override
        public void fail() {
            told.add("failure");
        }
    }

    private final Noting link = new Noting();
    private final List<Downstream> ways = Inflow.into(link, 3);

    @Test
    void linkEndsWhenAllWaysHave() {
        ways.get(0).end();
        ways.get(2).end();
        assertThat(ways.get(1).put("item", new Meter())).isTrue();
        ways.get(1).end();
        assertThat(link.told).containsExactly("item", "end");
    }

    @Test
    @DisplayName("promise 3: a way that fails first has the link fail, when the others have ended")
    void linkFailsWhenTheFirstWayHas() {
        ways.get(0).fail();
        ways.get(1).end();
        ways.get(2).end();
        assertThat(link.told).containsExactly("failure");
    }

    @Test
    @DisplayName("promise 3: a way that fails last has the link fail")
    void linkFailsWhenTheLastWayHas() {
        ways.get(0).end();
        ways.get(1).end();
        ways.get(2).fail();
        assertThat(link.told).containsExactly("failure");
    }

    @Test
    void eachWayCountsWhatTheLinkHasTakenFromIt() {
        Downstream way = ways.get(0);
        assertThat(way.put("taken", new Meter())).isTrue();
        assertThat(way.tryPut("taken, too", new Meter())).isEqualTo(Downstream.Put.DONE);
        assertThat(way.received()).isEqualTo(2);
        link.answer = Downstream.Put.FULL;
        assertThat(way.put("not taken", new Meter())).isFalse();
        assertThat(way.tryPut("not taken either", new Meter())).isEqualTo(Downstream.Put.FULL);
        assertThat(way.received()).isEqualTo(2);
        assertThat(ways.get(1).received()).isZero();
    }

    @Test
    void whatAWayIsToldTheLinkIs() {
        Downstream way = ways.get(2);
        way.attend();
        way.passOnRoom();
        way.handOver();
        assertThat(way.watchRoom(() -> link.told.add("called"))).isFalse();
        link.answer = Downstream.Put.FULL;
        assertThat(way.watchRoom(() -> link.told.add("called"))).isTrue();
        assertThat(link.told).containsExactly("attended", "room passed on", "handed over", "called", "called");
    }

    @Test
    void thereAreAsManyWaysAsAreAskedFor() {
        assertThat(ways).hasSize(3).doesNotHaveDuplicates();
    }

    @Test
    void onlyWayIsTheLinkItself() {
        assertThat(Inflow.into(link, 1)).containsExactly(link);
    }
}
