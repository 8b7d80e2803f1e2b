using L2tpd.Linux.Sockets;

namespace L2tpd.Bench;

/// <summary>The loop of a bare responder: it reads a batch, answers it, acknowledges what got no answer, and sends, until it is killed.</summary>
/// <param name="socket">Where it answers. Same system calls as l2tpd.</param>
internal abstract class AnswerLoop(UdpSocket socket)
{
    public void Run()
    {
        using var input = new ReceiveBatch();
        using var output = new SendBatch();
        while (true)
        {
            var count = socket.Receive(input);
            for (var i = 0; i < count; i++)
                Answer(input.Payload(i), input.Source(i), output);
            if (count < input.Capacity)
                SendAcks(output);
            Flush(output);
            if (count <= 0)
                Poll.ForInput(socket.Descriptor, 1000);
        }
    }

    /// <summary>Answers one message, or remembers that an acknowledgement is owed.</summary>
    protected abstract void Answer(ReadOnlySpan<byte> message, in SockAddr peer, SendBatch output);

    /// <summary>Sends the acknowledgements that are owed: nothing more waits in the socket.</summary>
    protected abstract void SendAcks(SendBatch output);

    protected void Add(ReadOnlySpan<byte> reply, in SockAddr peer, SendBatch output)
    {
        if (output.IsFull)
            Flush(output);
        output.TryAdd(peer, default, 0, reply);
    }

    private void Flush(SendBatch output)
    {
        while (output.Count > 0 && !socket.Send(output))
            Thread.Yield();
        output.Clear();
    }
}
