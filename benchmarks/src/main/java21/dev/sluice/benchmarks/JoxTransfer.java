package dev.sluice.benchmarks;

import com.softwaremill.jox.Channel;

/** Jox's buffered channel as a queue. It has no transfer of several elements, so a batch is one after the other. */
final class JoxTransfer implements QueueKind.OnChannels {
    @Override
    public QueueKind.Transfer open(int capacity) {
        Channel<Integer> channel = Channel.newBufferedChannel(capacity);
        return new QueueKind.Transfer() {
            @Override
            void put(Integer element) throws InterruptedException {
                channel.send(element);
            }

            @Override
            Integer take() throws InterruptedException {
                return channel.receive();
            }

            @Override
            int take(Integer[] into) throws InterruptedException {
                into[0] = channel.receive();
                return 1;
            }

            /** It does not say; closed, it gives what is left. */
            @Override
            int size() {
                channel.done();
                int left = 0;
                try {
                    while (channel.receiveOrClosed() instanceof Integer) {
                        left++;
                    }
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                return left;
            }
        };
    }
}
