using L2tpd.Engine;
using L2tpd.Linux.Loop;
using L2tpd.Runtime.Loop;

namespace L2tpd.Runtime.Ipsec;

/// <summary>What connections to strongSwan share.</summary>
/// <param name="Events">The loop.</param>
/// <param name="Timers">Its timers.</param>
/// <param name="Faults">Takes exceptions.</param>
/// <param name="Source">Randomness.</param>
public sealed record ViciLoop(EventLoop Events, LoopTimers Timers, FaultLog Faults, IRandomSource Source)
{
    /// <summary>Octets that one turn reads of a connection.</summary>
    public const int ReadSize = 64 * 1024;

    /// <summary>What one turn reads.</summary>
    internal byte[] Buffer { get; } = new byte[ReadSize];

    /// <summary>A random number.</summary>
    internal uint Random()
    {
        Span<byte> octets = stackalloc byte[sizeof(uint)];
        Source.Fill(octets);
        return BitConverter.ToUInt32(octets);
    }
}
