namespace L2tpd.PppHosting.Userspace.Demand;

/// <summary>Packets that wait until their session is up: the first ones, within two limits. Loop thread only.</summary>
public sealed class DemandQueue
{
    /// <summary>Packets that may wait.</summary>
    public const int MostPackets = 32;

    /// <summary>Octets that may wait.</summary>
    public const int MostOctets = 64 * 1024;

    private readonly Queue<byte[]> _packets = new();
    private int _octets;

    /// <summary>Packets that wait.</summary>
    public int Count => _packets.Count;

    /// <summary>Whether a packet of that many octets has room.</summary>
    public bool HasRoom(int octets) => _packets.Count < MostPackets && _octets + octets <= MostOctets;

    /// <summary>Adds a packet, which has room.</summary>
    public void Add(byte[] packet)
    {
        _packets.Enqueue(packet);
        _octets += packet.Length;
    }

    /// <summary>Takes out all packets, the first one first.</summary>
    public byte[][] TakeAll()
    {
        byte[][] all = [.. _packets];
        _packets.Clear();
        _octets = 0;
        return all;
    }
}
