package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
class LinkEndTest {
    /** A link into which the last item is put, and the end behind it, right after the first look into its buffer. */
    private static final class LateLink extends LinkStub {
        private boolean looked;

        @Override
        int waiting() {
            if (looked) {
                return 1;
            }
            looked = true;
            end();
            return 0;
        }
    }

    @Test
    @DisplayName(
            "scenario 32: a link is not over when its last item and the end come right after a look into the buffer")
    void linkIsNotOverWhenTheLastItemComesDuringTheLook() {
        Link link = new LateLink();
        assertThat(link.isOver()).isFalse();
        link.waiting();
        assertThat(link.state()).isEqualTo(Link.State.ENDED);
        assertThat(link.isOver()).isFalse();
    }

    /** Tells what it is to do, and then cannot. */
    private static final class FailingLink extends LinkStub {
        private final Set<String> fails;
        private final List<String> told = new ArrayList<>();

        FailingLink(Set<String> fails) {
            this.fails = fails;
        }

        private void tell(String what) {
            told.add(what);
            if (fails.contains(what)) {
                throw new OutOfMemoryError(what);
            }
        }

        @Override
        void discardAtOnce() {
            tell("discard");
        }

        @Override
        void wakePutters() {
            tell("wake putters");
        }

        @Override
        void wakeTakers() {
            tell("wake takers");
        }
    }

    @Test
    @DisplayName("scenario 46: an abort calls both sides though something fails meanwhile, as without memory")
    void abortCallsBothSidesThoughSomethingFails() {
        for (Set<String> fails :
                List.of(Set.of("discard"), Set.of("wake putters"), Set.of("discard", "wake putters"))) {
            FailingLink link = new FailingLink(fails);
            assertThatThrownBy(() -> link.abort(new IOException())).isInstanceOf(OutOfMemoryError.class);
            assertThat(link.told).containsExactly("discard", "wake putters", "wake takers");
            assertThat(link.state()).isEqualTo(Link.State.ABORTED);
        }
    }
}
