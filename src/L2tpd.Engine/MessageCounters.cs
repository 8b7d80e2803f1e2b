using L2tpd.Protocol.Messages;

namespace L2tpd.Engine;

/// <summary>Control messages of tunnels by type: those sent, without repetitions, and those received in order.</summary>
public sealed class MessageCounters
{
    private const int Types = 32;

    private readonly long[] _sent = new long[Types];
    private readonly long[] _received = new long[Types];

    /// <summary>Messages of each type that was sent or received.</summary>
    public IEnumerable<(MessageType Type, long Sent, long Received)> All =>
        Enumerable.Range(0, Types).Where(type => _sent[type] + _received[type] > 0)
            .Select(type => ((MessageType)type, _sent[type], _received[type]));

    internal void CountSent(MessageType type) => _sent[IndexOf(type)]++;

    internal void CountReceived(MessageType type) => _received[IndexOf(type)]++;

    // The type is a number of the peer: all numbers that no RFC has share the first place.
    private static int IndexOf(MessageType type) => Enum.IsDefined(type) && (int)type < Types ? (int)type : 0;
}
