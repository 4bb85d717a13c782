package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

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
}
