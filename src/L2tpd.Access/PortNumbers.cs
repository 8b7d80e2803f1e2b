namespace L2tpd.Access;

/// <summary>
/// NAS-Port numbers (RFC 2865 section 5.5): one per session that is up, over all tunnels, always the lowest free one. Session ids of L2TPv2
/// are unique only within their tunnel, and a number that only grows fills the tables that RADIUS servers keep by port.
/// </summary>
public sealed class PortNumbers
{
    private readonly PriorityQueue<uint, uint> _free = new();
    private uint _next;

    /// <summary>Takes the lowest free number, from 1.</summary>
    public uint Take() => _free.TryDequeue(out var number, out _) ? number : ++_next;

    /// <summary>Gives a number back, once.</summary>
    public void GiveBack(uint number) => _free.Enqueue(number, number);
}
