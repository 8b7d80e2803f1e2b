namespace L2tpd.PppHosting.BuiltIn;

/// <summary>
/// NAS-Port numbers (RFC 2865 section 5.5): one for each session that is up, over all tunnels, the lowest that is free. Session ids of L2TPv2
/// would not do, each tunnel has its own; and a number that only ever grows fills the tables that RADIUS servers keep by port.
/// </summary>
internal sealed class PortNumbers
{
    private readonly PriorityQueue<uint, uint> _free = new();
    private uint _next;

    /// <summary>Takes the lowest free number, from 1.</summary>
    public uint Take() => _free.TryDequeue(out var number, out _) ? number : ++_next;

    /// <summary>Gives a number back, once.</summary>
    public void GiveBack(uint number) => _free.Enqueue(number, number);
}
