namespace L2tpd.Engine.Data;

/// <summary>
/// Packets that came before their turn, each at the place of its number: a ring of <see cref="Capacity"/> places from the number expected
/// next. No clock: times are arguments. One thread only.
/// </summary>
internal sealed class ReorderQueue(PacketPool pool)
{
    /// <summary>How far ahead of the number expected a packet may be and be held.</summary>
    public const int Capacity = 64;

    private readonly byte[]?[] _packets = new byte[Capacity][];
    private readonly int[] _lengths = new int[Capacity];
    private readonly Instant[] _arrivals = new Instant[Capacity];

    public int Count { get; private set; }

    /// <summary>Holds a packet; false if its place is taken (it is a duplicate), no buffer is left, or it is too long for one.</summary>
    public bool TryHold(uint number, ReadOnlySpan<byte> packet, Instant now)
    {
        var place = Place(number);
        if (_packets[place] is not null || packet.Length > pool.Size || pool.TryRent() is not { } buffer)
            return false;
        packet.CopyTo(buffer);
        (_packets[place], _lengths[place], _arrivals[place]) = (buffer, packet.Length, now);
        Count++;
        return true;
    }

    public bool Holds(uint number) => _packets[Place(number)] is not null;

    /// <summary>When the packet came. Only for one that is held.</summary>
    public Instant ArrivalOf(uint number) => _arrivals[Place(number)];

    /// <summary>Takes a packet out. Its buffer goes back to the pool: it must be read before anything else is held.</summary>
    public bool TryTake(uint number, out ReadOnlySpan<byte> packet)
    {
        var place = Place(number);
        packet = default;
        if (_packets[place] is not { } buffer)
            return false;
        packet = buffer.AsSpan(0, _lengths[place]);
        _packets[place] = null;
        Count--;
        pool.GiveBack(buffer);
        return true;
    }

    private static int Place(uint number) => (int)(number % Capacity);
}
