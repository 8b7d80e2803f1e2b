using L2tpd.Linux.Interop;

namespace L2tpd.Linux.Netlink;

/// <summary>Receives the payload of one answer.</summary>
internal delegate void NetlinkAnswer(ReadOnlySpan<byte> payload);

/// <summary>Requests and answers over a transport: sequence numbers, acknowledgements, dumps. One request at a time.</summary>
internal sealed class NetlinkConnection(INetlinkTransport transport, TimeSpan timeout) : IDisposable
{
    // The kernel fills dump datagrams up to 32 KiB if the buffer of the last receive was that large.
    private readonly byte[] _buffer = new byte[32 * 1024];

    // How often a dump is requested again if the kernel calls it inconsistent: something changed in the meantime.
    private const int DumpTries = 5;

    private uint _sequence = (uint)Environment.TickCount;

    /// <summary>The request under construction.</summary>
    public NetlinkWriter Request { get; } = new();

    /// <summary>Sends the request, which asks for an acknowledgement, and receives answers until it comes.</summary>
    /// <param name="command">Name for errors.</param>
    /// <param name="what">Object for errors.</param>
    /// <param name="answer">Called for each answer, if any is expected.</param>
    public LinuxError Execute(string command, string what, NetlinkAnswer? answer = null)
    {
        Request.SetSequence(++_sequence, transport.PortId);
        var errno = transport.Send(Request.Message);
        return errno != 0 ? new LinuxError(errno, command, what) : Receive(command, what, answer, out _);
    }

    /// <summary>Sends the request, which asks for a dump, and receives answers until the end.</summary>
    /// <param name="command">Name for errors.</param>
    /// <param name="restart">Called when the dump starts again: discard the answers so far.</param>
    /// <param name="answer">Called for each answer.</param>
    public LinuxError Dump(string command, Action restart, NetlinkAnswer answer)
    {
        for (var attempt = 1; ; attempt++)
        {
            restart();
            Request.SetSequence(++_sequence, transport.PortId);
            var errno = transport.Send(Request.Message);
            if (errno != 0)
                return new LinuxError(errno, command, "");
            var error = Receive(command, "", answer, out var isInconsistent);
            if (!error.IsNone || !isInconsistent)
                return error;
            if (attempt == DumpTries)
                return new LinuxError(Errno.EINTR, command, "the kernel's table kept changing during the dump");
        }
    }

    public void Dispose() => transport.Dispose();

    private LinuxError Receive(string command, string what, NetlinkAnswer? answer, out bool isInconsistent)
    {
        isInconsistent = false;
        var end = MonotonicClock.NowMilliseconds + (long)timeout.TotalMilliseconds;
        while (true)
        {
            var count = transport.Receive(_buffer);
            if (count < 0)
                return new LinuxError(count == -Errno.EAGAIN ? Errno.ETIMEDOUT : -count, command, what);
            var isOurs = false;
            foreach (var message in new NetlinkMessages(_buffer.AsSpan(0, count)))
            {
                if (!IsOurs(message))
                    continue;
                isOurs = true;
                isInconsistent |= (message.Flags & Native.NLM_F_DUMP_INTR) != 0;
                switch (message.Type)
                {
                    case Native.NLMSG_ERROR or Native.NLMSG_DONE:
                        return NetlinkAcknowledgement.Read(message, command, what);
                    case Native.NLMSG_OVERRUN:
                        return new LinuxError(Errno.ENOBUFS, command, what);
                    case >= Native.GENL_ID_CTRL:
                        answer?.Invoke(message.Payload);
                        break;
                    default:
                        break;
                }
            }

            // Late answers to a request that timed out must not keep this one from timing out.
            if (isOurs)
                end = MonotonicClock.NowMilliseconds + (long)timeout.TotalMilliseconds;
            else if (MonotonicClock.NowMilliseconds >= end)
                return new LinuxError(Errno.ETIMEDOUT, command, what);
        }
    }

    private bool IsOurs(in NetlinkMessage message) =>
        message.Sequence == _sequence && (transport.PortId == 0 || message.Port == transport.PortId);
}
