package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class InflowTest {
    private static final class Noting implements Downstream {
        private final List<String> told = new ArrayList<>();

        @Override
        public boolean put(Object item, Meter meter) {
            told.add("" + item);
            return true;
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
}
